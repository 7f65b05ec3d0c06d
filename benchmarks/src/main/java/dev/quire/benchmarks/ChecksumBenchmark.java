package dev.quire.benchmarks;

import dev.quire.io.page.PageHeader;
import dev.quire.io.page.PageLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32C;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Judging a page that is in memory: the step of a first touch, of a backup and of a check that is not I/O. The path is
 * {@link PageHeader#verifies}, once over a sealed page: CRC32C with its salt, number and length.
 *
 * <p>Baselines: the JDK's CRC32C over the same bytes, and a sum of their longs, which is what reading them costs
 * anyway. The pages are a ring of 256 KiB, so all of it is hot. No disk, no durability.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(
        value = 3,
        jvmArgsAppend = {Flags.HEAP_MIN, Flags.HEAP_MAX, Flags.TOUCH})
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@State(Scope.Thread)
public class ChecksumBenchmark {

    private static final int RING_BYTES = 256 * 1024;
    private static final long SIGNATURE = 0x5155_4952_4521L;

    /** Bytes of a page. */
    @Param({"4096", "8192", "16384", "32768", "65536"})
    public int pageBytes;

    private final CRC32C crc = new CRC32C();
    private ByteBuffer ring;
    private int at;

    /** Seals the pages. */
    @Setup
    public void seal() {
        ring = ByteBuffer.allocateDirect(RING_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < RING_BYTES; i += Long.BYTES) {
            ring.putLong(i, Records.mix(i));
        }
        for (int start = 0; start < RING_BYTES; start += pageBytes) {
            PageHeader.init(ring, start, PageLayout.TYPE_RAW, 1, start / pageBytes);
            PageHeader.seal(ring, start, pageBytes, SIGNATURE, start / pageBytes);
        }
    }

    /** What a page costs at its first touch, but for reading it. */
    @Benchmark
    public boolean verify() {
        int page = step();
        return PageHeader.verifies(ring, page, pageBytes, SIGNATURE, page / pageBytes);
    }

    /** Baseline: the checksum alone. */
    @Benchmark
    public long bareCrc32c() {
        int page = step();
        crc.reset();
        crc.update(ring.limit(page + pageBytes).position(page));
        ring.clear();
        return crc.getValue();
    }

    /** Baseline: looking at every long. */
    @Benchmark
    public long bareSum() {
        long sum = 0;
        int page = step();
        for (int end = page + pageBytes, i = page; i < end; i += Long.BYTES) {
            sum += ring.getLong(i);
        }
        return sum;
    }

    private int step() {
        at = at + pageBytes & RING_BYTES - 1;
        return at;
    }
}

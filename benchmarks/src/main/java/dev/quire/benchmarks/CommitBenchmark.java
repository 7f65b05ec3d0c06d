package dev.quire.benchmarks;

import dev.quire.WriteTransaction;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Durable commits of one put of 16 and 100 bytes under a random key, by 1 and by 16 writers: begin, put, encode,
 * append, force, publish. Each returns when a power cut could not take it back. Checkpoints run beside them as they
 * are due.
 *
 * <p>Baseline: as many threads, each of which writes 512 bytes, what the smallest batch has, to the next place of a
 * file of written zeros and forces it, with {@code force(false)}.
 */
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(
        value = 3,
        jvmArgsAppend = {Flags.HEAP_MIN, Flags.HEAP_MAX, Flags.TOUCH})
@Warmup(iterations = 6, time = 2)
@Measurement(iterations = 5, time = 2)
public class CommitBenchmark {

    private static final int WRITERS = 16;

    /** The instance. */
    @State(Scope.Benchmark)
    public static class Store {

        private final AtomicLong numbers = new AtomicLong();
        private StoreFixture fixture;

        /** Makes it. */
        @Setup
        public void open() {
            fixture = StoreFixture.empty("commits");
        }

        /** Deletes it. */
        @TearDown
        public void close() {
            fixture.close();
        }
    }

    /** The file of the baseline. */
    @State(Scope.Benchmark)
    public static class Zeros {

        private static final int FILE_BYTES = 64 << 20;
        private static final int WRITE_BYTES = 512;

        private final AtomicLong turns = new AtomicLong();
        private Path path;
        private FileChannel file;

        /** Makes it. */
        @Setup
        public void open() throws IOException {
            path = Scratch.fresh("zeros");
            file = Scratch.filled(path, FILE_BYTES, true);
        }

        /** Deletes it. */
        @TearDown
        public void close() throws IOException {
            file.close();
            Scratch.delete(path);
        }
    }

    /** What a writer has to itself. */
    @State(Scope.Thread)
    public static class Writer {

        private final byte[] key = new byte[Records.KEY_BYTES];
        private final byte[] value = new byte[Records.VALUE_BYTES];
        private final ByteBuffer sector = ByteBuffer.allocateDirect(Zeros.WRITE_BYTES);
    }

    /** Through the API, one writer. */
    @Benchmark
    @Threads(1)
    public void quire1(Store store, Writer writer) {
        commit(store, writer);
    }

    /** Through the API, sixteen writers. */
    @Benchmark
    @Threads(WRITERS)
    public void quire16(Store store, Writer writer) {
        commit(store, writer);
    }

    /** Baseline of one. */
    @Benchmark
    @Threads(1)
    public void bare1(Zeros zeros, Writer writer) throws IOException {
        force(zeros, writer);
    }

    /** Baseline of sixteen. */
    @Benchmark
    @Threads(WRITERS)
    public void bare16(Zeros zeros, Writer writer) throws IOException {
        force(zeros, writer);
    }

    private static void commit(Store store, Writer writer) {
        long number = store.numbers.getAndIncrement();
        Records.key(number, writer.key);
        Records.value(number, writer.value);
        try (WriteTransaction tx = store.fixture.instance.beginWrite()) {
            tx.table(store.fixture.database, StoreFixture.TABLE).put(writer.key, writer.value);
            tx.commit();
        }
    }

    private static void force(Zeros zeros, Writer writer) throws IOException {
        long position = zeros.turns.getAndIncrement() * Zeros.WRITE_BYTES % Zeros.FILE_BYTES;
        writer.sector.clear().putLong(0, position);
        zeros.file.write(writer.sector, position);
        zeros.file.force(false);
    }
}

package dev.quire.benchmarks;

import dev.quire.RawPages;
import dev.quire.ReadTransaction;
import dev.quire.io.BytesView;
import dev.quire.io.page.PageLayout;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * The first read of a page after opening, through the public API: it is read from the file into memory of the thread
 * and judged there, then found in the map. The pages are in the system's cache: what is measured is our work, not the
 * disk.
 *
 * <p>Baseline: a positional read of the same page into a direct buffer, not judged. Each iteration opens the instance
 * anew and touches every page once, in random order, so that nothing is read ahead. No durability.
 */
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(
        value = 3,
        jvmArgsAppend = {Flags.HEAP_MIN, Flags.HEAP_MAX, Flags.TOUCH})
@Warmup(iterations = 40)
@Measurement(iterations = 20)
@State(Scope.Thread)
public class FirstTouchBenchmark {

    private static final int PAGES = 4096;

    private RawStore store;
    private FileChannel file;
    private ByteBuffer target;
    private ReadTransaction tx;
    private RawPages raw;
    private final BytesView view = new BytesView();
    private final long[] order = new long[PAGES];

    /** Makes the store. */
    @Setup
    public void make() throws IOException {
        store = new RawStore("first-touch", PAGES);
        target = ByteBuffer.allocateDirect(store.database().pageBytes()).order(ByteOrder.LITTLE_ENDIAN);
        System.arraycopy(store.pages, 0, order, 0, PAGES);
        for (int i = PAGES - 1; i > 0; i--) {
            int other = Records.pick(i, i + 1);
            long page = order[i];
            order[i] = order[other];
            order[other] = page;
        }
        file = FileChannel.open(store.file());
    }

    /** From here on no page was touched. */
    @Setup(Level.Iteration)
    public void open() {
        store.reopen();
        tx = store.instance().beginRead();
        raw = tx.rawPages(store.database());
    }

    /** Through the API. */
    @Benchmark
    @OperationsPerInvocation(PAGES)
    public long quire() {
        long sum = 0;
        for (long page : order) {
            raw.read(page, view);
            sum += view.getLong(0);
        }
        return sum;
    }

    /** Baseline: from the file, unjudged. */
    @Benchmark
    @OperationsPerInvocation(PAGES)
    public long bare() throws IOException {
        long sum = 0;
        for (long page : order) {
            file.read(target.clear(), page * target.capacity());
            sum += target.getLong(PageLayout.HEADER_BYTES);
        }
        return sum;
    }

    /** Ends the transaction. */
    @TearDown(Level.Iteration)
    public void end() {
        tx.close();
    }

    /** Deletes the store. */
    @TearDown
    public void close() throws IOException {
        file.close();
        store.close();
    }
}

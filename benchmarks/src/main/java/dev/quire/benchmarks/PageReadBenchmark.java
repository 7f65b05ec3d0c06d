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
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * A hot page read through the public API: {@link RawPages#read}, then the page's first eight bytes through the view.
 * The page was touched before, so the path is the two bits, the place in the map, the type of the page, the view.
 *
 * <p>Baseline: an absolute {@link ByteBuffer#getLong} of the same eight bytes of the same file, mapped. Both go through
 * pages in random order. Which page is next depends on the value read, as it does for whoever follows links, so one
 * read ends before the next begins; where the reads are overlapping, the order is known and the processor does many at
 * once. The objects that are read through are made old first, as in a program that has run for a while: storing a
 * reference in an old object costs more. Nothing is written; durability plays no part.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(
        value = 3,
        jvmArgsAppend = {Flags.HEAP_MIN, Flags.HEAP_MAX, Flags.TOUCH})
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@State(Scope.Thread)
public class PageReadBenchmark {

    private static final int READS = 1024;

    /** Pages read in turn: 2 MiB, in the second cache; 32 MiB, in the third. */
    @Param({"256", "4096"})
    public int pages;

    private RawStore store;
    private ReadTransaction tx;
    private RawPages raw;
    private BytesView view;
    private ByteBuffer map;
    private int pageBytes;
    private final long[] order = new long[READS];
    private int turn;

    /** Makes the store, touches every page, lets everything grow old. */
    @Setup
    public void open() throws IOException {
        store = new RawStore("pages", pages);
        pageBytes = store.database().pageBytes();
        tx = store.instance().beginRead();
        raw = tx.rawPages(store.database());
        view = new BytesView();
        for (long page : store.pages) {
            raw.read(page, view);
        }
        try (FileChannel file = FileChannel.open(store.file())) {
            map = Scratch.mapped(file).order(ByteOrder.LITTLE_ENDIAN);
        }
        System.gc();
    }

    /** Another random order for every iteration. */
    @Setup(Level.Iteration)
    public void shuffle() {
        turn++;
        for (int i = 0; i < READS; i++) {
            order[i] = store.pages[Records.pick((long) turn * READS + i, pages)];
        }
    }

    /** Through the API, one after the other. */
    @Benchmark
    @OperationsPerInvocation(READS)
    public long quire() {
        long found = 0;
        for (int i = 0; i < READS; i++) {
            raw.read(order[(int) found + i & READS - 1], view);
            found = view.getLong(0);
        }
        return found;
    }

    /** Baseline: through a map, one after the other. */
    @Benchmark
    @OperationsPerInvocation(READS)
    public long bare() {
        long found = 0;
        for (int i = 0; i < READS; i++) {
            found = map.getLong((int) order[(int) found + i & READS - 1] * pageBytes + PageLayout.HEADER_BYTES);
        }
        return found;
    }

    /** Through the API, overlapping. */
    @Benchmark
    @OperationsPerInvocation(READS)
    public long quireOverlapped() {
        long sum = 0;
        for (long page : order) {
            raw.read(page, view);
            sum += view.getLong(0);
        }
        return sum;
    }

    /** Baseline: through a map, overlapping. */
    @Benchmark
    @OperationsPerInvocation(READS)
    public long bareOverlapped() {
        long sum = 0;
        for (long page : order) {
            sum += map.getLong((int) page * pageBytes + PageLayout.HEADER_BYTES);
        }
        return sum;
    }

    /** Deletes the store. */
    @TearDown
    public void close() {
        tx.close();
        store.close();
    }
}

package dev.quire.benchmarks;

import dev.quire.InstanceStats;
import dev.quire.RawPages;
import dev.quire.ReadTransaction;
import dev.quire.io.BytesView;
import java.io.PrintStream;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;

/**
 * Prints what an open instance holds, for a small database and one a hundred times as large, with every page touched:
 * heap, memory outside the heap, mappings, and what two bits a page are. Run it alone: it counts what the JVM has.
 */
public final class MemoryReport {

    private static final int[] PAGES = {1_024, 131_072};
    private static final int COLLECTIONS = 5;

    private MemoryReport() {}

    /** Takes no arguments; the directory is the property {@value Scratch#DIRECTORY}, or a temporary one. */
    public static void main(String[] args) {
        print(System.out);
    }

    static void print(PrintStream out) {
        measure(PAGES[0]); // classes and code come first, and belong to no database
        out.println("| pages | database | heap held | direct memory | frames held | mapped | two bits a page |");
        out.println("|---:|---:|---:|---:|---:|---:|---:|");
        for (int pages : PAGES) {
            out.println(measure(pages));
        }
    }

    private static String measure(int pages) {
        try (RawStore store = new RawStore("memory-" + pages, pages)) {
            store.shut();
            long heapBefore = heap();
            long directBefore = pool("direct");
            store.open();
            touch(store);
            InstanceStats stats = store.instance().stats();
            return String.format(
                    "| %,d | %,d KiB | %,d KiB | %,d KiB | %,d KiB | %,d KiB | %,d KiB |",
                    pages,
                    stats.databaseBytes() >> 10,
                    heap() - heapBefore >> 10,
                    pool("direct") - directBefore >> 10,
                    stats.memoryHeldBytes() >> 10,
                    pool("mapped") >> 10,
                    pages / 4 >> 10);
        }
    }

    private static void touch(RawStore store) {
        BytesView view = new BytesView();
        try (ReadTransaction tx = store.instance().beginRead()) {
            RawPages raw = tx.rawPages(store.database());
            for (long page : store.pages) {
                raw.read(page, view);
            }
        }
    }

    private static long heap() {
        for (int i = 0; i < COLLECTIONS; i++) {
            System.gc();
        }
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }

    /** Bytes of the buffers of that kind. */
    static long pool(String kind) {
        return ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
                .filter(pool -> pool.getName().equals(kind))
                .mapToLong(BufferPoolMXBean::getMemoryUsed)
                .sum();
    }
}

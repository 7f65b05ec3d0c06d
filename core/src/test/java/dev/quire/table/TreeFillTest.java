package dev.quire.table;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How full pages become tells how much a database takes on the disk, and how much of it fits memory. */
class TreeFillTest {

    private static final int RECORDS = 30_000;

    @ParameterizedTest(name = "page size {0}, {1}: at least {2} %")
    @CsvSource({
        "8192, UPWARD, 98", "8192, DOWNWARD, 98", "8192, RANDOM, 76", "8192, RUNS, 76", "8192, TENANTS, 80",
        "4096, UPWARD, 96", "4096, RANDOM, 75", "16384, UPWARD, 98", "16384, RANDOM, 76", "65536, UPWARD, 99"
    })
    void leavesMustBeThisFull(int pageSize, String order, int percent) {
        MemoryPages pages = new MemoryPages(pageSize);
        long root = TreeWriter.create(pages);
        TreeWriter writer = new TreeWriter(pages, root);
        Random random = new Random(3);
        long base = 0;
        for (int i = 0; i < RECORDS; i++) {
            base = i % 500 == 0 ? random.nextLong() : base;
            long key = switch (order) {
                case "UPWARD" -> i;
                case "DOWNWARD" -> -i;
                case "RUNS" -> base + i;
                case "TENANTS" -> (long) (i % 3) << 32 | i / 3 / 500 << 16 | i / 3; // three rows, in turns
                default -> random.nextLong();
            };
            ByteBuffer bytes = ByteBuffer.allocate(16).putLong(key ^ Long.MIN_VALUE);
            writer.put(bytes.array(), new byte[100]);
        }
        TreeCheck.Stats stats = CheckedTree.check(pages, root);
        long fill = 100 * stats.leafBytes() / (stats.leaves() * (pageSize - NodeLayout.SLOTS));
        assertTrue(fill >= percent, fill + " % " + stats);
    }

    @ParameterizedTest(name = "page size {0}")
    @CsvSource({"4096", "8192", "65536"})
    void pagesMustGoWithTheirRecords(int pageSize) {
        MemoryPages pages = new MemoryPages(pageSize);
        long root = TreeWriter.create(pages);
        TreeWriter writer = new TreeWriter(pages, root);
        for (int i = 0; i < RECORDS; i++) {
            writer.put(key(i), new byte[100]);
        }
        long before = CheckedTree.check(pages, root).leaves();
        for (int i = 0; i < RECORDS; i++) {
            if (i % 10 != 0) {
                assertTrue(writer.delete(key(i)));
            }
        }
        TreeCheck.Stats stats = CheckedTree.check(pages, root);
        assertEquals(RECORDS / 10, stats.records());
        assertTrue(stats.leaves() <= before * 4 / 10 + 1, stats + ", was " + before + " leaves");
    }

    private static byte[] key(int i) {
        return ByteBuffer.allocate(16).putLong(i * 0x9E3779B97F4A7C15L).array();
    }
}

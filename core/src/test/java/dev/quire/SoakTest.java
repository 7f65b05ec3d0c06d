package dev.quire;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Fear: something is kept a little longer each time. Runs long, so it stands behind the profile {@code sweeps}; a short
 * form of the first runs always.
 */
class SoakTest {

    private static final int MIB = 1 << 20;

    @TempDir
    Path root;

    @Test
    void twoHundredCyclesOfOpenReadCloseMustNotKeepAnything() throws IOException {
        cycles(200);
    }

    @Test
    @Tag("sweep")
    void tenThousandCyclesOfOpenReadCloseMustNotKeepAnything() throws IOException {
        cycles(10_000);
    }

    @Test
    @Tag("sweep")
    void aReaderHeldForTenMinutesUnderAWriterMustBoundWhatIsHeld() throws IOException {
        readerUnderWriter(600_000);
    }

    @Test
    void aReaderHeldForSomeSecondsUnderAWriterMustBoundWhatIsHeld() throws IOException {
        readerUnderWriter(3_000);
    }

    private void cycles(int count) throws IOException {
        Path directory = root.resolve("cycles");
        config(directory, 16L * MIB).open().close();
        Held before = null;
        for (int cycle = 0; cycle < count; cycle++) {
            try (Instance instance = config(directory, 16L * MIB).open()) {
                Database database = instance.openOrCreate("a");
                try (WriteTransaction tx = instance.beginWrite()) {
                    tx.openOrCreateTable(database, "t").put(key(cycle), key(cycle));
                    tx.commit();
                }
                try (ReadTransaction tx = instance.beginRead()) {
                    assertArrayEquals(key(cycle), tx.table(database, "t").get(key(cycle)));
                }
            }
            if (cycle == count / 2) {
                before = Held.now(directory);
            }
        }
        Held.now(directory).mustNotExceed(before, 8L * MIB);
    }

    private void readerUnderWriter(long ms) throws IOException {
        Path directory = root.resolve("reader");
        long memory = 64L * MIB;
        try (Instance instance =
                config(directory, memory).checkpointIntervalMs(200).open()) {
            Database database = instance.openOrCreate("a");
            write(instance, database, 0, 2_000);
            try (ReadTransaction reader = instance.beginRead()) {
                long sum = sum(reader, database);
                long end = System.currentTimeMillis() + ms;
                Held early = null;
                for (int round = 1; System.currentTimeMillis() < end; round++) {
                    write(instance, database, round, 2_000);
                    // Ten minutes at full speed are more log than a reader may hold back: that is refused, not this.
                    LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100));
                    if (round == 20) {
                        early = Held.now(directory);
                    }
                }
                assertEquals(sum, sum(reader, database));
                assertTrue(instance.stats().memoryHeldBytes() <= memory + memory / 4);
                if (early != null) {
                    Held.now(directory).mustNotExceed(early, memory);
                }
            }
            assertTrue(instance.check().isSound());
        }
    }

    private static void write(Instance instance, Database database, int round, int keys) {
        for (int from = 0; from < keys; from += 100) {
            try (WriteTransaction tx = instance.beginWrite()) {
                WritableTable table = tx.openOrCreateTable(database, "t");
                for (int i = from; i < from + 100; i++) {
                    table.put(key(i), key(round * 31L + i));
                }
                tx.commit(Durability.LAZY);
            }
        }
    }

    private static long sum(ReadTransaction tx, Database database) {
        long sum = 0;
        Cursor cursor = tx.table(database, "t").cursor();
        while (cursor.next()) {
            sum = 31 * sum + ByteBuffer.wrap(cursor.value().toBytes()).getLong();
        }
        return sum;
    }

    private static InstanceConfig config(Path directory, long memory) {
        return Instance.configure(directory)
                .logGenerationBytes(MIB)
                .guardHalfBytes(MIB / 4)
                .memoryBytes(memory)
                .checkpointBytes(4L * MIB);
    }

    private static byte[] key(long i) {
        return ByteBuffer.allocate(Long.BYTES).putLong(i).array();
    }

    /** What the process holds. */
    private record Held(long heapBytes, long directBytes, long mappings, long handles) {

        static Held now(Path directory) throws IOException {
            long direct = direct();
            for (int still = 0; still < 3; ) {
                System.gc();
                LockSupport.parkNanos(100_000_000);
                long now = direct();
                still = now < direct ? 0 : still + 1;
                direct = Math.min(now, direct);
            }
            long heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
            return new Held(heap, direct, count(Path.of("/proc/self/maps"), directory), openHandles());
        }

        void mustNotExceed(Held before, long slackBytes) {
            assertTrue(heapBytes <= before.heapBytes + slackBytes, "heap " + before + " then " + this);
            assertTrue(directBytes <= before.directBytes + slackBytes, "direct " + before + " then " + this);
            assertTrue(mappings <= before.mappings + 16, "mappings " + before + " then " + this);
            assertTrue(handles <= before.handles + 16, "handles " + before + " then " + this);
        }

        private static long direct() {
            return ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
                    .filter(pool -> pool.getName().equals("direct"))
                    .mapToLong(BufferPoolMXBean::getMemoryUsed)
                    .sum();
        }

        private static long count(Path maps, Path directory) throws IOException {
            if (!Files.exists(maps)) {
                return 0;
            }
            try (Stream<String> lines = Files.lines(maps)) {
                return lines.filter(line -> line.contains(directory.toString())).count();
            }
        }

        private static long openHandles() throws IOException {
            Path own = Path.of("/proc/self/fd");
            if (!Files.exists(own)) {
                return 0;
            }
            try (Stream<Path> list = Files.list(own)) {
                return list.count();
            }
        }
    }
}

package dev.quire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quire.io.CorruptionException;
import dev.quire.io.MutableBytesView;
import dev.quire.io.QuireError;
import dev.quire.io.sim.CrashPolicy;
import dev.quire.io.sim.SimDisk;
import java.nio.file.Path;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/**
 * Recovery reads the log on one thread and redoes pages on another when it may have threads at all. On a machine with
 * one processor this shows only that it works there, too.
 */
class RecoveryThreadsTest {

    /** Four times what a recovery with the least memory can hold. */
    private static final int PAGES = 8_000;

    private static final int PAGES_EACH = 200;
    private static final int CHANGE_BYTES = 500;
    private static final long LITTLE_MEMORY = 8L << 20;
    private static final long MUCH_MEMORY = 128L << 20;

    private final SimDisk disk = SimInstances.disk();
    private final long[] pages = new long[PAGES];
    private long digest;

    private void halt(boolean extents) {
        disk.recordTrace(false);
        Instance instance = config(disk, 4 * MUCH_MEMORY, true).open();
        Database database = instance.createDatabase("db");
        for (int from = 0; from < PAGES; from += PAGES_EACH) {
            allocate(instance, database, from);
        }
        instance.checkpoint();
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < 2 * PAGES / PAGES_EACH; i++) {
            change(instance, database, random);
            if (extents && i % 10 == 0) {
                putLong(instance, database, i);
            }
        }
        instance.awaitDurable();
        digest = StateDigest.of(instance);
        instance.halt();
    }

    private void allocate(Instance instance, Database database, int from) {
        try (WriteTransaction tx = instance.beginWrite()) {
            MutableBytesView view = new MutableBytesView();
            for (int i = from; i < from + PAGES_EACH; i++) {
                pages[i] = tx.rawPages(database).allocate(view);
                view.putBytes(0, StateModel.noise(i, CHANGE_BYTES));
            }
            tx.commit(Durability.LAZY);
        }
    }

    private void change(Instance instance, Database database, SplittableRandom random) {
        try (WriteTransaction tx = instance.beginWrite()) {
            MutableBytesView view = new MutableBytesView();
            for (int i = 0; i < PAGES_EACH; i++) {
                tx.rawPages(database).modify(pages[random.nextInt(PAGES)], view);
                view.putBytes(random.nextInt(2_000), StateModel.noise(random.nextLong(), CHANGE_BYTES));
            }
            tx.commit(Durability.LAZY);
        }
    }

    private static void putLong(Instance instance, Database database, int i) {
        try (WriteTransaction tx = instance.beginWrite()) {
            tx.openOrCreateTable(database, "t").put(new byte[] {(byte) (i % 3)}, StateModel.noise(i, 300_000));
            tx.commit(Durability.LAZY);
        }
    }

    private static InstanceConfig config(SimDisk disk, long memoryBytes, boolean background) {
        return SimInstances.config(disk, SimInstances.HERE, 1)
                .background(background)
                .memoryBytes(memoryBytes)
                .checkpointBytes(1L << 30)
                .checkpointDepthBytesMax(1L << 32)
                .checkpointIntervalMs(3_600_000);
    }

    private void mustRecover(long memoryBytes, boolean background) {
        SimDisk image = disk.crashImage(disk.operationCount(), CrashPolicy.NONE, 0);
        image.recordTrace(false);
        try (Instance instance = config(image, memoryBytes, background).open()) {
            assertFalse(instance.recovery().clean());
            assertTrue(instance.recovery().commits() > PAGES / PAGES_EACH, "commits");
            assertEquals(digest, StateDigest.of(instance));
            assertTrue(instance.check().isSound());
        }
        try (Instance instance = config(image, memoryBytes, background).open()) {
            assertTrue(instance.recovery().clean());
            assertEquals(digest, StateDigest.of(instance));
        }
    }

    @Test
    void stateMustBeTheSameHoweverManyRedoIt() {
        halt(false);
        mustRecover(MUCH_MEMORY, true);
        mustRecover(MUCH_MEMORY, false);
    }

    @Test
    void threadsThatRunOutOfMemoryMustWriteOnlyWholePages() {
        halt(false);
        mustRecover(LITTLE_MEMORY, true);
        mustRecover(LITTLE_MEMORY, false);
    }

    @Test
    void extentsThatComeAndGoMustBeRedoneInOrder() {
        halt(true);
        mustRecover(LITTLE_MEMORY, true);
        mustRecover(MUCH_MEMORY, true);
    }

    @Test
    void aPageThatLostAWriteMustBeNamedByWhicheverThreadFindsIt() {
        halt(false);
        SimDisk image = disk.crashImage(disk.operationCount(), CrashPolicy.NONE, 0);
        Path file = SimInstances.HERE.resolve("db.qdb");
        byte[] bytes = image.contents(file);
        int found = 0;
        for (long page : new long[] {pages[3], pages[4], pages[5], pages[6]}) {
            SimDisk damaged = disk.crashImage(disk.operationCount(), CrashPolicy.NONE, 0);
            byte[] changed = bytes.clone();
            changed[(int) page * 4096 + 1_000] ^= 1;
            assertNotEquals(bytes[(int) page * 4096 + 1_000], changed[(int) page * 4096 + 1_000]);
            damaged.plant(file, changed);
            InstanceConfig config = config(damaged, LITTLE_MEMORY, true);
            CorruptionException fault = assertThrows(CorruptionException.class, config::open);
            assertEquals(QuireError.DATABASE_TIME_TOO_OLD, fault.error());
            assertTrue(fault.getMessage().contains("page " + page + ":"), fault.getMessage());
            found++;
        }
        assertEquals(4, found);
    }
}

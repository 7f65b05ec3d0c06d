package dev.quire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quire.io.CorruptionException;
import dev.quire.io.MutableBytesView;
import dev.quire.io.QuireError;
import dev.quire.io.log.LogFiles;
import dev.quire.io.sim.CrashPolicy;
import dev.quire.io.sim.SimDisk;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Redo goes behind the first reading of the log as far as nothing is out of the ordinary, and a second reading does the
 * rest. Each test has one thing that is: the state must be the same, and how much of the log was read tells whether
 * early redo went as far as it may, or stopped where it must.
 */
class EarlyRedoTest {

    private static final int PAGES = 400;
    private static final int ROUNDS = 20;
    private static final int CHANGE_BYTES = 1_000;
    private static final long MEMORY = 64L << 20;
    private static final Path LOG = SimInstances.HERE.resolve("log");

    private final SimDisk disk = SimInstances.disk();
    private final long[] pages = new long[PAGES];
    private Instance instance;
    private Database database;
    private final MutableBytesView view = new MutableBytesView();
    private int round;

    /** Pages in the file, none in the log. */
    @BeforeEach
    void fill() {
        disk.recordTrace(false);
        instance = config(disk, MEMORY, false).open();
        database = instance.createDatabase("db");
        change(tx -> {
            for (int i = 0; i < PAGES; i++) {
                pages[i] = tx.rawPages(database).allocate(view);
                view.putBytes(0, StateModel.noise(i, CHANGE_BYTES));
            }
        });
        instance.checkpoint();
    }

    private static InstanceConfig config(SimDisk disk, long memoryBytes, boolean background) {
        return SimInstances.config(disk, SimInstances.HERE, 1)
                .background(background)
                .memoryBytes(memoryBytes)
                .checkpointBytes(1L << 30)
                .checkpointDepthBytesMax(1L << 32)
                .checkpointIntervalMs(3_600_000);
    }

    private void change(Consumer<WriteTransaction> work) {
        try (WriteTransaction tx = instance.beginWrite()) {
            work.accept(tx);
            tx.commit(Durability.LAZY);
        }
    }

    /** Some bytes of every page. */
    private void changeAll() {
        round++;
        change(tx -> {
            for (long page : pages) {
                tx.rawPages(database).modify(page, view);
                view.putBytes(round % 10 * 200, StateModel.noise(page + round, CHANGE_BYTES));
            }
        });
    }

    private void changeAll(int rounds) {
        for (int i = 0; i < rounds; i++) {
            changeAll();
        }
    }

    /** Halts, recovers with and without threads, and judges how often the log was read, in hundredths. */
    private void mustRead(long least, long most) {
        instance.awaitDurable();
        long expected = StateDigest.of(instance);
        instance.halt();
        long log = 0;
        for (int generation : LogFiles.list(disk, LOG)) {
            log += disk.contents(LogFiles.path(LOG, generation)).length;
        }
        for (boolean background : new boolean[] {true, false}) {
            SimDisk image = disk.crashImage(disk.operationCount(), CrashPolicy.NONE, 0);
            long times = 100 * recover(image, background, expected) / log;
            assertTrue(times >= least && times <= most, "read " + times + " hundredths, background=" + background);
        }
    }

    private static long recover(SimDisk image, boolean background, long expected) {
        CountingStorage counting = new CountingStorage(image, LogFiles::isOfLog);
        try (Instance again =
                config(image, MEMORY, background).storage(counting).open()) {
            assertFalse(again.recovery().clean());
            assertEquals(expected, StateDigest.of(again));
            assertTrue(again.check().isSound());
            return counting.read();
        }
    }

    @Test
    void anOrdinaryRecoveryMustReadTheLogOnce() {
        changeAll(ROUNDS);
        mustRead(90, 140);
    }

    @Test
    void aTransactionTooLongToBeHeldMustBeRedoneBehindASecondReading() {
        changeAll(2);
        change(tx -> {
            for (int i = 0; i < 40; i++) {
                tx.openOrCreateTable(database, "t").put(new byte[] {(byte) i}, StateModel.noise(i, 300_000));
            }
        });
        changeAll(2);
        mustRead(170, 240);
    }

    @Test
    void aDatabaseThatIsDroppedMustEndEarlyRedoAndKeepNothing() {
        changeAll(ROUNDS / 2);
        Database other = instance.createDatabase("other");
        change(tx -> tx.createTable(other, "t").put(new byte[] {1}, new byte[] {2}));
        instance.drop("other");
        changeAll(ROUNDS / 2);
        mustRead(140, 190);
    }

    @Test
    void aDatabaseThatIsMadeInTheLogMustBeRedoneAtOnce() {
        Database other = instance.createDatabase("other");
        change(tx -> tx.createTable(other, "t").put(new byte[] {1}, new byte[] {2}));
        changeAll(ROUNDS);
        mustRead(90, 140);
    }

    /** Fear: what is void is redone because it is not known yet that no commit follows. */
    @Test
    void aTransactionWithoutItsCommitMustStayVoidAtTheEndOfTheLogAndInTheMiddle() {
        changeAll(3);
        instance.awaitDurable();
        long before = StateDigest.of(instance);
        disk.resetTrace();
        disk.recordTrace(true);
        changeAll(1);
        instance.awaitDurable();
        long after = StateDigest.of(instance);
        instance.halt();
        int cutShort = 0;
        for (int cut = 0; cut <= disk.operationCount(); cut++) {
            SimDisk image = disk.crashImage(cut, CrashPolicy.ALL, 0);
            long first;
            try (Instance once = config(image, MEMORY, true).open()) {
                first = StateDigest.of(once);
                once.halt();
            }
            assertTrue(first == before || first == after, "neither before nor after, cut=" + cut);
            cutShort += first == before && cut > 0 ? 1 : 0;
            image.recordTrace(false);
            assertEquals(first, digest(image.crashImage(image.operationCount(), CrashPolicy.ALL, 0)));
        }
        assertTrue(cutShort > 0, "the transaction was never cut short");
    }

    private static long digest(SimDisk image) {
        try (Instance twice = config(image, MEMORY, true).open()) {
            return StateDigest.of(twice);
        }
    }

    /** Fear: a page from elsewhere in time is passed over by early redo, and nobody asks again. */
    @Test
    void aPageThatIsNewerThanTheWholeLogMustBeNamed() {
        changeAll(2);
        instance.awaitDurable();
        instance.checkpoint();
        Path file = SimInstances.HERE.resolve("db.qdb");
        int before = disk.operationCount();
        changeAll(1);
        instance.awaitDurable();
        SimDisk image = disk.crashImage(disk.operationCount(), CrashPolicy.NONE, 0);
        changeAll(30);
        instance.checkpoint();
        assertTrue(disk.operationCount() > before);
        byte[] newer = disk.contents(file);
        byte[] bytes = image.contents(file);
        int at = (int) pages[5] * 4096;
        System.arraycopy(newer, at, bytes, at, 4096);
        image.plant(file, bytes);
        for (boolean background : new boolean[] {true, false}) {
            InstanceConfig config = config(image, MEMORY, background);
            CorruptionException fault = assertThrows(CorruptionException.class, config::open);
            assertEquals(QuireError.DATABASE_TIME_TOO_NEW, fault.error());
            assertTrue(fault.getMessage().contains("page " + pages[5] + ":"), fault.getMessage());
        }
        instance.halt();
    }
}

package dev.quire;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import dev.quire.io.BytesView;
import dev.quire.io.InUseException;
import dev.quire.io.LimitException;
import dev.quire.io.MutableBytesView;
import dev.quire.io.QuireError;
import dev.quire.io.QuireException;
import dev.quire.io.UnavailableException;
import dev.quire.io.sim.Fault;
import dev.quire.io.sim.SimDisk;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What readers may rely on, and what becomes of views and transactions that are used where they do not belong. */
class ReadersTest {

    private static final byte[] KEY = StateModel.bytes("key100007");
    private static final String LONG = "long";

    private final SimDisk disk = SimInstances.disk();
    private final StateModel model = new StateModel();
    private Instance instance;
    private Database database;

    @BeforeEach
    void open() {
        instance = SimInstances.open(disk, 1);
        database = instance.createDatabase("db");
        model.databases.put("db", new StateModel.OfDatabase());
        write(step -> step.fill("db", "t", "key", 0, 200, 100));
    }

    @AfterEach
    void halt() {
        instance.halt();
    }

    private <T> T write(Function<Step, T> change) {
        try (WriteTransaction tx = instance.beginWrite()) {
            T result = change.apply(new Step(instance, tx, model));
            tx.commit();
            return result;
        }
    }

    @Test
    void aReaderMustKeepItsSnapshotThroughManyCommitsAndCheckpoints() {
        List<ReadTransaction> readers = new ArrayList<>();
        List<Long> digests = new ArrayList<>();
        for (int round = 0; round < 30; round++) {
            int seed = round;
            if (round % 6 == 0) {
                readers.add(instance.beginRead());
                digests.add(model.digest());
            }
            write(step -> step.fill("db", "t", "key", seed, seed + 40, 50 + seed));
            if (round % 3 == 0) {
                instance.checkpoint();
            }
            for (int i = 0; i < readers.size(); i++) {
                assertEquals(digests.get(i), StateDigest.of(readers.get(i), instance.databases()), "reader " + i);
            }
            if (readers.size() > 3) {
                readers.remove(0).close();
                digests.remove(0);
            }
        }
        readers.forEach(ReadTransaction::close);
        instance.checkpoint();
        assertEquals(0, instance.stats().dirtyPages());
        assertEquals(model.digest(), StateDigest.of(instance));
    }

    @Test
    void aReaderMustNotSeeAnUncommittedOrAbortedChange() {
        long before = StateDigest.of(instance);
        try (WriteTransaction tx = instance.beginWrite()) {
            tx.table(database, "t").put(KEY, new byte[3]);
            assertEquals(before, StateDigest.of(instance));
        }
        assertEquals(before, StateDigest.of(instance));
    }

    @Test
    void aCommitWhoseForceFailedMustNeverBeSeen() {
        long before = StateDigest.of(instance);
        disk.failAt(disk.operationCount(), Fault.FAILED_FORCE, true);
        assertThrows(UnavailableException.class, () -> write(step -> step.put("db", "t", "lost", new byte[10])));
        assertTrue(disk.faultsHit() > 0);
        assertEquals(before, StateDigest.of(instance));
    }

    @Test
    void gettingAndSteppingMustAllocateNothingInMemoryAndInTheFile() {
        write(step -> step.put("db", "t", LONG, StateModel.noise(1, 30_000)));
        long page = write(step -> step.allocate("db", 2));
        assertTrue(instance.stats().dirtyPages() > 0);
        assertAllocatesNothing(page);
        instance.checkpoint();
        assertEquals(0, instance.stats().dirtyPages());
        assertAllocatesNothing(page);
    }

    private void assertAllocatesNothing(long page) {
        try (ReadTransaction tx = instance.beginRead()) {
            Look look = new Look(tx, database, page);
            for (int i = 0; i < 20_000; i++) {
                look.everywhere();
            }
            ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
            long id = Thread.currentThread().getId();
            long least = Long.MAX_VALUE;
            for (int attempt = 0; attempt < 5; attempt++) {
                long start = threads.getThreadAllocatedBytes(id);
                for (int i = 0; i < 10_000; i++) {
                    look.everywhere();
                }
                least = Math.min(least, threads.getThreadAllocatedBytes(id) - start);
            }
            assertTrue(look.sum != 0);
            assertTrue(least < 1_000, "10,000 rounds allocated bytes=" + least);
        }
    }

    /** Every way to get at bytes that is said to allocate nothing. */
    private static final class Look {

        private final Table table;
        private final Cursor cursor;
        private final RawPages raw;
        private final long page;
        private final byte[] longKey = StateModel.bytes(LONG);
        private final BytesView key = new BytesView();
        private final BytesView view = new BytesView();
        private long sum;

        Look(ReadTransaction tx, Database database, long page) {
            this.table = tx.table(database, "t");
            this.cursor = table.cursor();
            this.raw = tx.rawPages(database);
            this.page = page;
        }

        void everywhere() {
            take(table.get(KEY, view));
            take(table.get(longKey, view));
            take(cursor.seek(KEY));
            step(cursor.next());
            step(cursor.previous());
            step(cursor.seekFloor(longKey));
            step(cursor.seekLower(longKey));
            step(cursor.seekExact(KEY));
            step(cursor.last());
            step(cursor.first());
            take(table.get(key, 0, key.capacity(), view));
            take(cursor.seek(key, 0, key.capacity()));
            Value value = table.find(longKey);
            value.part(0, view);
            take(value.length() == 30_000);
            raw.read(page, view);
            take(true);
        }

        private void step(boolean there) {
            cursor.key(key);
            cursor.value(view);
            take(there && cursor.valueLength() == view.capacity());
        }

        private void take(boolean there) {
            if (!there) {
                throw new AssertionError("not there");
            }
            sum += view.capacity() == 0 ? 0 : view.getByte(0);
        }
    }

    @Test
    void aViewForWritingMustEndWithItsTransactionAndNeverReachAPage() {
        MutableBytesView committed = new MutableBytesView();
        MutableBytesView aborted = new MutableBytesView();
        MutableBytesView freed = new MutableBytesView();
        long page;
        try (WriteTransaction tx = instance.beginWrite()) {
            WritableRawPages raw = tx.rawPages(database);
            page = raw.allocate(committed);
            committed.putLong(0, 42);
            raw.free(raw.allocate(freed));
            tx.commit();
        }
        try (WriteTransaction tx = instance.beginWrite()) {
            tx.rawPages(database).modify(page, aborted);
            aborted.putLong(0, 43);
        }
        for (MutableBytesView view : List.of(committed, aborted, freed)) {
            assertThrows(RuntimeException.class, () -> view.putLong(0, 99));
        }
        BytesView view = new BytesView();
        try (ReadTransaction tx = instance.beginRead()) {
            tx.rawPages(database).read(page, view);
            assertEquals(42, view.getLong(0));
        }
        assertTrue(instance.check().isSound());
    }

    /** Fear: a second thread that writes in the middle of a commit reaches a page, or one that has its memory now. */
    @Test
    void whatAUserWritesIntoMustNeverBeTheMemoryOfAPage() {
        long page = write(step -> step.allocate("db", 2));
        MutableBytesView view = new MutableBytesView();
        List<ByteBuffer> written = new ArrayList<>();
        for (int round = 0; round < 20; round++) {
            try (WriteTransaction tx = instance.beginWrite()) {
                WritableRawPages raw = tx.rawPages(database);
                raw.allocate(view);
                view.putLong(0, round);
                written.add(view.asReadOnlyByteBuffer());
                raw.modify(page, view);
                view.putLong(0, round);
                written.add(view.asReadOnlyByteBuffer());
            }
        }
        for (int i = 0; i < written.size(); i++) {
            assertEquals(i / 2, written.get(i).getLong(0));
        }
    }

    @Test
    void aViewForReadingThatIsKeptTooLongMustReadMemoryAndNothingElse() {
        BytesView view = new BytesView();
        try (ReadTransaction tx = instance.beginRead()) {
            assertTrue(tx.table(database, "t").get(KEY, view));
        }
        for (int round = 0; round < 5; round++) {
            int seed = round;
            write(step -> step.fill("db", "t", "key", 0, 100, 60 + seed));
            instance.checkpoint();
            view.getLong(0);
        }
        instance.close();
        view.getLong(0);
    }

    @Test
    void aTransactionMustRefuseAnotherThreadUntilItIsHandedOver() throws InterruptedException {
        ReadTransaction tx = instance.beginRead();
        Table table = tx.table(database, "t");
        Throwable refused = elsewhere(() -> table.get(KEY));
        assertEquals(QuireError.SESSION_SHARING_VIOLATION, ((InUseException) refused).error());
        assertEquals(QuireError.SESSION_SHARING_VIOLATION, ((InUseException) elsewhere(tx::close)).error());
        tx.handOff();
        assertNull(elsewhere(() -> table.get(KEY)));
        assertThrows(InUseException.class, () -> table.get(KEY));
        assertThrows(InUseException.class, tx::close);
        assertEquals(1, instance.stats().openTransactions());
    }

    private static Throwable elsewhere(Runnable task) throws InterruptedException {
        AtomicReference<Throwable> thrown = new AtomicReference<>();
        Thread thread = new Thread(task);
        thread.setUncaughtExceptionHandler((who, what) -> thrown.set(what));
        thread.start();
        thread.join();
        return thrown.get();
    }

    @Test
    void aTransactionThatHasEndedMustRefuseEverything() {
        ReadTransaction tx = instance.beginRead();
        Table table = tx.table(database, "t");
        Cursor cursor = table.cursor();
        Value value = table.find(KEY);
        tx.close();
        tx.close();
        assertThrows(IllegalStateException.class, () -> table.get(KEY));
        assertThrows(IllegalStateException.class, cursor::next);
        assertThrows(IllegalStateException.class, value::toBytes);
        assertThrows(IllegalStateException.class, () -> tx.table(database, "t"));
        WriteTransaction writer = instance.beginWrite();
        WritableTable writable = writer.table(database, "t");
        writer.commit();
        assertThrows(IllegalStateException.class, writer::commit);
        assertThrows(IllegalStateException.class, writer::abort);
        assertThrows(IllegalStateException.class, () -> writable.put(KEY, KEY));
        assertFalse(writer.isOpen());
    }

    @Test
    void aReaderThatHoldsBackCheckpointsMustBeNamed() {
        try (ReadTransaction reader = instance.beginRead()) {
            write(step -> step.put("db", "t", "new", new byte[10]));
            instance.checkpoint();
            assertTrue(instance.stats().dirtyPages() > 0);
            assertTrue(instance.stats()
                    .oldestTransaction()
                    .contains(Thread.currentThread().getName()));
            assertEquals(1, instance.stats().openTransactions());
            assertEquals(reader.snapshot(), instance.stats().redoStart());
        }
        instance.checkpoint();
        assertEquals(0, instance.stats().dirtyPages());
    }

    @Test
    void aTransactionLargerThanMemoryMustBeRefusedAndCanBeAborted() {
        long before = model.digest();
        try (WriteTransaction tx = instance.beginWrite()) {
            WritableRawPages raw = tx.rawPages(database);
            LimitException refused = assertThrows(LimitException.class, () -> {
                for (int i = 0; i < 4_000; i++) {
                    raw.allocate(new MutableBytesView());
                }
            });
            assertEquals(QuireError.TRANSACTION_TOO_LONG, refused.error());
            tx.abort();
        }
        assertEquals(before, StateDigest.of(instance));
        try (WriteTransaction tx = instance.beginWrite()) {
            WritableTable table = tx.table(database, "t");
            table.put(StateModel.bytes("fits"), new byte[100]);
            assertThrows(LimitException.class, () -> table.put(KEY, new byte[6 << 20]));
        }
        assertEquals(before, StateDigest.of(instance));
        write(step -> step.put("db", "t", "after", new byte[100]));
        assertEquals(model.digest(), StateDigest.of(instance));
        assertTrue(instance.check().isSound());
    }

    @Test
    void aValueThatFoundNoRoomMustLeaveNothingBehindInATransactionThatCommits() {
        try (WriteTransaction tx = instance.beginWrite()) {
            WritableTable table = tx.table(database, "t");
            assertThrows(LimitException.class, () -> table.put(KEY, new byte[6 << 20]));
            try {
                tx.commit();
            } catch (IllegalStateException refused) {
                tx.abort();
            }
        }
        assertEquals(model.digest(), StateDigest.of(instance));
        CheckReport report = instance.check();
        assertTrue(report.isSound(), () -> report.faults().toString());
    }

    @Test
    void logThatAReaderPinsMustEndInAnErrorThatNamesIt() {
        instance.close();
        instance = SimInstances.config(disk, SimInstances.HERE, 2)
                .checkpointBytes(1 << 20)
                .checkpointDepthBytesMax(2 << 20)
                .open();
        try (ReadTransaction reader = instance.beginRead()) {
            LimitException refused = assertThrows(LimitException.class, () -> {
                for (int round = 0; round < 40; round++) {
                    int seed = round;
                    write(step -> step.put("db", "t", "big" + seed, StateModel.noise(seed, 100_000)));
                }
            });
            assertEquals(QuireError.CHECKPOINT_DEPTH_TOO_DEEP, refused.error());
            assertTrue(refused.getMessage().contains(Thread.currentThread().getName()), refused.getMessage());
            assertTrue(reader.isOpen());
        }
        write(step -> step.put("db", "t", "after", new byte[100]));
        assertEquals(model.digest(), StateDigest.of(instance));
    }

    @Test
    void memoryThatAReaderPinsMustEndInAnErrorThatNamesIt() {
        try (ReadTransaction reader = instance.beginRead()) {
            QuireException refused = assertThrows(QuireException.class, () -> {
                for (int round = 0; round < 100; round++) {
                    int seed = round;
                    write(step -> step.put("db", "t", "big" + seed, StateModel.noise(seed, 700_000)));
                }
            });
            assertEquals(QuireError.OUT_OF_MEMORY, refused.error());
            assertTrue(refused.getMessage().contains(Thread.currentThread().getName()), refused.getMessage());
            assertTrue(reader.isOpen());
        }
        try (WriteTransaction tx = instance.beginWrite()) {
            tx.table(database, "t").put(KEY, new byte[700_000]);
            tx.commit();
        }
        try (ReadTransaction reader = instance.beginRead()) {
            assertArrayEquals(new byte[700_000], reader.table(database, "t").get(KEY));
        }
    }
}

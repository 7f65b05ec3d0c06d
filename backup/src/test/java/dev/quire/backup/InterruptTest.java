package dev.quire.backup;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quire.Database;
import dev.quire.Durability;
import dev.quire.Instance;
import dev.quire.InstanceConfig;
import dev.quire.ReadTransaction;
import dev.quire.WritableTable;
import dev.quire.WriteTransaction;
import dev.quire.io.FileStorage;
import dev.quire.io.LimitException;
import dev.quire.io.MutableBytesView;
import dev.quire.io.Progress;
import dev.quire.io.QuireError;
import dev.quire.io.QuireException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * An interrupt closes the channel of whoever is using it, for everybody, and ends every wait at once. On the real file
 * system it must do neither: what was asked for is done, the flag stays, and nobody else notices.
 */
@Timeout(120)
class InterruptTest {

    /** What a backup may meet when somebody closes: he that closes takes the place of a backup, too. */
    private static final Set<QuireError> REFUSED_AT_THE_END =
            Set.of(QuireError.TERM_IN_PROGRESS, QuireError.NOT_INITIALIZED, QuireError.BACKUP_IN_PROGRESS);

    private static final int WRITERS = 2;
    private static final int ROUNDS = 4;
    private static final int STEPS = 60;

    @TempDir
    private Path directory;

    private final AtomicReference<Throwable> fault = new AtomicReference<>();
    private final AtomicLongArray acknowledged = new AtomicLongArray(WRITERS);
    private final AtomicInteger names = new AtomicInteger();
    private volatile Instance instance;

    @AfterEach
    void takeTheFlagAway() {
        Thread.interrupted();
        if (instance != null) {
            instance.halt();
        }
    }

    private InstanceConfig config() {
        return Instance.configure(directory.resolve("here"))
                .pageBytes(4096)
                .memoryBytes(8 << 20)
                .logGenerationBytes(1 << 20)
                .guardHalfBytes(256 << 10)
                .checkpointBytes(1 << 20);
    }

    /** One thing after the other on a thread that is interrupted all the time. */
    @Test
    void aFlagThatIsSetMustNotMatterAndMustStay() {
        flagged(() -> instance = config().open());
        flagged(() -> instance.createDatabase("db"));
        flagged(() -> instance.createDatabase("side"));
        for (int i = 0; i < 20; i++) {
            int from = 100 * i;
            flagged(() -> {
                try (WriteTransaction tx = instance.beginWrite()) {
                    WritableTable table = tx.openOrCreateTable(instance.database("db"), "t");
                    for (int k = from; k < from + 100; k++) {
                        table.put(Child.key(0, k), Child.value(k));
                    }
                    tx.commit(from % 300 == 0 ? Durability.LAZY : Durability.DURABLE);
                }
            });
        }
        flagged(() -> instance.awaitDurable());
        flagged(() -> instance.checkpoint());
        flagged(() -> instance.detach("side"));
        flagged(() -> instance.attach("side"));
        flagged(() -> instance.drop("side"));
        flagged(() -> instance.close());
        flagged(() -> instance = config().open());
        flagged(() -> readAll(instance, 2_000));
        flagged(() -> assertTrue(instance.check().isSound()));
        flagged(() -> Backup.full(instance, directory.resolve("backup"), Progress.NONE));
        flagged(() ->
                assertTrue(BackupVerification.verify(FileStorage.instance(), directory.resolve("backup"), Progress.NONE)
                        .isSound()));
        flagged(() -> Restore.restore(
                FileStorage.instance(), directory.resolve("backup"), directory.resolve("back"), Progress.NONE));
        flagged(() -> instance.halt());
        flagged(() -> instance = config().open());
        flagged(() -> instance.close());
        flagged(() -> instance =
                Instance.configure(directory.resolve("back")).pageBytes(4096).open());
        flagged(() -> readAll(instance, 2_000));
    }

    private static void flagged(Runnable task) {
        Thread.currentThread().interrupt();
        task.run();
        assertTrue(Thread.currentThread().isInterrupted(), "the flag is gone");
    }

    private static void readAll(Instance from, int count) {
        try (ReadTransaction tx = from.beginRead()) {
            for (int k = 0; k < count; k++) {
                assertArrayEquals(
                        Child.value(k), tx.table(from.database("db"), "t").get(Child.key(0, k)));
            }
        }
    }

    /** Threads that do everything are interrupted at random; one that reads and one that writes are not. */
    @Test
    void anInterruptAtAnyMomentMustHurtNobody() throws InterruptedException {
        for (int round = 0; round < ROUNDS; round++) {
            round(round);
        }
        interrupted(List.of(new Thread(() -> instance = config().open())));
        assertNull(fault.get(), () -> CrashJudge.text(fault.get()));
        try (ReadTransaction tx = instance.beginRead()) {
            for (int writer = 0; writer < WRITERS; writer++) {
                byte[] found = tx.table(instance.database("db"), "t").get(Child.key(writer, 0));
                assertTrue(ByteBuffer.wrap(found).getLong() >= acknowledged.get(writer), "a commit is lost");
            }
        }
        assertTrue(instance.check().isSound());
    }

    private void round(int round) throws InterruptedException {
        interrupted(List.of(task(() -> {
            instance = config().open();
            try (WriteTransaction tx = begin(instance.openOrCreate("db"))) {
                tx.commit();
            }
        })));
        AtomicBoolean done = new AtomicBoolean();
        List<Thread> quiet = List.of(task(() -> readUntil(done)), task(() -> writeUntil(done, 0, round)));
        quiet.forEach(Thread::start);
        List<Thread> workers = new ArrayList<>();
        workers.add(task(() -> write(1, round, STEPS)));
        workers.add(task(() -> work(round)));
        workers.add(task(() -> {
            for (int i = 0; i < STEPS; i++) {
                read();
            }
        }));
        interrupted(workers);
        done.set(true);
        for (Thread thread : quiet) {
            thread.join();
        }
        assertNull(fault.get(), () -> CrashJudge.text(fault.get()));
        interrupted(List.of(task(round % 2 == 0 ? instance::close : instance::halt)));
    }

    /** Runs the threads to their end and interrupts them meanwhile. */
    private static void interrupted(List<Thread> threads) throws InterruptedException {
        SplittableRandom random = new SplittableRandom(1);
        threads.forEach(Thread::start);
        while (threads.stream().anyMatch(Thread::isAlive)) {
            threads.get(random.nextInt(threads.size())).interrupt();
            LockSupport.parkNanos(20_000 + random.nextInt(1_000_000));
        }
        for (Thread thread : threads) {
            thread.join();
        }
    }

    private Thread task(Runnable task) {
        return new Thread(() -> {
            try {
                task.run();
            } catch (RuntimeException | Error e) {
                fault.compareAndSet(null, e);
            }
        });
    }

    private void work(int round) {
        FileStorage storage = FileStorage.instance();
        for (int i = 0; i < 3; i++) {
            Path backup = directory.resolve("backup" + names.incrementAndGet());
            instance.checkpoint();
            Backup.full(instance, backup, Progress.NONE);
            assertTrue(BackupVerification.verify(storage, backup, Progress.NONE).isSound());
            if (i == round % 3) {
                Path back = directory.resolve("back" + names.incrementAndGet());
                Restore.restore(storage, backup, back, Progress.NONE);
            }
            assertTrue(instance.check().isSound());
            instance.createDatabase("extra" + names.get());
        }
    }

    private void write(int writer, int round, int steps) {
        SplittableRandom random = new SplittableRandom(round);
        for (int i = 0; i < steps; i++) {
            commit(writer, random);
        }
    }

    private void writeUntil(AtomicBoolean done, int writer, int round) {
        SplittableRandom random = new SplittableRandom(round);
        while (!done.get() && fault.get() == null) {
            commit(writer, random);
        }
    }

    /** The first key of a writer counts its commits; others make log and pages. */
    private void commit(int writer, SplittableRandom random) {
        long next = acknowledged.get(writer) + 1;
        boolean lazy = random.nextInt(4) == 0;
        try (WriteTransaction tx = begin(instance.database("db"))) {
            WritableTable table = tx.table(instance.database("db"), "t");
            table.put(Child.key(writer, 0), ByteBuffer.allocate(8).putLong(next).array());
            table.put(Child.key(writer, 1 + random.nextInt(2_000)), new byte[random.nextInt(3_000)]);
            tx.commit(lazy ? Durability.LAZY : Durability.DURABLE);
        }
        if (lazy) {
            instance.awaitDurable();
        }
        acknowledged.set(writer, next);
    }

    private WriteTransaction begin(Database database) {
        WriteTransaction tx = instance.beginWrite();
        tx.openOrCreateTable(database, "t");
        return tx;
    }

    private void readUntil(AtomicBoolean done) {
        while (!done.get() && fault.get() == null) {
            read();
        }
    }

    private void read() {
        try (ReadTransaction tx = instance.beginRead()) {
            var cursor = tx.table(instance.database("db"), "t").cursor();
            long entries = 0;
            while (cursor.next()) {
                entries += cursor.value().toBytes().length + 1;
            }
            assertTrue(entries >= 0);
        }
    }

    @Test
    void aWriterThatWaitsForMemoryMustPauseAlsoWithTheFlagSet() {
        int waitMs = 400;
        instance = config().memoryWaitMs(waitMs).checkpointIntervalMs(1_000_000).open();
        Database database = instance.createDatabase("db");
        MutableBytesView view = new MutableBytesView();
        try (ReadTransaction pins = instance.beginRead()) {
            assertTrue(pins.isOpen());
            LimitException spent = assertThrows(LimitException.class, () -> {
                while (true) {
                    try (WriteTransaction tx = instance.beginWrite()) {
                        for (int i = 0; i < 100; i++) {
                            tx.rawPages(database).allocate(view);
                        }
                        Thread.currentThread().interrupt();
                        tx.commit();
                    }
                }
            });
            assertEquals(QuireError.OUT_OF_MEMORY, spent.error());
        }
        assertTrue(Thread.interrupted());
        // A pause takes 5 ms, and a few checkpoints come from elsewhere; without pauses there are thousands.
        assertTrue(
                instance.stats().checkpoints() < 2 * waitMs / 5,
                () -> instance.stats().toString());
        try (WriteTransaction tx = instance.beginWrite()) {
            tx.rawPages(database).allocate(view);
            tx.commit();
        }
    }

    /** A backup that a reader keeps from moving the slot on must name the databases that the log behind it makes. */
    @Test
    void aBackupMustCountDatabasesThatNoSlotNames() {
        instance = config().open();
        instance.createDatabase("first");
        try (ReadTransaction reader = instance.beginRead()) {
            instance.createDatabase("second");
            assertTrue(reader.isOpen());
            Backup.full(instance, directory.resolve("b"), Progress.NONE);
        }
        assertTrue(BackupVerification.verify(FileStorage.instance(), directory.resolve("b"), Progress.NONE)
                .isSound());
        Restore.restore(FileStorage.instance(), directory.resolve("b"), directory.resolve("r"), Progress.NONE);
        try (Instance restored = Instance.open(directory.resolve("r"))) {
            assertEquals(2, restored.databases().size());
            restored.createDatabase("third");
            assertTrue(restored.check().isSound());
        }
        instance.close();
    }

    /** A backup begins while somebody closes, again and again; whoever closes takes places without standing in line. */
    @Test
    void aBackupThatBeginsMustNotKeepTheInstanceFromClosing() throws InterruptedException {
        for (int i = 0; i < 30; i++) {
            instance = config().open();
            Path to = directory.resolve("b" + i);
            Thread backup = task(() -> {
                try {
                    Backup.full(instance, to, Progress.NONE);
                } catch (QuireException e) {
                    assertTrue(REFUSED_AT_THE_END.contains(e.error()), e::toString);
                }
            });
            try (WriteTransaction tx = instance.beginWrite()) {
                assertTrue(tx.isOpen());
                backup.start();
                LockSupport.parkNanos(i * 1_000_000L);
            }
            while (!closed()) {
                Thread.onSpinWait();
            }
            backup.join();
        }
        assertNull(fault.get(), () -> CrashJudge.text(fault.get()));
    }

    private boolean closed() {
        try {
            instance.close();
            return true;
        } catch (QuireException e) {
            boolean expected =
                    e.error() == QuireError.TOO_MANY_ACTIVE_USERS || e.error() == QuireError.BACKUP_IN_PROGRESS;
            assertTrue(expected, e::toString);
            return false;
        }
    }
}

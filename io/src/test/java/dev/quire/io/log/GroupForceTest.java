package dev.quire.io.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quire.io.FileStorage;
import dev.quire.io.QuireError;
import dev.quire.io.QuireException;
import dev.quire.io.UnavailableException;
import dev.quire.io.sim.Fault;
import dev.quire.io.sim.SimDisk;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Many threads, one log: everybody is served, one force serves many, nobody is told too early, nothing hangs. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class GroupForceTest {

    private static final int WRITERS = 16;

    @TempDir
    Path directory;

    private final SimDisk disk = TestLog.disk();
    private final Slots slots = Slots.plant(disk);
    private final GatedStorage gated = new GatedStorage(disk);

    private LogSettings simulated() {
        return new LogSettings(gated, TestLog.DIRECTORY, TestLog.SIGNATURE, TestLog.SMALL, true);
    }

    private LogSettings real(int generationBytes) {
        return new LogSettings(FileStorage.instance(), directory, TestLog.SIGNATURE, generationBytes, true);
    }

    /** Told, and asked nothing more. */
    private static final class Quiet implements LogWitness {

        volatile int highest;
        volatile long told;
        volatile QuireException failure;

        @Override
        public byte[] context() {
            return new byte[100];
        }

        @Override
        public void generationStarted(int generation, long forcedPosition) {
            highest = generation;
        }

        @Override
        public void forcedTo(long position) {
            told = position;
        }

        @Override
        public void failed(QuireException cause) {
            failure = cause;
        }
    }

    private static void all(ExecutorService threads, List<Callable<Void>> tasks) throws Exception {
        List<Future<Void>> futures = new ArrayList<>();
        tasks.forEach(task -> futures.add(threads.submit(task)));
        try {
            for (Future<Void> future : futures) {
                future.get();
            }
        } finally {
            threads.shutdown();
        }
    }

    private static void until(Callable<Boolean> condition) throws Exception {
        while (!condition.call()) {
            Thread.sleep(1);
        }
    }

    private static void commitAndCheck(LogWriter log, Quiet witness, int id, int length) {
        TestLog.append(log, id, length);
        long position = log.appended();
        log.await(position);
        assertTrue(log.forced() >= position);
        assertTrue(witness.told >= position, "the engine is told before the committer is woken");
    }

    private void assertAllThere(LogSettings settings, Quiet witness, int records) {
        LogSurvey survey = LogSurvey.of(settings, 1, witness.highest, witness.told);
        Set<Integer> ids = new HashSet<>(TestLog.ids(survey));
        assertEquals(new HashSet<>(TestLog.range(0, records)), ids);
    }

    @Test
    void everyAwaitedRecordOfSixteenCommittersMustBeReadable() throws Exception {
        Quiet witness = new Quiet();
        AtomicInteger ids = new AtomicInteger();
        LogSettings settings = real(1 << 20);
        try (LogWriter log = LogWriter.create(settings, witness)) {
            List<Callable<Void>> tasks = new ArrayList<>();
            for (int writer = 0; writer < WRITERS; writer++) {
                tasks.add(() -> {
                    for (int i = 0; i < 150; i++) {
                        commitAndCheck(log, witness, ids.getAndIncrement(), i % 50 == 0 ? 90_000 : 200);
                    }
                    return null;
                });
            }
            all(Executors.newFixedThreadPool(WRITERS), tasks);
            assertTrue(log.generation() > 3, "switched under load");
        }
        assertAllThere(settings, witness, ids.get());
    }

    @Test
    void oneForceMustServeAllThatCameMeanwhile() throws Exception {
        Quiet witness = new Quiet();
        try (LogWriter log = LogWriter.create(simulated(), witness)) {
            long before = log.forces();
            gated.shut();
            int begun = gated.begun.get();
            ExecutorService threads = Executors.newFixedThreadPool(WRITERS);
            List<Future<?>> commits = new ArrayList<>();
            commits.add(threads.submit(() -> commitAndCheck(log, witness, 0, 100)));
            until(() -> gated.begun.get() > begun);
            for (int id = 1; id < WRITERS; id++) {
                int number = id;
                commits.add(threads.submit(() -> commitAndCheck(log, witness, number, 100)));
            }
            until(() -> log.appended() >= Lsn.of(1, LogLayout.FIRST_BATCH_OFFSET) + WRITERS * 100L);
            Thread.sleep(20); // all wait by now, or come as the others did
            gated.open();
            for (Future<?> commit : commits) {
                commit.get();
            }
            threads.shutdown();
            assertTrue(log.forces() - before <= 4, "forces=" + (log.forces() - before));
        }
    }

    /** Two meet again and again, so that one often arrives just when the other gives the leadership up. */
    @Test
    void committerWhoArrivesWhileTheLeaderLeavesMustNotBeForgotten() throws Exception {
        disk.recordTrace(false);
        Quiet witness = new Quiet();
        int rounds = 20_000;
        LogSettings settings = new LogSettings(disk, TestLog.DIRECTORY, TestLog.SIGNATURE, 1 << 20, true);
        try (LogWriter log = LogWriter.create(settings, witness)) {
            AtomicInteger arrived = new AtomicInteger();
            Callable<Void> committer = () -> {
                ByteBuffer bytes = ByteBuffer.allocate(16);
                for (int round = 1; round <= rounds; round++) {
                    arrived.incrementAndGet();
                    while (arrived.get() < 2 * round) {
                        Thread.yield();
                    }
                    log.append(1, bytes, 0, 16);
                    log.force();
                }
                return null;
            };
            all(Executors.newFixedThreadPool(2), List.of(committer, committer));
            log.release(log.generation());
        }
    }

    @Test
    void loneCommitterMustForceInItsOwnThread() {
        Quiet witness = new Quiet();
        try (LogWriter log = LogWriter.create(simulated(), witness)) {
            int id = 0;
            while (gated.through.get() == 0) {
                commitAndCheck(log, witness, id++, 500); // the log thread may still be on its way back to sleep
            }
            for (int more = 0; more < 20; more++) {
                commitAndCheck(log, witness, id++, 500);
            }
            assertEquals(21, gated.through.get());
        }
    }

    @Test
    void largeTransactionMustGetBuffersWhileNobodyWaits() {
        Quiet witness = new Quiet();
        LogSettings settings = real(4 << 20);
        int records = 300;
        try (LogWriter log = LogWriter.create(settings, witness)) {
            log.reserve(records * 100_000L, records);
            for (int id = 0; id < records; id++) {
                TestLog.append(log, id, 100_000);
            }
            log.force();
        }
        assertAllThere(settings, witness, records);
    }

    @Test
    void interruptedCommittersMustNeitherFailNorLoseTheLog() throws Exception {
        Quiet witness = new Quiet();
        AtomicInteger ids = new AtomicInteger();
        LogSettings settings = real(TestLog.SMALL);
        try (LogWriter log = LogWriter.create(settings, witness)) {
            ConcurrentLinkedQueue<Thread> victims = new ConcurrentLinkedQueue<>();
            AtomicInteger running = new AtomicInteger(4);
            List<Callable<Void>> tasks = new ArrayList<>();
            for (int writer = 0; writer < 4; writer++) {
                tasks.add(() -> {
                    victims.add(Thread.currentThread());
                    try {
                        for (int i = 0; i < 200; i++) {
                            commitAndCheck(log, witness, ids.getAndIncrement(), 900);
                        }
                    } finally {
                        running.decrementAndGet();
                    }
                    return null;
                });
            }
            tasks.add(() -> {
                while (running.get() > 0) {
                    victims.forEach(Thread::interrupt);
                    Thread.sleep(0, ThreadLocalRandom.current().nextInt(200_000));
                }
                return null;
            });
            all(Executors.newFixedThreadPool(5), tasks);
        }
        assertEquals(null, witness.failure);
        assertAllThere(settings, witness, ids.get());
    }

    @Test
    void interruptMustBeKeptForTheCaller() {
        Quiet witness = new Quiet();
        LogSettings settings = real(TestLog.SMALL);
        Thread.currentThread().interrupt();
        try (LogWriter log = LogWriter.create(settings, witness)) {
            for (int id = 0; id < 200; id++) {
                commitAndCheck(log, witness, id, 1500);
                assertTrue(Thread.currentThread().isInterrupted());
            }
            log.roll();
            log.reserve(3L * TestLog.SMALL, 30);
            assertTrue(Thread.currentThread().isInterrupted());
        } finally {
            assertTrue(Thread.interrupted());
        }
        assertAllThere(settings, witness, 200);
    }

    @Test
    void failedForceMustReachEverybodyWhoWaits() throws Exception {
        Quiet witness = new Quiet();
        LogWriter log = LogWriter.create(simulated(), witness);
        gated.shut();
        int begun = gated.begun.get();
        ExecutorService threads = Executors.newFixedThreadPool(WRITERS);
        List<Future<?>> commits = new ArrayList<>();
        commits.add(threads.submit(() -> commitAndCheck(log, witness, 0, 100)));
        until(() -> gated.begun.get() > begun);
        for (int id = 1; id < WRITERS; id++) {
            int number = id;
            commits.add(threads.submit(() -> commitAndCheck(log, witness, number, 100)));
        }
        until(() -> log.appended() >= Lsn.of(1, LogLayout.FIRST_BATCH_OFFSET) + WRITERS * 100L);
        disk.failAt(disk.operationCount(), Fault.FAILED_FORCE, true);
        gated.open();
        for (Future<?> commit : commits) {
            Exception failed = assertThrows(Exception.class, commit::get);
            assertEquals(UnavailableException.class, failed.getCause().getClass());
        }
        threads.shutdown();
        assertNotNull(witness.failure);
        assertNotNull(log.failure());
        assertThrows(UnavailableException.class, () -> TestLog.append(log, 1, 1));
        log.close();
    }

    @Test
    void failedForceMustNotLeaveALargeTransactionWaiting() {
        Quiet witness = new Quiet();
        LogWriter log = LogWriter.create(simulated(), witness);
        disk.failAt(disk.operationCount(), Fault.EIO_WRITE, true);
        UnavailableException failed = assertThrows(UnavailableException.class, () -> {
            for (int id = 0; id < 1000; id++) {
                TestLog.append(log, id, 10_000);
            }
        });
        assertEquals(QuireError.LOG_WRITE_FAIL, failed.error());
        log.close();
        assertNoThreads();
    }

    @Test
    void rollMustNotLoseWhatOthersAppendMeanwhile() throws Exception {
        Quiet witness = new Quiet();
        AtomicInteger ids = new AtomicInteger();
        LogSettings settings = real(TestLog.SMALL);
        ReentrantLock writer = new ReentrantLock();
        try (LogWriter log = LogWriter.create(settings, witness)) {
            List<Callable<Void>> tasks = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                tasks.add(() -> {
                    for (int round = 0; round < 100; round++) {
                        int records = ThreadLocalRandom.current().nextInt(1, 6);
                        writer.lock();
                        try {
                            log.reserve(records * 800L, records);
                            for (int record = 0; record < records; record++) {
                                TestLog.append(log, ids.getAndIncrement(), 800);
                            }
                        } finally {
                            writer.unlock();
                        }
                        log.force();
                    }
                    return null;
                });
            }
            tasks.add(() -> {
                int last = log.generation();
                for (int round = 0; round < 30; round++) {
                    int generation = log.roll();
                    assertTrue(generation > last);
                    last = generation;
                    log.release(Math.max(1, generation - 1000));
                }
                return null;
            });
            all(Executors.newFixedThreadPool(4), tasks);
        }
        assertAllThere(settings, witness, ids.get());
    }

    @Test
    void closeMustForceWhatWasAppendedAndEndItsThreads() {
        Quiet witness = new Quiet();
        LogSettings settings = real(1 << 20);
        LogWriter log = LogWriter.create(settings, witness);
        TestLog.append(log, 0, 100);
        TestLog.append(log, 1, 100_000);
        log.close();
        assertTrue(log.forced() >= log.appended());
        log.force();
        assertNoThreads();
        assertAllThere(settings, witness, 2);
        assertFalse(directory.resolve(LogFiles.TEMPORARY_NAME).toFile().exists());
    }

    private static void assertNoThreads() {
        assertTrue(Thread.getAllStackTraces().keySet().stream()
                .noneMatch(thread -> thread.getName().startsWith("quire-log")));
    }

    @Test
    void virtualThreadsMustBeServed() throws Exception {
        Quiet witness = new Quiet();
        LogSettings settings = real(1 << 20);
        AtomicInteger ids = new AtomicInteger();
        try (LogWriter log = LogWriter.create(settings, witness)) {
            List<Callable<Void>> tasks = new ArrayList<>();
            for (int i = 0; i < 2000; i++) {
                tasks.add(() -> {
                    commitAndCheck(log, witness, ids.getAndIncrement(), 60);
                    return null;
                });
            }
            all(perTask(), tasks);
        }
        assertAllThere(settings, witness, 2000);
    }

    /** Virtual threads where there are any. */
    private static ExecutorService perTask() throws Exception {
        try {
            return (ExecutorService)
                    Executors.class.getMethod("newVirtualThreadPerTaskExecutor").invoke(null);
        } catch (NoSuchMethodException none) {
            return Executors.newFixedThreadPool(200);
        }
    }

    @Test
    void callersWithoutALogThreadMustServeOneAnother() throws Exception {
        Quiet witness = new Quiet();
        AtomicInteger ids = new AtomicInteger();
        LogSettings settings =
                new LogSettings(FileStorage.instance(), directory, TestLog.SIGNATURE, TestLog.SMALL, false);
        try (LogWriter log = LogWriter.create(settings, witness)) {
            List<Callable<Void>> tasks = new ArrayList<>();
            for (int writer = 0; writer < 8; writer++) {
                tasks.add(() -> {
                    for (int i = 0; i < 60; i++) {
                        commitAndCheck(log, witness, ids.getAndIncrement(), i % 20 == 0 ? 15_000 : 700);
                    }
                    return null;
                });
            }
            all(Executors.newFixedThreadPool(8), tasks);
        }
        assertAllThere(settings, witness, ids.get());
    }

    @Test
    void lsnsMustFollowTheOrderOfAppends() throws Exception {
        Quiet witness = new Quiet();
        try (LogWriter log = LogWriter.create(simulated(), witness)) {
            ByteBuffer bytes = ByteBuffer.allocate(300);
            long last = 0;
            for (int i = 0; i < 1000; i++) {
                long lsn = log.append(1, bytes, 0, i % 300);
                assertTrue(lsn > last && log.appended() > lsn);
                last = lsn;
            }
        }
    }
}

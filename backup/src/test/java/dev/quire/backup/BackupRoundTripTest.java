package dev.quire.backup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quire.Instance;
import dev.quire.ReadTransaction;
import dev.quire.WriteTransaction;
import dev.quire.durable.BackupKind;
import dev.quire.io.FileStorage;
import dev.quire.io.Progress;
import dev.quire.io.Storage;
import dev.quire.io.log.LogFiles;
import dev.quire.io.page.BackupStamp;
import dev.quire.io.page.DatabaseHeader;
import dev.quire.io.sim.CrashPolicy;
import dev.quire.io.sim.SimDisk;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A backup that is taken while the instance is written to must give back exactly what it says it holds. */
class BackupRoundTripTest {

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
    void whatIsRestoredMustBeTheStateAtTheEndOfTheBackup(long seed) {
        Scene scene = Scene.filled(seed, config -> config.circularLogging(seed % 2 == 0));
        int before = scene.points.size();
        BackupReport report = scene.backup(Scene.BACKUP, (phase, done, total) -> scene.work());
        assertTrue(scene.points.size() > before + 20, "commits meanwhile=" + (scene.points.size() - before));
        judge(scene, Scene.ROOT, report, seed);
    }

    @Test
    void itMustBeSoOnTheRealDiskAndWithThreads(@TempDir Path directory) {
        Storage storage = FileStorage.instance();
        Scene scene = new Scene(storage, directory, 3, config -> config.background(true));
        scene.fill();
        BackupReport report = scene.backup(directory.resolve("backup"), (phase, done, total) -> scene.work());
        judge(scene, directory, report, 3);
        scene.instance.close();
    }

    /**
     * Fear: a checkpoint comes between the point of a backup and its look at the allocation maps. A page that was in
     * use at that point and is free since is not copied then, and its records in the log find nothing.
     */
    @Test
    void aCheckpointMustWaitWhileABackupLooksWhatItConsistsOf() throws InterruptedException {
        SimDisk disk = new SimDisk(Scene.ROOT);
        AtomicReference<Runnable> meanwhile = new AtomicReference<>();
        Storage storage = (Storage) Proxy.newProxyInstance(
                Storage.class.getClassLoader(), new Class<?>[] {Storage.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("list") && isBeginningOfABackup()) {
                        meanwhile.get().run();
                    }
                    try {
                        return method.invoke(disk, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
        Scene scene = new Scene(storage, Scene.ROOT, 1, config -> config.circularLogging(false));
        scene.fill();
        long page = scene.pages.get(0)[1];
        Thread checkpoint = new Thread(() -> scene.instance.checkpoint());
        meanwhile.set(() -> {
            scene.commit(step -> step.modify(Scene.SMALL, page, 0, 100, 9));
            scene.commit(step -> step.free(Scene.SMALL, page));
            checkpoint.start();
            while (checkpoint.isAlive() && checkpoint.getState() != Thread.State.WAITING) {
                Thread.onSpinWait();
            }
        });
        BackupReport report = scene.backup(Scene.BACKUP, Progress.NONE);
        checkpoint.join();
        Scene.restore(disk, Scene.BACKUP, Scene.BACK, 2);
        try (Instance restored = Scene.open(disk, Scene.BACK, 3)) {
            assertEquals(scene.at(report.end()).digest(), Contents.of(restored).digest());
        }
        scene.instance.close();
    }

    /** Whether the backup has its point and has not looked at the maps. */
    private static boolean isBeginningOfABackup() {
        return StackWalker.getInstance()
                .walk(frames -> frames.anyMatch(frame -> frame.getMethodName().equals("lowest")));
    }

    private static void judge(Scene scene, Path root, BackupReport report, long seed) {
        Path backup = root.resolve("backup");
        Path back = root.resolve("back");
        VerifyReport verified = BackupVerification.verify(scene.storage, backup, Progress.NONE);
        assertEquals(List.of(), verified.faults());
        assertEquals(report.pages(), verified.pages());
        assertEquals(report.end(), verified.manifest().end());
        Scene.restore(scene.storage, backup, back, 50 + seed);
        long expected = scene.at(report.end()).digest();
        long next = restored(scene, back, expected);
        assertEquals(next, reopened(scene, back, false), "after a crash");
        assertEquals(next, reopened(scene, back, true), "after an orderly end");
        Path again = root.resolve("again");
        Scene.restore(scene.storage, backup, again, 70 + seed);
        try (Instance second = Scene.open(scene.storage, again, 90)) {
            assertEquals(expected, Contents.of(second).digest());
        }
        assertEquals(scene.contents().digest(), Contents.of(scene.instance).digest(), "the source");
        assertTrue(scene.instance.check().isSound());
        Path other = root.resolve("other");
        BackupReport later = Backup.full(scene.instance, other, Progress.NONE);
        Scene.restore(scene.storage, other, root.resolve("third"), 110 + seed);
        hasNoStamps(scene, root.resolve("third"));
        try (Instance third = Scene.open(scene.storage, root.resolve("third"), 91)) {
            assertEquals(scene.at(later.end()).digest(), Contents.of(third).digest());
        }
    }

    /** Looks at a restored instance, commits once more and leaves it as a crash does; returns what it holds then. */
    private static long restored(Scene scene, Path back, long expected) {
        Instance instance = Scene.open(scene.storage, back, 80);
        assertTrue(instance.recovery().clean());
        assertEquals(expected, Contents.of(instance).digest());
        assertEquals(List.of(), instance.check().faults());
        assertNotEquals(
                scene.instance.engine().slot().signature(),
                instance.engine().slot().signature());
        hasNoStamps(scene, back);
        try (WriteTransaction tx = instance.beginWrite()) {
            Step step = new Step(instance, tx, new Contents());
            step.put(Scene.SMALL, "new", 5, 500).put(Scene.LARGE, "new", 6, 50_000);
            step.allocate(Scene.SMALL, 9);
            tx.commit();
        }
        long digest = Contents.of(instance).digest();
        instance.halt();
        return digest;
    }

    private static void hasNoStamps(Scene scene, Path back) {
        for (String name : List.of(Scene.SMALL, Scene.LARGE)) {
            DatabaseHeader header = DatabaseHeader.read(scene.storage, back.resolve(name + ".qdb"));
            assertEquals(BackupStamp.NONE, header.full());
            assertEquals(BackupStamp.NONE, header.currentFull());
        }
    }

    private static long reopened(Scene scene, Path back, boolean clean) {
        try (Instance instance = Scene.open(scene.storage, back, 81)) {
            assertEquals(clean, instance.recovery().clean());
            assertEquals(List.of(), instance.check().faults());
            return Contents.of(instance).digest();
        }
    }

    @Test
    void withHistoryKeptTheBackupMustReachBackToTheOldestGenerationAndReleaseItAfterwards() {
        Scene scene = Scene.filled(1, config -> config.circularLogging(false));
        for (int i = 0; i < 12; i++) {
            scene.work();
            scene.instance.engine().log().roll();
        }
        scene.instance.checkpoint();
        scene.instance.checkpoint();
        Path log = scene.home.resolve("log");
        int[] before = LogFiles.list(scene.storage, log);
        assertEquals(1, before[0]);
        BackupReport report = scene.backup(Scene.BACKUP, Progress.NONE);
        assertEquals(1, report.generationLow());
        assertTrue(report.generationHigh() > 12);
        int[] after = LogFiles.list(scene.storage, log);
        assertTrue(after[0] > 10, () -> Arrays.toString(after));
        scene.work();
        BackupReport next = scene.backup(Scene.ROOT.resolve("next"), Progress.NONE);
        assertTrue(next.generationLow() <= report.generationHigh() + 1, "history has a hole");
        assertEquals(
                List.of(),
                BackupVerification.verify(scene.storage, Scene.BACKUP, Progress.NONE)
                        .faults());
    }

    @Test
    void aFullMustMakeNoCheckpointThatWritesMoreThanItSavesAndAnIncrementalMustMakeOne() {
        Scene scene = Scene.filled(1, config -> config.circularLogging(false));
        long[] raw = scene.pages.get(0);
        Runnable work = () -> scene.commit(s ->
                IntStream.range(0, 12).forEach(i -> s.modify(Scene.SMALL, raw[2 * i + 1], 100, 8, i)));
        work.run();
        long before = scene.instance.engine().checkpointer().count();
        scene.backup(Scene.BACKUP, Progress.NONE);
        assertEquals(before, scene.instance.engine().checkpointer().count());
        Scene.restore(scene.storage, Scene.BACKUP, Scene.BACK, 5);
        assertEquals(null, CrashJudge.holds(scene.disk(), Scene.BACK, scene.contents()));
        work.run();
        Backup.run(
                scene.instance,
                BackupRequest.of(BackupKind.INCREMENTAL).to(Scene.BACKUP).conclude());
        assertEquals(before + 1, scene.instance.engine().checkpointer().count());
    }

    @Test
    void anInstanceAtRestMustNotKeepTheLogOfAllItsBackups() {
        Scene scene = Scene.filled(1);
        for (int i = 0; i < 8; i++) {
            BackupReport report = scene.backup(Scene.ROOT.resolve("backup" + i), Progress.NONE);
            assertTrue(report.generationHigh() - report.generationLow() < 3, "generations of backup " + i);
        }
        assertTrue(LogFiles.list(scene.storage, scene.home.resolve("log")).length < 5);
    }

    @Test
    void aCheckpointWhileTheLogIsCopiedMustNotTakeItAway() {
        Scene scene = Scene.filled(1, config -> config.circularLogging(false));
        scene.backup(Scene.ROOT.resolve("first"), Progress.NONE);
        for (int i = 0; i < 4; i++) {
            scene.commit(s -> s.put(Scene.SMALL, "a", 1, 100));
            scene.instance.engine().log().roll();
        }
        BackupReport report = scene.backup(Scene.BACKUP, (phase, done, total) -> {
            scene.commit(s -> s.put(Scene.SMALL, "a", done, 100));
            scene.instance.checkpoint();
            scene.instance.checkpoint();
        });
        Scene.restore(scene.storage, Scene.BACKUP, Scene.BACK, 5);
        try (Instance back = Scene.open(scene.storage, Scene.BACK, 6)) {
            assertEquals(scene.at(report.end()).digest(), Contents.of(back).digest());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void anExtentThatLivesOnInPiecesAsPagesMustNotBeTakenForDamage(int parity) {
        Scene scene = new Scene(new SimDisk(Scene.ROOT), Scene.ROOT, 1, config -> {});
        scene.create(Scene.SMALL, 4096);
        long[] raw = new long[40];
        scene.commit(s -> Arrays.setAll(raw, i -> s.allocate(Scene.SMALL, i)));
        scene.commit(s -> s.put(Scene.SMALL, "long", 1, 60_000));
        scene.commit(s -> s.free(Scene.SMALL, raw[20])); // ends the first run that is copied
        boolean[] done = new boolean[1];
        BackupReport report = scene.backup(Scene.BACKUP, (phase, bytes, total) -> {
            if (!done[0]) {
                done[0] = true;
                scene.commit(s -> s.delete(Scene.SMALL, "long"));
                scene.commit(s -> reusedInTheMiddle(s, parity));
                scene.instance.checkpoint();
            }
        });
        assertEquals(
                List.of(),
                BackupVerification.verify(scene.storage, Scene.BACKUP, Progress.NONE)
                        .faults());
        Scene.restore(scene.storage, Scene.BACKUP, Scene.BACK, 5);
        try (Instance back = Scene.open(scene.storage, Scene.BACK, 6)) {
            assertEquals(scene.at(report.end()).digest(), Contents.of(back).digest());
            assertEquals(List.of(), back.check().faults());
        }
    }

    /** Takes many pages and gives every second one back in the same transaction: those get no image in the log. */
    private static void reusedInTheMiddle(Step step, int parity) {
        long[] taken = new long[12];
        Arrays.setAll(taken, i -> step.allocate(Scene.SMALL, 100 + i));
        for (int i = parity; i < taken.length; i += 2) {
            step.free(Scene.SMALL, taken[i]);
        }
    }

    @Test
    void aDatabaseThatIsMadeMeanwhileMustBeRestoredFromItsLog() {
        Scene scene = Scene.filled(1);
        boolean[] done = new boolean[1];
        BackupReport report = scene.backup(Scene.BACKUP, (phase, bytes, total) -> {
            if (!done[0]) {
                done[0] = true;
                scene.create("young", 8192);
                scene.commit(s -> s.put("young", "long", 1, 200_000).put("young", "a", 2, 10));
                scene.instance.checkpoint();
            }
        });
        assertFalse(report.databases().contains("young"));
        Scene.restore(scene.storage, Scene.BACKUP, Scene.BACK, 5);
        try (Instance back = Scene.open(scene.storage, Scene.BACK, 6)) {
            assertEquals(scene.contents().digest(), Contents.of(back).digest());
        }
    }

    @Test
    void aDatabaseAttachedWhileAReaderHoldsTheCheckpointBackMustBeInTheBackup() {
        Scene scene = Scene.filled(1);
        scene.create("guest", 4096);
        scene.commit(s -> s.put("guest", "a", 1, 3000).put("guest", "b", 2, 30_000));
        scene.instance.detach("guest");
        scene.commit(s -> s.put(Scene.SMALL, "a", 1, 10));
        try (ReadTransaction reader = scene.instance.beginRead()) {
            scene.instance.attach("guest");
            scene.commit(s -> s.put("guest", "c", 3, 300));
            assertTrue(reader.isOpen());
            scene.backup(Scene.BACKUP, Progress.NONE);
        }
        assertEquals(
                List.of(),
                BackupVerification.verify(scene.storage, Scene.BACKUP, Progress.NONE)
                        .faults());
        Scene.restore(scene.storage, Scene.BACKUP, Scene.BACK, 5);
        try (Instance back = Scene.open(scene.storage, Scene.BACK, 6)) {
            assertEquals(scene.contents().digest(), Contents.of(back).digest());
        }
    }

    @Test
    void aReaderThatHoldsTheCheckpointBackMustNotSpoilTheBackup() {
        Scene scene = Scene.filled(4);
        BackupReport report;
        try (ReadTransaction reader = scene.instance.beginRead()) {
            for (int i = 0; i < 30; i++) {
                scene.work();
            }
            report = scene.backup(Scene.BACKUP, (phase, done, total) -> scene.work());
            assertTrue(reader.isOpen());
        }
        Scene.restore(scene.storage, Scene.BACKUP, Scene.BACK, 5);
        try (Instance back = Scene.open(scene.storage, Scene.BACK, 6)) {
            assertEquals(scene.at(report.end()).digest(), Contents.of(back).digest());
        }
    }

    /** Fear: who restores to where a backup says that it begins gets pages of later commits. */
    @Test
    void aBackupMustNotSayThatItIsConsistentBeforeTheLastCommitThatItsPagesMayHold() {
        Scene scene = Scene.filled(1);
        long[] held = new long[1];
        BackupReport report = scene.backup(Scene.BACKUP, (phase, done, total) -> {
            if (phase == Progress.Phase.PAGES) {
                scene.commit(s -> s.put(Scene.LARGE, "a", done, 300));
                scene.instance.checkpoint();
                held[0] = scene.instance.engine().slot().redoStart();
            }
        });
        assertTrue(report.consistentFrom() >= held[0]);
        assertTrue(report.consistentFrom() <= report.end());
        Manifest manifest = Manifest.read(scene.storage, Scene.BACKUP);
        assertEquals(report.consistentFrom(), manifest.consistentFrom());
    }

    @Test
    void aBackupThatWasReportedMustSurviveThePowerCutThatFollows() {
        Scene scene = Scene.filled(2);
        BackupReport report = scene.backup(Scene.BACKUP, (phase, done, total) -> scene.work());
        SimDisk disk = scene.disk().crashImage(scene.disk().operationCount(), CrashPolicy.NONE, 0);
        Scene.restore(disk, Scene.BACKUP, Scene.BACK, 5);
        SimDisk after = disk.crashImage(disk.operationCount(), CrashPolicy.NONE, 0);
        try (Instance back = Scene.open(after, Scene.BACK, 6)) {
            assertEquals(scene.at(report.end()).digest(), Contents.of(back).digest());
        }
    }
}

package dev.quire.backup;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quire.Instance;
import dev.quire.WriteTransaction;
import dev.quire.durable.BackupKind;
import dev.quire.io.FileStorage;
import dev.quire.io.ForwardingStorage;
import dev.quire.io.Progress;
import dev.quire.io.QuireError;
import dev.quire.io.QuireException;
import dev.quire.io.Storage;
import dev.quire.io.StoreLock;
import dev.quire.io.sim.Fault;
import dev.quire.io.sim.SimDisk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** What a backup and a restore refuse, what they are told to give up, and that nothing is lost or left by either. */
class BackupRefusalTest {

    private static final class Enough extends RuntimeException {
        private static final long serialVersionUID = 1;
    }

    /** Ends an operation at its n-th report. */
    private static final class EndAt implements Progress {
        private final int at;
        private final boolean throwing;
        private int calls;

        EndAt(int at, boolean throwing) {
            this.at = at;
            this.throwing = throwing;
        }

        @Override
        public void advance(Phase phase, long done, long total) {
            calls++;
            if (throwing && calls == at) {
                throw new Enough();
            }
        }

        @Override
        public boolean isCancelled() {
            return calls == at;
        }
    }

    @Test
    void aBackupEndedAtAnyReportMustLeaveNothing() {
        Scene scene = Scene.filled(1);
        scene.disk().recordTrace(false);
        int ended = 0;
        for (boolean throwing : new boolean[] {true, false}) {
            for (int at = 1; at <= 200; at++) {
                EndAt end = new EndAt(at, throwing);
                Path destination = Scene.ROOT.resolve("backup" + throwing + at);
                try {
                    scene.backup(destination, end);
                    break;
                } catch (Enough | QuireException e) {
                    assertTrue(throwing ? e instanceof Enough : is(e, QuireError.BACKUP_ABORT_BY_CALLER), () -> "" + e);
                    assertEquals(Storage.Kind.NONE, scene.storage.kind(destination));
                    ended++;
                }
            }
        }
        assertTrue(ended > 20, "ended=" + ended);
        scene.backup(Scene.BACKUP, Progress.NONE);
        assertEquals(null, CrashJudge.whole(scene.disk(), end -> scene.contents(), 1));
    }

    @Test
    void aRestoreEndedAtAnyReportMustLeaveTheTargetAsItWas() {
        Scene scene = Scene.filled(1);
        scene.backup(Scene.BACKUP, Progress.NONE);
        scene.disk().recordTrace(false);
        scene.storage.createDirectory(Scene.BACK);
        int ended = 0;
        for (boolean throwing : new boolean[] {true, false}) {
            for (int at = 1; at <= 200; at++) {
                EndAt end = new EndAt(at, throwing);
                try {
                    Restore.restore(scene.storage, Scene.BACKUP, Scene.BACK, end, false, Scene.signatures(at));
                    scene.disk().rename(Scene.BACK, Scene.ROOT.resolve("done" + throwing));
                    scene.storage.createDirectory(Scene.BACK);
                    break;
                } catch (Enough | QuireException e) {
                    assertTrue(throwing ? e instanceof Enough : is(e, QuireError.BACKUP_ABORT_BY_CALLER), () -> "" + e);
                    assertEquals(List.of(), scene.storage.list(Scene.BACK));
                    assertFalse(scene.storage.list(Scene.ROOT).contains("back.restoring"));
                    ended++;
                }
            }
        }
        assertTrue(ended > 20, "ended=" + ended);
        Scene.restore(scene.storage, Scene.BACKUP, Scene.BACK, 9);
        assertEquals(null, CrashJudge.holds(scene.disk(), Scene.BACK, scene.contents()));
    }

    @Test
    void aVerificationMustEndWhenItIsToldTo() {
        Scene scene = Scene.filled(1);
        scene.backup(Scene.BACKUP, Progress.NONE);
        QuireException e = assertThrows(
                QuireException.class,
                () -> BackupVerification.verify(scene.storage, Scene.BACKUP, new EndAt(1, false)));
        assertEquals(QuireError.BACKUP_ABORT_BY_CALLER, e.error());
        assertThrows(Enough.class, () -> BackupVerification.verify(scene.storage, Scene.BACKUP, new EndAt(1, true)));
    }

    @Test
    void whatNeedsTheInstanceForItselfMustBeRefusedWhileABackupRuns() {
        Scene scene = Scene.filled(1);
        scene.disk().recordTrace(false);
        scene.create("away", 4096);
        scene.instance.detach("away");
        scene.backup(Scene.BACKUP, (phase, done, total) -> {
            refused(() -> scene.backup(Scene.BACKUP, Progress.NONE));
            refused(() -> scene.backup(Scene.ROOT.resolve("second"), Progress.NONE));
            refused(() -> scene.instance.attach("away"));
            refused(() -> scene.instance.detach(Scene.SMALL));
            refused(() -> scene.instance.drop(Scene.SMALL));
            refused(scene.instance::close);
        });
        assertEquals(Storage.Kind.NONE, scene.storage.kind(Scene.ROOT.resolve("second")));
        assertEquals(
                List.of(),
                BackupVerification.verify(scene.storage, Scene.BACKUP, Progress.NONE)
                        .faults());
        scene.instance.attach("away");
        scene.instance.close();
    }

    @Test
    void theSameMustHoldForOtherThreads(@TempDir Path directory) {
        Scene scene = new Scene(FileStorage.instance(), directory, 3, config -> config.background(true));
        scene.fill();
        List<Executable> calls = List.of(
                () -> scene.backup(directory.resolve("backup"), Progress.NONE),
                () -> scene.instance.detach(Scene.SMALL),
                () -> scene.instance.drop(Scene.SMALL),
                scene.instance::close);
        int[] next = new int[1];
        AtomicReference<Throwable> failure = new AtomicReference<>();
        scene.backup(directory.resolve("backup"), (phase, done, total) -> {
            Executable call = calls.get(next[0]++ % calls.size());
            Thread thread = new Thread(() -> {
                try {
                    refused(call);
                } catch (Throwable e) {
                    failure.set(e);
                }
            });
            thread.start();
            join(thread);
        });
        assertSame(null, failure.get());
        assertTrue(next[0] >= calls.size());
        scene.instance.close();
    }

    @Test
    void twoInstancesMustNotFillOneDirectory() {
        Scene scene = Scene.filled(1);
        Path elsewhere = Scene.ROOT.resolve("elsewhere");
        scene.storage.createDirectory(elsewhere);
        Scene other = new Scene(scene.storage, elsewhere, 2, config -> {});
        other.fill();
        int[] tried = new int[1];
        scene.backup(Scene.BACKUP, (phase, done, total) -> {
            if (phase == Progress.Phase.PAGES && tried[0]++ < 3) {
                refused(() -> other.backup(Scene.BACKUP, Progress.NONE));
            }
        });
        assertTrue(tried[0] > 0);
        assertEquals(null, CrashJudge.whole(scene.disk(), end -> scene.contents(), 1));
    }

    @Test
    void twoRestoresMustNotWorkOnOneTarget() {
        Scene scene = Scene.filled(1);
        scene.backup(Scene.BACKUP, Progress.NONE);
        boolean[] tried = new boolean[1];
        Progress progress = (phase, done, total) -> {
            if (phase == Progress.Phase.PAGES && !tried[0]) {
                tried[0] = true;
                refused(
                        QuireError.RESTORE_IN_PROGRESS,
                        () -> Scene.restore(scene.storage, Scene.BACKUP, Scene.BACK, 3));
            }
        };
        Restore.restore(scene.storage, Scene.BACKUP, Scene.BACK, progress, false, Scene.signatures(2));
        assertTrue(tried[0]);
        assertEquals(null, CrashJudge.holds(scene.disk(), Scene.BACK, scene.contents()));
    }

    /** Or the restore, which has done all its work by then, finds a target that is not empty. */
    @Test
    void aBackupMustNotGoWhereARestoreIsAtWork() {
        Scene scene = Scene.filled(1);
        scene.backup(Scene.BACKUP, Progress.NONE);
        int[] tried = new int[1];
        Progress progress = (phase, done, total) -> {
            if (phase == Progress.Phase.PAGES && tried[0] == 0) {
                for (Path place : List.of(Scene.BACK, Scene.BACK.resolve("deep/b"))) {
                    tried[0]++;
                    refused(QuireError.RESTORE_IN_PROGRESS, () -> makingThePath(scene, place));
                    assertEquals(Storage.Kind.NONE, scene.storage.kind(Scene.BACK));
                }
            }
        };
        Restore.restore(scene.storage, Scene.BACKUP, Scene.BACK, progress, false, Scene.signatures(2));
        assertEquals(2, tried[0]);
        assertEquals(null, CrashJudge.holds(scene.disk(), Scene.BACK, scene.contents()));
    }

    private static BackupReport makingThePath(Scene scene, Path place) {
        return Backup.run(
                scene.instance,
                BackupRequest.of(BackupKind.COPY)
                        .to(place)
                        .createPathIfNotExist(true)
                        .conclude());
    }

    /** A restore that began between the first look and the lock does not see what was not there yet. */
    @Test
    void aRestoreThatBeginsWhileABackupMakesItsPlaceMustBeSeen() {
        Scene scene = Scene.filled(1);
        Path lock = Scene.BACK.resolveSibling("back.restoring.lock");
        StoreLock[] held = new StoreLock[1];
        Storage beginning = new ForwardingStorage(scene.storage) {
            @Override
            public void createDirectory(Path directory) {
                super.createDirectory(directory);
                if (directory.equals(Scene.BACK) && held[0] == null) {
                    held[0] = scene.storage.lock(lock);
                }
            }
        };
        Path elsewhere = Scene.ROOT.resolve("elsewhere");
        scene.storage.createDirectory(elsewhere);
        Scene other = new Scene(beginning, elsewhere, 2, config -> {});
        refused(QuireError.RESTORE_IN_PROGRESS, () -> makingThePath(other, Scene.BACK));
        assertEquals(Storage.Kind.NONE, scene.storage.kind(Scene.BACK));
        held[0].close();
        makingThePath(other, Scene.BACK);
    }

    @Test
    void aBackupMustNotGoInsideTheDirectoryOfAnother() {
        Scene scene = Scene.filled(1);
        Path elsewhere = Scene.ROOT.resolve("elsewhere");
        scene.storage.createDirectory(elsewhere);
        Scene other = new Scene(scene.storage, elsewhere, 2, config -> {});
        int[] tried = new int[1];
        Path inside = Scene.BACKUP.resolve("in/side");
        scene.backup(Scene.BACKUP, (phase, done, total) -> {
            if (phase == Progress.Phase.PAGES && tried[0]++ == 0) {
                refused(() -> makingThePath(other, inside));
            }
        });
        assertTrue(tried[0] > 0);
        refused(QuireError.INVALID_PATH, () -> makingThePath(other, inside));
        makingThePath(other, Scene.ROOT.resolve("new")); // a name like any other here
        makingThePath(other, Scene.ROOT.resolve("newer"));
        scene.disk().plant(Scene.ROOT.resolve(Manifest.FILE), new byte[] {'{', '}'}); // of anybody
        makingThePath(other, Scene.ROOT.resolve("newest"));
    }

    @Test
    void anInstanceThatCannotBeBackedUpMustSaySo() {
        Scene unlogged = new Scene(new SimDisk(Scene.ROOT), Scene.ROOT, 1, config -> config.logging(false));
        refused(QuireError.LOGGING_DISABLED, () -> unlogged.backup(Scene.BACKUP, Progress.NONE));
        assertEquals(Storage.Kind.NONE, unlogged.storage.kind(Scene.BACKUP));
        Scene closed = Scene.filled(1);
        closed.instance.close();
        refused(QuireError.NOT_INITIALIZED, () -> closed.backup(Scene.BACKUP, Progress.NONE));
        Scene halted = Scene.filled(1);
        halted.instance.halt();
        refused(QuireError.NOT_INITIALIZED, () -> halted.backup(Scene.BACKUP, Progress.NONE));
    }

    @Test
    void anInstanceThatWasAskedToStopMustBeginNoBackupAndEndTheOneThatRuns() {
        Scene scene = Scene.filled(1);
        scene.backup(Scene.BACKUP, (phase, done, total) -> scene.instance.stop());
        refused(
                QuireError.CLIENT_REQUEST_TO_STOP_SERVICE,
                () -> scene.backup(Scene.ROOT.resolve("late"), Progress.NONE));
        refused(
                QuireError.CLIENT_REQUEST_TO_STOP_SERVICE,
                () -> Backup.run(
                        scene.instance,
                        BackupRequest.of(BackupKind.TRUNCATE_ONLY).conclude()));
        assertEquals(Storage.Kind.NONE, scene.storage.kind(Scene.ROOT.resolve("late")));
        scene.instance.close();
        Scene.restore(scene.storage, Scene.BACKUP, Scene.BACK, 1);
        assertEquals(null, CrashJudge.holds(scene.disk(), Scene.BACK, scene.contents()));
    }

    @Test
    void aLogThatFailsMustEndTheBackupThatRunsAndTheInstanceRefuseTheNext() {
        Scene scene = Scene.filled(1);
        QuireException e = assertThrows(
                QuireException.class,
                () -> scene.backup(Scene.BACKUP, (phase, done, total) -> {
                    if (phase == Progress.Phase.PAGES && scene.disk().faultsHit() == 0) {
                        scene.disk().failAt(scene.disk().operationCount(), Fault.EIO_WRITE, false);
                        assertThrows(QuireException.class, () -> scene.commit(s -> s.put(Scene.SMALL, "k", 1, 10)));
                    }
                }));
        assertEquals(QuireError.LOG_WRITE_FAIL, e.error());
        assertEquals(Storage.Kind.NONE, scene.storage.kind(Scene.BACKUP));
        refused(QuireError.INSTANCE_UNAVAILABLE, () -> scene.backup(Scene.BACKUP, Progress.NONE));
        assertEquals(Storage.Kind.NONE, scene.storage.kind(Scene.BACKUP));
        scene.instance.halt();
    }

    @Test
    void aDestinationThatCannotBeUsedMustBeRefusedAndStayAsItIs(@TempDir Path directory) throws IOException {
        Scene scene = new Scene(FileStorage.instance(), directory, 3, config -> config.background(true));
        scene.fill();
        Path full = Files.createDirectory(directory.resolve("full"));
        Files.writeString(full.resolve("mine.txt"), "mine");
        Path file = Files.writeString(directory.resolve("file"), "mine");
        Path empty = Files.createDirectory(directory.resolve("empty"));
        Path link = Files.createSymbolicLink(directory.resolve("link"), empty);
        Path dangling = Files.createSymbolicLink(directory.resolve("dangling"), directory.resolve("nowhere"));
        List<Path> bad = new ArrayList<>(List.of(file, link, dangling, file.resolve("below")));
        bad.add(scene.home);
        bad.add(scene.home.resolve("inside"));
        bad.add(scene.home.resolve("log").resolve(".."));
        bad.add(directory);
        bad.add(directory.getRoot());
        bad.add(directory.resolve("missing").resolve("backup"));
        bad.forEach(path -> refused(QuireError.INVALID_PATH, () -> scene.backup(path, Progress.NONE)));
        refused(QuireError.BACKUP_DIRECTORY_NOT_EMPTY, () -> scene.backup(full, Progress.NONE));
        assertEquals(List.of("mine.txt"), FileStorage.instance().list(full));
        assertEquals(List.of(), FileStorage.instance().list(empty));
        scene.backup(empty, Progress.NONE);
        refused(QuireError.BACKUP_DIRECTORY_NOT_EMPTY, () -> scene.backup(empty, Progress.NONE));
        bad.remove(directory.getRoot());
        bad.add(full);
        bad.add(empty);
        bad.add(empty.resolve("inside"));
        Storage storage = FileStorage.instance();
        bad.forEach(
                path -> refused(QuireError.INVALID_PATH, () -> Restore.restore(storage, empty, path, Progress.NONE)));
        refused(QuireError.INVALID_PATH, () -> Restore.restore(storage, empty, directory.getRoot(), Progress.NONE));
        refused(QuireError.INVALID_BACKUP, () -> Restore.restore(storage, full, directory.resolve("a"), Progress.NONE));
        refused(QuireError.INVALID_BACKUP, () -> BackupVerification.verify(storage, full, Progress.NONE));
        scene.instance.close();
    }

    @Test
    void whyAPlaceIsRefusedMustBeSaid(@TempDir Path given) throws IOException {
        Path directory = given.toRealPath();
        Storage storage = FileStorage.instance();
        Scene scene = new Scene(storage, directory, 3, config -> config.background(true));
        Path full = Files.createDirectory(directory.resolve("full"));
        Path link = Files.createSymbolicLink(directory.resolve("link"), full);
        Path file = Files.writeString(directory.resolve("file"), "mine");
        Files.writeString(full.resolve("mine"), "mine");
        Files.writeString(full.resolve("other"), "mine");
        String two = "found mine, other";
        says(() -> scene.backup(full, Progress.NONE), two + ";", "--atomic");
        says(() -> Restore.restore(storage, full, link, Progress.NONE), "is a link", "leads to " + full);
        says(() -> scene.backup(link, Progress.NONE), "is a link", "leads to " + full);
        says(() -> scene.backup(file, Progress.NONE), "is not a directory");
        Files.writeString(full.resolve("some"), "mine");
        says(() -> scene.backup(full, Progress.NONE), two + " and 1 more");
        Path deep = directory.resolve("no/deep/x");
        says(() -> scene.backup(deep, Progress.NONE), "nor " + directory.resolve("no"), "createPathIfNotExist");
        says(() -> BackupVerification.verify(storage, full, Progress.NONE), "no published backup here");
        says(() -> BackupVerification.verify(storage, file, Progress.NONE), "not a directory");
        says(() -> BackupVerification.verify(storage, deep, Progress.NONE), "does not exist");
        Path empty = Files.createDirectory(directory.resolve("empty"));
        scene.backup(empty, Progress.NONE);
        says(() -> Restore.restore(storage, empty, full, Progress.NONE), two);
        scene.instance.close();
    }

    private static void says(Executable call, String... words) {
        String said = assertThrows(QuireException.class, call).getMessage();
        for (String each : words) {
            assertTrue(said.contains(each), said);
        }
    }

    @Test
    void aPlaceInsideTheInstanceMustBeRefusedAlsoWhereALinkLeadsThere(@TempDir Path directory) throws IOException {
        Scene scene = new Scene(FileStorage.instance(), directory, 3, config -> {});
        scene.fill();
        Path in = Files.createSymbolicLink(directory.resolve("in"), scene.home);
        Path out = Files.createDirectory(directory.resolve("out"));
        Path around = Files.createSymbolicLink(out.resolve("around"), directory);
        for (Path path :
                List.of(in.resolve("b"), in.resolve("log/b"), around.resolve("here/b"), around.resolve("in/b"))) {
            refused(QuireError.INVALID_PATH, () -> scene.backup(path, Progress.NONE));
        }
        scene.backup(around.resolve("out/b"), Progress.NONE);
        Path backup = out.resolve("b");
        Path into = Files.createSymbolicLink(directory.resolve("into"), backup);
        Storage storage = FileStorage.instance();
        for (Path path :
                List.of(into.resolve("r"), around.resolve("out/b/r"), in.resolve("r"), scene.home.resolve("r"))) {
            refused(QuireError.INVALID_PATH, () -> Restore.restore(storage, backup, path, Progress.NONE));
        }
        assertEquals(
                List.of(),
                BackupVerification.verify(storage, backup, Progress.NONE).faults());
        Restore.restore(storage, backup, around.resolve("r"), Progress.NONE);
        assertEquals(null, scene.instance.check().faults().stream().findFirst().orElse(null));
        scene.instance.close();
    }

    @Test
    @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void aBackupMustBeRefusedToWhoWritesAndWaitForNobodyElseWhoDoes(@TempDir Path directory) {
        Scene scene = new Scene(FileStorage.instance(), directory, 3, config -> config.background(true));
        scene.fill();
        Path destination = directory.resolve("backup");
        WriteTransaction tx = scene.instance.beginWrite();
        tx.createTable(scene.instance.database(Scene.SMALL), "open").put(new byte[] {1}, new byte[] {2});
        assertThrows(IllegalStateException.class, () -> scene.backup(destination, Progress.NONE));
        assertFalse(Files.exists(destination));
        tx.handOff();
        scene.backup(destination, Progress.NONE);
        tx.commit();
        assertTrue(scene.instance.check().isSound());
        scene.instance.close();
        Restore.restore(scene.storage, destination, directory.resolve("back"), Progress.NONE);
        try (Instance back = Scene.open(scene.storage, directory.resolve("back"), 4)) {
            assertEquals(scene.contents().digest(), Contents.of(back).digest());
            assertTrue(back.check().isSound());
        }
    }

    @Test
    @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void aBackupThatWaitsForAChangeOfDatabasesMustEndWhenItIsToldTo() {
        Scene scene = Scene.filled(1);
        for (boolean throwing : new boolean[] {true, false}) {
            scene.instance.engine().backup().apart(() -> {
                RuntimeException e =
                        assertThrows(RuntimeException.class, () -> scene.backup(Scene.BACKUP, new EndAt(3, throwing)));
                assertTrue(throwing ? e instanceof Enough : is(e, QuireError.BACKUP_ABORT_BY_CALLER), () -> "" + e);
                return null;
            });
            assertFalse(scene.instance.engine().backup().isTaken());
        }
        assertEquals(Storage.Kind.NONE, scene.storage.kind(Scene.BACKUP));
        scene.backup(Scene.BACKUP, Progress.NONE);
    }

    @Test
    void whatLiesWhereARestoreWorksMustNotBeDeletedUnlessARestoreLeftIt() {
        Scene scene = Scene.filled(1);
        scene.backup(Scene.BACKUP, Progress.NONE);
        Path stage = Scene.ROOT.resolve("back.restoring");
        scene.storage.createDirectory(stage);
        Path mine = stage.resolve("diary.txt");
        scene.disk().plant(mine, new byte[] {1});
        scene.disk().plant(stage.resolve("small.qdb"), new byte[] {1});
        scene.disk().plant(Scene.ROOT.resolve("back.restoring.lock"), new byte[0]);
        refused(QuireError.INVALID_PATH, () -> Scene.restore(scene.storage, Scene.BACKUP, Scene.BACK, 1));
        assertEquals(List.of("diary.txt", "small.qdb"), scene.storage.list(stage));
        scene.storage.delete(mine);
        scene.disk().plant(Scene.ROOT.resolve("back.restoring.lock"), new byte[0]);
        Scene.restore(scene.storage, Scene.BACKUP, Scene.BACK, 1);
        assertEquals(null, CrashJudge.holds(scene.disk(), Scene.BACK, scene.contents()));
    }

    @Test
    void anInstanceThatHasTheNameUnderWhichARestoreWorksMustStay() {
        Scene scene = Scene.filled(1);
        scene.backup(Scene.BACKUP, Progress.NONE);
        Path mine = Scene.ROOT.resolve("back.restoring");
        Scene.restore(scene.storage, Scene.BACKUP, mine, 1);
        for (int i = 0; i < 2; i++) {
            refused(QuireError.INVALID_PATH, () -> Scene.restore(scene.storage, Scene.BACKUP, Scene.BACK, 2));
            assertEquals(null, CrashJudge.holds(scene.disk(), mine, scene.contents()));
        }
    }

    @Test
    void aFileThatHasTheNameOfALockAndHoldsSomethingMustStay() {
        Scene scene = Scene.filled(1);
        scene.storage.createDirectory(Scene.BACKUP);
        Path notes = Scene.BACKUP.resolve("backup.lock");
        scene.disk().plant(notes, new byte[] {1});
        refused(QuireError.FILE_INVALID_TYPE, () -> scene.backup(Scene.BACKUP, Progress.NONE));
        assertEquals(List.of("backup.lock"), scene.storage.list(Scene.BACKUP));
        scene.storage.delete(notes);
        scene.backup(Scene.BACKUP, Progress.NONE);
        Path other = Scene.ROOT.resolve("back.restoring.lock");
        scene.disk().plant(other, new byte[] {1});
        refused(QuireError.FILE_INVALID_TYPE, () -> Scene.restore(scene.storage, Scene.BACKUP, Scene.BACK, 1));
        assertArrayEquals(new byte[] {1}, scene.disk().contents(other));
    }

    @Test
    void aBackupToADirectoryWithNamesLikeOursMustNotTouchAnythingElse() {
        Scene scene = Scene.filled(1);
        scene.storage.createDirectory(Scene.BACKUP);
        String leftover = "0123456789abcdef.small.qdb";
        String mark = "0123456789abcdef.manifest";
        scene.disk().plant(Scene.BACKUP.resolve(leftover), new byte[] {1});
        scene.disk().plant(Scene.BACKUP.resolve("0123456789abcdef.txt"), new byte[] {1});
        refused(QuireError.BACKUP_DIRECTORY_NOT_EMPTY, () -> scene.backup(Scene.BACKUP, Progress.NONE));
        assertEquals(2, scene.storage.list(Scene.BACKUP).size());
        scene.storage.delete(Scene.BACKUP.resolve("0123456789abcdef.txt"));
        refused(QuireError.BACKUP_DIRECTORY_NOT_EMPTY, () -> scene.backup(Scene.BACKUP, Progress.NONE));
        assertEquals(List.of(leftover), scene.storage.list(Scene.BACKUP), "nothing says that it was not published");
        scene.disk().plant(Scene.BACKUP.resolve(mark), new byte[0]);
        scene.backup(Scene.BACKUP, Progress.NONE);
        assertFalse(scene.storage.list(Scene.BACKUP).contains(leftover));
        assertFalse(scene.storage.list(Scene.BACKUP).contains(mark));
    }

    @Test
    void whatComesOutOfABackupMustNotBeAttachedWithoutRestore() {
        Scene scene = Scene.filled(1);
        scene.backup(Scene.BACKUP, Progress.NONE);
        String copy = scene.storage.list(Scene.BACKUP).stream()
                .filter(name -> name.endsWith("small.qdb"))
                .findFirst()
                .orElseThrow();
        byte[] bytes = scene.disk().contents(Scene.BACKUP.resolve(copy));
        Path other = Scene.ROOT.resolve("other");
        try (Instance instance = Scene.open(scene.storage, other, 4)) {
            scene.disk().plant(other.resolve("copy.qdb"), bytes);
            refused(QuireError.SOFT_RECOVERY_ON_BACKUP_DATABASE, () -> instance.attach("copy"));
        }
    }

    private static void refused(Executable call) {
        refused(QuireError.BACKUP_IN_PROGRESS, call);
    }

    private static void refused(QuireError error, Executable call) {
        QuireException e = assertThrows(QuireException.class, call);
        assertEquals(error, e.error(), e::toString);
    }

    private static boolean is(Throwable e, QuireError error) {
        return e instanceof QuireException quire && quire.error() == error;
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}

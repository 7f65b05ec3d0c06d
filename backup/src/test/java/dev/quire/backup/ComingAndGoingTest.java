package dev.quire.backup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quire.Instance;
import dev.quire.Opening;
import dev.quire.WriteTransaction;
import dev.quire.durable.BackupKind;
import dev.quire.io.EventKind;
import dev.quire.io.OperationEvent;
import dev.quire.io.Progress;
import dev.quire.io.QuireError;
import dev.quire.io.QuireException;
import dev.quire.io.Storage;
import dev.quire.io.sim.SimDisk;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.function.Executable;

/** An instance that comes, goes or is made anew while somebody wants a backup of it, and a backup that is stopped. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ComingAndGoingTest {

    private final Scene scene = Scene.filled(1);

    private static QuireException refused(QuireError error, Executable call) {
        QuireException e = assertThrows(QuireException.class, call);
        assertEquals(error, e.error(), e::toString);
        return e;
    }

    private BackupRequest.Draft full() {
        return BackupRequest.of(BackupKind.FULL).to(Scene.BACKUP).createPathIfNotExist(true);
    }

    private void holds() {
        Scene.restore(scene.storage, Scene.BACKUP, Scene.BACK, 5);
        assertEquals(null, CrashJudge.holds(scene.disk(), Scene.BACK, scene.contents()));
    }

    @Test
    void aBackupOfAnInstanceThatIsBeingOpenedMustBeRefusedUntilItIsOpen() throws Exception {
        scene.commit(step -> step.put(Scene.SMALL, "late", 1, 100));
        scene.instance.halt();
        CountDownLatch known = new CountDownLatch(1);
        CountDownLatch recovering = new CountDownLatch(1);
        AtomicReference<Opening> opening = new AtomicReference<>();
        Progress waiting = (phase, done, total) -> {
            recovering.countDown();
            try {
                known.await();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        };
        opening.set(Scene.config(scene.storage, scene.home, 7).progress(waiting).start());
        recovering.await();
        assertTrue(opening.get().instance().isEmpty());
        assertEquals(scene.home, opening.get().directory());
        ExternalRequest request = ExternalRequest.of(BackupKind.FULL);
        refused(QuireError.BACKUP_NOT_ALLOWED_YET, () -> Backup.run(opening.get(), full().conclude()));
        refused(QuireError.BACKUP_NOT_ALLOWED_YET, () -> ExternalBackup.begin(opening.get(), request));
        assertEquals(Storage.Kind.NONE, scene.storage.kind(Scene.BACKUP));
        known.countDown();
        Instance instance = opening.get().await();
        assertSame(instance, opening.get().instance().orElseThrow());
        ExternalBackup.begin(opening.get(), request).close();
        Backup.run(opening.get(), full().conclude());
        instance.close();
        holds();
    }

    @Test
    void anOpeningMustEndWhenItIsToldToAndLeaveTheInstanceToTheNext() {
        scene.instance.halt();
        AtomicReference<Opening> opening = new AtomicReference<>();
        CompletableFuture<Void> known = new CompletableFuture<>();
        Progress cancelling = (phase, done, total) -> {
            known.join();
            opening.get().cancel();
        };
        opening.set(
                Scene.config(scene.storage, scene.home, 7).progress(cancelling).start());
        known.complete(null);
        QuireException e =
                refused(QuireError.BACKUP_ABORT_BY_CALLER, () -> opening.get().await());
        assertSame(e, assertThrows(QuireException.class, () -> opening.get().instance()));
        assertSame(e, assertThrows(QuireException.class, () -> Backup.run(opening.get(), full().conclude())));
        assertSame(
                e,
                assertThrows(
                        QuireException.class,
                        () -> ExternalBackup.begin(opening.get(), ExternalRequest.of(BackupKind.FULL))));
        scene.instance = Scene.open(scene.storage, scene.home, 8);
        assertEquals(scene.contents().digest(), Contents.of(scene.instance).digest());
    }

    @Test
    void settingsThatDoNotGoTogetherMustBeRefusedBeforeAnythingIsOpened() {
        refused(
                QuireError.SYSTEM_PARAMETER_CONFLICT,
                () -> Scene.config(scene.storage, scene.home, 7).pageBytes(5000).start());
    }

    @Test
    void anInstanceThatIsBeingRestoredMustBeRefusedToWhoeverOpensItAndNothingBeMadeInItsPlace() {
        scene.backup(Scene.BACKUP, Progress.NONE);
        List<Storage.Kind> seen = new ArrayList<>();
        Progress trying = (phase, done, total) -> {
            if (phase == Progress.Phase.PAGES) {
                refused(QuireError.RESTORE_IN_PROGRESS, () -> Scene.open(scene.storage, Scene.BACK, 7));
                Opening opening = Scene.config(scene.storage, Scene.BACK, 7).start();
                refused(QuireError.RESTORE_IN_PROGRESS, opening::await);
                refused(QuireError.RESTORE_IN_PROGRESS, () -> Backup.run(opening, full().conclude()));
                seen.add(scene.storage.kind(Scene.BACK));
            }
        };
        Restore.restore(scene.storage, Scene.BACKUP, Scene.BACK, trying, false, Scene.signatures(3));
        assertTrue(seen.size() > 1 && seen.stream().allMatch(kind -> kind == Storage.Kind.NONE));
        assertEquals(null, CrashJudge.holds(scene.disk(), Scene.BACK, scene.contents()));
    }

    @Test
    void whatAKilledRestoreLeftMustKeepNobodyOut() {
        scene.disk().plant(Scene.ROOT.resolve("back.restoring.lock"), new byte[0]);
        Scene.open(scene.storage, Scene.BACK, 7).close();
        assertEquals(Storage.Kind.FILE, scene.storage.kind(Scene.ROOT.resolve("back.restoring.lock")));
    }

    @Test
    void oneRequestMustNotBeRunByTwoAtOnce() throws Exception {
        AtomicReference<BackupRequest> request = new AtomicReference<>();
        AtomicReference<Throwable> failure = new AtomicReference<>();
        Scene other = Scene.filled(2);
        request.set(full().progress((phase, done, total) -> {
                    Thread thread = new Thread(() -> {
                        try {
                            refused(
                                    QuireError.SESSION_SHARING_VIOLATION,
                                    () -> Backup.run(other.instance, request.get()));
                        } catch (Throwable e) {
                            failure.set(e);
                        }
                    });
                    thread.start();
                    CompletableFuture.runAsync(() -> {
                                try {
                                    thread.join();
                                } catch (InterruptedException e) {
                                    throw new AssertionError(e);
                                }
                            })
                            .join();
                })
                .conclude());
        Backup.run(scene.instance, request.get());
        assertEquals(null, failure.get());
        assertEquals(Storage.Kind.NONE, other.storage.kind(Scene.BACKUP));
        refused(QuireError.BACKUP_DIRECTORY_NOT_EMPTY, () -> Backup.run(scene.instance, request.get()));
    }

    @Test
    void aBackupThatIsSentAwayMustLeaveNothingAndBeToldSo() {
        List<OperationEvent> told = new ArrayList<>();
        for (Progress.Phase phase :
                new Progress.Phase[] {Progress.Phase.PAGES, Progress.Phase.LOG, Progress.Phase.PUBLISH}) {
            told.clear();
            boolean[] asked = new boolean[1];
            Progress asking = (now, done, total) -> {
                if (now == phase && !asked[0]) {
                    asked[0] = true;
                    scene.instance.stopBackup();
                }
            };
            refused(
                    QuireError.BACKUP_ABORT_BY_SERVER,
                    () -> Backup.run(
                            scene.instance,
                            full().progress(asking.telling(told::add)).conclude()));
            assertEquals(EventKind.BACKUP_STOPPED, told.get(told.size() - 1).kind());
            assertEquals(Storage.Kind.NONE, scene.storage.kind(Scene.BACKUP));
        }
        scene.instance.stopBackup(); // none runs: the next one is not asked
        scene.backup(Scene.BACKUP, Progress.NONE);
        holds();
    }

    @Test
    void whatIsPublishedMustNotBeSentAwayAnyMore() {
        Progress asking = (phase, done, total) -> {
            if (phase == Progress.Phase.PUBLISH && done == 1) {
                scene.instance.stopBackup();
            }
        };
        scene.backup(Scene.BACKUP, asking);
        scene.backup(Scene.ROOT.resolve("next"), Progress.NONE);
        holds();
    }

    @Test
    void closingMayStopTheBackupThatRunsAndWaitForIt() {
        AtomicReference<Throwable> closed = new AtomicReference<>();
        AtomicReference<Thread> closer = new AtomicReference<>();
        Progress closing = (phase, done, total) -> {
            if (phase == Progress.Phase.PAGES && closer.get() == null) {
                closer.set(new Thread(() -> {
                    try {
                        scene.instance.closeStoppingBackup();
                    } catch (Throwable e) {
                        closed.set(e);
                    }
                }));
                closer.get().start();
            }
            if (closer.get() != null) {
                // It has a backup to wait for, and then refuses every other one.
                while (!scene.instance.engine().backup().isAskedToEnd()) {
                    Thread.onSpinWait();
                }
            }
        };
        refused(QuireError.BACKUP_ABORT_BY_SERVER, () -> scene.backup(Scene.BACKUP, closing));
        CompletableFuture.runAsync(() -> join(closer.get())).join();
        assertEquals(null, closed.get());
        assertEquals(Storage.Kind.NONE, scene.storage.kind(Scene.BACKUP));
        refused(QuireError.NOT_INITIALIZED, () -> scene.backup(Scene.BACKUP, Progress.NONE));
        assertTrue(Scene.open(scene.storage, scene.home, 8).recovery().clean());
    }

    /** Of every kind, from a caller who does not know yet. */
    private static void refusedAsClosing(Instance instance, int[] asked) {
        asked[0]++;
        BackupRequest request = BackupRequest.of(BackupKind.FULL)
                .to(Scene.ROOT.resolve("late"))
                .createPathIfNotExist(true)
                .conclude();
        refused(QuireError.TERM_IN_PROGRESS, () -> Backup.run(instance, request));
        refused(QuireError.TERM_IN_PROGRESS, () -> ExternalBackup.begin(instance, ExternalRequest.of(BackupKind.FULL)));
    }

    @Test
    void aBackupThatBeginsWhileTheInstanceIsClosedMustBeToldSoAndAfterwardsThatItIs() {
        SimDisk disk = new SimDisk(Scene.ROOT);
        Instance[] closing = new Instance[1];
        int[] asked = new int[1];
        Storage storage = Proxies.proxy(Storage.class, (method, given) -> {
            Instance instance = closing[0];
            closing[0] = null; // what is refused may look at the disk as well
            if (instance != null) {
                refusedAsClosing(instance, asked);
            }
            closing[0] = instance;
            return Proxies.invoke(method, disk, given);
        });
        Scene closed = new Scene(storage, Scene.ROOT, 1, config -> {});
        closed.fill();
        closing[0] = closed.instance;
        closed.instance.close();
        closing[0] = null;
        assertTrue(asked[0] > 0);
        assertEquals(Storage.Kind.NONE, disk.kind(Scene.ROOT.resolve("late")));
        refused(QuireError.NOT_INITIALIZED, () -> closed.backup(Scene.BACKUP, Progress.NONE));
        refused(
                QuireError.NOT_INITIALIZED,
                () -> ExternalBackup.begin(closed.instance, ExternalRequest.of(BackupKind.FULL)));
        assertTrue(Scene.open(disk, closed.home, 8).recovery().clean());
    }

    @Test
    void aBackupThatBeginsWhileTheEndWaitsForAnotherMustBeToldThatTheInstanceIsBeingClosed() {
        int[] asked = new int[1];
        AtomicReference<Thread> closer = new AtomicReference<>();
        Progress closing = (phase, done, total) -> {
            if (phase == Progress.Phase.PAGES && closer.get() == null) {
                closer.set(new Thread(scene.instance::closeStoppingBackup));
                closer.get().start();
                while (!scene.instance.engine().backup().isAskedToEnd()) {
                    Thread.onSpinWait();
                }
                refusedAsClosing(scene.instance, asked);
            }
        };
        refused(QuireError.BACKUP_ABORT_BY_SERVER, () -> scene.backup(Scene.BACKUP, closing));
        join(closer.get());
        assertEquals(1, asked[0]);
        assertEquals(Storage.Kind.NONE, scene.storage.kind(Scene.ROOT.resolve("late")));
        assertTrue(Scene.open(scene.storage, scene.home, 8).recovery().clean());
    }

    @Test
    void anExternalBackupMustEndWhenTheInstanceWantsThat() {
        ExternalRequest request = ExternalRequest.of(BackupKind.FULL);
        ExternalBackup first = ExternalBackup.begin(scene.instance, request);
        scene.instance.stopBackup();
        refused(QuireError.BACKUP_ABORT_BY_SERVER, first::databases);
        refused(QuireError.BACKUP_ABORT_BY_SERVER, () -> first.open(first.mark()));
        refused(QuireError.BACKUP_ABORT_BY_SERVER, first::logFiles);
        scene.backup(Scene.BACKUP, Progress.NONE);
        refused(QuireError.BACKUP_ABORT_BY_SERVER, () -> first.end(ExternalBackup.End.NORMAL));
        first.close();
        ExternalBackup second = ExternalBackup.begin(scene.instance, request);
        second.databases();
        scene.instance.closeStoppingBackup();
        refused(QuireError.BACKUP_ABORT_BY_SERVER, second::databases);
        second.close();
        assertTrue(Scene.open(scene.storage, scene.home, 8).recovery().clean());
    }

    @Test
    void closingThatIsRefusedForATransactionMustLeaveTheInstanceOpenForBackups() {
        try (WriteTransaction tx = scene.instance.beginWrite()) {
            tx.openOrCreateTable(scene.instance.database(Scene.SMALL), "t");
            refused(QuireError.TOO_MANY_ACTIVE_USERS, scene.instance::closeStoppingBackup);
        }
        scene.backup(Scene.BACKUP, Progress.NONE);
        scene.instance.closeStoppingBackup();
        scene.instance.closeStoppingBackup();
        holds();
    }

    @Test
    void aBackupMustNotBeMadeToWaitForItself() {
        IllegalStateException[] thrown = new IllegalStateException[1];
        scene.backup(Scene.BACKUP, (phase, done, total) -> {
            thrown[0] = assertThrows(IllegalStateException.class, scene.instance::closeStoppingBackup);
        });
        assertTrue(thrown[0].getMessage().contains("runs the backup"));
        assertFalse(scene.instance.engine().backup().isTaken());
        holds();
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}

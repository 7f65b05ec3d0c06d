package dev.quire.backup;

import static dev.quire.backup.ChainScene.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quire.durable.BackupKind;
import dev.quire.durable.LogTruncation;
import dev.quire.io.Progress;
import dev.quire.io.QuireError;
import dev.quire.io.QuireException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A backup that the instance stops: whoever waits for whom, nobody waits for ever, and a stop is told as one. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class StoppedBackupTest {

    private final Scene scene = Scene.filled(1, config -> config.circularLogging(false));

    private ExternalBackup begin() {
        return ExternalBackup.begin(scene.instance, ExternalRequest.of(BackupKind.FULL));
    }

    /** Somebody closes the instance and waits for a backup, whose listener then does something itself. */
    private void beside(Runnable inListener) {
        AtomicReference<Thread> closer = new AtomicReference<>();
        Progress progress = (phase, done, total) -> {
            if (phase == Progress.Phase.PAGES && closer.get() == null) {
                closer.set(new Thread(scene.instance::closeStoppingBackup));
                closer.get().start();
                while (!scene.instance.engine().backup().isAskedToEnd()) {
                    Thread.onSpinWait();
                }
                inListener.run();
            }
        };
        assertThrows(RuntimeException.class, () -> scene.backup(Scene.BACKUP, progress));
        join(closer.get());
    }

    @Test
    void aListenerThatClosesBesideACloserMustNotWaitForIt() {
        beside(() -> refused(QuireError.BACKUP_IN_PROGRESS, scene.instance::close));
        assertTrue(Scene.open(scene.storage, scene.home, 8).recovery().clean());
    }

    @Test
    void aListenerThatWantsTheBackupStoppedBesideACloserMustNotWaitForIt() {
        beside(() -> assertThrows(IllegalStateException.class, scene.instance::closeStoppingBackup));
        assertTrue(Scene.open(scene.storage, scene.home, 8).recovery().clean());
    }

    @Test
    void whoHaltsTheInstanceMustNotWaitForABackup() {
        boolean[] halted = new boolean[1];
        beside(() -> {
            Thread halter = new Thread(() -> {
                scene.instance.halt();
                halted[0] = true;
            });
            halter.start();
            join(halter);
        });
        assertTrue(halted[0]);
    }

    @Test
    void aStopBetweenTwoPiecesOfOneReadMustStayAStop() {
        scene.commit(step -> step.put(Scene.SMALL, "huge", 9, 900_000).put(Scene.SMALL, "huge2", 9, 900_000));
        scene.instance.checkpoint();
        ExternalBackup backup = begin();
        ExternalReader reader = backup.open(backup.id() + ".small.qdb");
        WritableByteChannel stopping = Proxies.proxy(WritableByteChannel.class, (method, given) -> {
            scene.instance.stopBackup();
            ByteBuffer bytes = (ByteBuffer) given[0];
            int count = bytes.remaining();
            bytes.position(bytes.limit());
            return count;
        });
        refused(QuireError.BACKUP_ABORT_BY_SERVER, () -> reader.transferTo(stopping, Long.MAX_VALUE));
        refused(QuireError.BACKUP_ABORT_BY_SERVER, backup::databases);
    }

    @Test
    void anEndBehindAStopMustEndIt() {
        ExternalBackup backup = begin();
        scene.instance.stopBackup();
        refused(QuireError.BACKUP_ABORT_BY_SERVER, () -> backup.end(ExternalBackup.End.ABORT));
        assertFalse(scene.instance.engine().backup().isTaken());
    }

    /** It verified when it was read the first time; what leaves is what was read later. */
    @Test
    void logThatIsDamagedBehindItsVerificationMustNotLeaveNorLetLogGo() {
        for (int i = 0; i < 4; i++) {
            scene.commit(step -> step.put(Scene.SMALL, "k", 1, 100_000));
            scene.instance.engine().log().roll();
            scene.instance.checkpoint();
        }
        int oldest = LogTruncation.oldest(scene.instance.engine());
        ExternalBackup backup = begin();
        backup.databases().forEach(file -> Puller.bytes(backup.open(file.name())));
        List<ExternalFile> files = backup.logFiles();
        ExternalFile damaged = files.get(1);
        try (ExternalReader reader = backup.open(damaged.name())) {
            reader.read(ByteBuffer.allocate(1));
        }
        scene.disk()
                .corrupt(
                        scene.home
                                .resolve("log")
                                .resolve(damaged.name().substring(backup.id().length() + 1)),
                        (int) damaged.bytes() - 600,
                        1);
        refused(
                QuireError.LOG_READ_VERIFY_FAILURE,
                () -> files.forEach(file -> Puller.bytes(backup.open(file.name()))));
        assertThrows(QuireException.class, backup::truncate);
        assertEquals(oldest, LogTruncation.oldest(scene.instance.engine()));
    }

    @Test
    void anEndThatSaysNothingMustNotBeANormalOne() {
        ExternalBackup backup = begin();
        new Puller(scene.storage, () -> {}).pull(backup, BackupKind.FULL, Scene.BACKUP, true);
        assertThrows(NullPointerException.class, () -> backup.end(null));
        backup.end(ExternalBackup.End.NORMAL);
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}

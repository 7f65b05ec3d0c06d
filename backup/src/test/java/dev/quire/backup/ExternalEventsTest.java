package dev.quire.backup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quire.durable.BackupKind;
import dev.quire.io.Events;
import dev.quire.io.Progress;
import dev.quire.io.QuireException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Fear: an external backup ends, and nobody who reads the log of the system learns of it, or of why. */
class ExternalEventsTest {

    private static final long LEASE_MS = 1_000_000;

    private final Logger logger = Logger.getLogger(Events.LOGGER);
    private final boolean parents = logger.getUseParentHandlers();
    private final AtomicLong now = new AtomicLong(1_000);
    private final Scene scene =
            Scene.filled(1, config -> config.circularLogging(false).clock(now::incrementAndGet));
    private final List<Integer> told = new ArrayList<>();
    private boolean throwing;

    private final Handler handler = new Handler() {
        @Override
        public void publish(LogRecord logged) {
            String[] words = logged.getMessage().split(" ");
            told.add(Integer.parseInt(words[2].isEmpty() ? words[3] : words[2]));
            if (throwing) {
                throw new IllegalStateException("a logger");
            }
        }

        @Override
        public void flush() {
            // nothing is held
        }

        @Override
        public void close() {
            // nothing is open
        }
    };

    @BeforeEach
    void listen() {
        logger.addHandler(handler);
        logger.setUseParentHandlers(false);
        logger.setLevel(Level.ALL);
    }

    @AfterEach
    void quiet() {
        logger.setLevel(Level.OFF);
        logger.setUseParentHandlers(parents);
        logger.removeHandler(handler);
    }

    private ExternalBackup begin() {
        told.clear();
        return ExternalBackup.begin(
                scene.instance, ExternalRequest.of(BackupKind.FULL).lease(Duration.ofMillis(LEASE_MS)));
    }

    @Test
    void oneThatEndsWellMustTellItsLogAndWhatWent() {
        scene.instance.engine().log().roll();
        scene.commit(step -> step.put(Scene.SMALL, "k", 1, 10));
        new Puller(scene.storage, () -> {}).take(scene.instance, ExternalRequest.of(BackupKind.FULL), Scene.BACKUP);
        assertEquals(List.of(210, 223, 224, 213), told);
    }

    /** The process that stored the one before ended ahead of its end. */
    @Test
    void oneThatMakesUpForALostEndMustSaySo() {
        Puller puller = new Puller(scene.storage, () -> {});
        ExternalBackup lost = begin();
        puller.pull(lost, BackupKind.FULL, Scene.BACKUP, true);
        lost.stop();
        ExternalRequest request = ExternalRequest.of(BackupKind.INCREMENTAL);
        for (boolean unknown : new boolean[] {true, false}) {
            ExternalBackup next =
                    ExternalBackup.begin(scene.instance, request.behind(BackupSet.read(scene.storage, Scene.BACKUP)));
            puller.pull(next, BackupKind.INCREMENTAL, Scene.BACKUP, true);
            String events = next.end(ExternalBackup.End.NORMAL).events().toString();
            assertEquals(unknown, events.contains("headers did not know of 1 backups stored before"), events);
        }
    }

    @Test
    void eachEndWithoutResultMustBeToldOnce() {
        begin().stop();
        assertEquals(List.of(210, 226), told);
        try (ExternalBackup backup = begin()) {
            backup.databases();
        }
        assertEquals(List.of(210, 215), told);
        ExternalBackup aborted = begin();
        assertThrows(QuireException.class, () -> aborted.end(ExternalBackup.End.ABORT));
        aborted.close();
        assertEquals(List.of(210, 215), told);
        ExternalBackup abandoned = begin();
        now.addAndGet(LEASE_MS + 1);
        scene.instance.detach(Scene.LARGE);
        abandoned.stop();
        assertEquals(List.of(210, 226), told);
    }

    @Test
    void aPageThatIsBadMustBeToldWithTheFailure() {
        long page = scene.pages.get(0)[1];
        scene.disk().corrupt(scene.home.resolve("small.qdb"), (int) page * 4096 + 99, 4);
        told.clear();
        Puller puller = new Puller(scene.storage, () -> {});
        assertThrows(
                QuireException.class,
                () -> puller.take(scene.instance, ExternalRequest.of(BackupKind.FULL), Scene.BACKUP));
        assertEquals(List.of(210, 223, 217, 214), told);
    }

    @Test
    void aLoggerThatThrowsMustNeitherKeepThePlaceNorUndoABackup() {
        ExternalBackup first = begin();
        throwing = true;
        first.stop();
        throwing = false;
        ExternalBackup backup = begin();
        new Puller(scene.storage, () -> {}).pull(backup, BackupKind.FULL, Scene.BACKUP, false);
        throwing = true;
        assertThrows(IllegalStateException.class, () -> backup.end(ExternalBackup.End.NORMAL));
        throwing = false;
        assertTrue(BackupVerification.verify(scene.storage, Scene.BACKUP, Progress.NONE)
                .isSound());
        begin().close();
    }
}

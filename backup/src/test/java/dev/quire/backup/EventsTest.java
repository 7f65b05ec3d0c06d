package dev.quire.backup;

import static dev.quire.io.EventKind.BACKUP_CANCELLED;
import static dev.quire.io.EventKind.BACKUP_DONE;
import static dev.quire.io.EventKind.BACKUP_FAILED;
import static dev.quire.io.EventKind.DATABASE_FAILED;
import static dev.quire.io.EventKind.FILE_DONE;
import static dev.quire.io.EventKind.FILE_STARTED;
import static dev.quire.io.EventKind.FILE_UNFINISHED;
import static dev.quire.io.EventKind.FULL_STARTED;
import static dev.quire.io.EventKind.HEADERS_NOT_STAMPED;
import static dev.quire.io.EventKind.INCREMENTAL_STARTED;
import static dev.quire.io.EventKind.LOG_KEPT;
import static dev.quire.io.EventKind.LOG_RANGE;
import static dev.quire.io.EventKind.LOG_TRUNCATED;
import static dev.quire.io.EventKind.READ_FAILED;
import static dev.quire.io.EventKind.READ_TWICE;
import static dev.quire.io.EventKind.REDO_DONE;
import static dev.quire.io.EventKind.REDO_GENERATION;
import static dev.quire.io.EventKind.REDO_STARTED;
import static dev.quire.io.EventKind.RESTORE_DONE;
import static dev.quire.io.EventKind.RESTORE_FAILED;
import static dev.quire.io.EventKind.RESTORE_STARTED;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quire.Instance;
import dev.quire.durable.BackupKind;
import dev.quire.io.EventKind;
import dev.quire.io.ForwardingStorage;
import dev.quire.io.OperationEvent;
import dev.quire.io.Progress;
import dev.quire.io.QuireError;
import dev.quire.io.QuireException;
import dev.quire.io.Storage;
import dev.quire.io.StoreFile;
import dev.quire.io.sim.Fault;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every step is told with its number, to who listens, to the log of the system and to the flight recorder. */
class EventsTest {

    private final ChainScene chain = new ChainScene(1);
    private final Scene scene = chain.scene;
    private final List<OperationEvent> told = new ArrayList<>();
    private final Progress listening = Progress.NONE.telling(told::add);

    private BackupReport backup(BackupKind kind, Progress progress) {
        return Backup.run(
                scene.instance,
                BackupRequest.of(kind)
                        .to(Scene.BACKUP)
                        .createPathIfNotExist(kind.hasPages())
                        .progress(progress)
                        .conclude());
    }

    private List<EventKind> kinds() {
        return told.stream().map(OperationEvent::kind).toList();
    }

    private OperationEvent only(EventKind kind) {
        List<OperationEvent> found =
                told.stream().filter(each -> each.kind() == kind).toList();
        assertEquals(1, found.size(), () -> kind + " in " + told);
        return found.get(0);
    }

    private List<String> files(EventKind kind) {
        return told.stream()
                .filter(each -> each.kind() == kind)
                .map(each -> each.subject().file().getFileName().toString())
                .toList();
    }

    @Test
    void aFullMustTellEachStepInOrder() {
        chain.generations(2);
        BackupReport report = backup(BackupKind.FULL, listening);
        assertEquals(
                List.of(
                        FULL_STARTED,
                        FILE_STARTED,
                        FILE_DONE,
                        FILE_STARTED,
                        FILE_DONE,
                        LOG_RANGE,
                        FILE_STARTED,
                        FILE_DONE,
                        FILE_STARTED,
                        FILE_DONE,
                        FILE_STARTED,
                        FILE_DONE,
                        LOG_TRUNCATED,
                        BACKUP_DONE),
                kinds());
        assertEquals(
                List.of("small.qdb", "large.qdb", "00000001.qlog", "00000002.qlog", "00000003.qlog"),
                files(FILE_STARTED));
        assertEquals(files(FILE_STARTED), files(FILE_DONE));
        long bytes = told.stream()
                .filter(each -> each.kind() == FILE_DONE)
                .mapToLong(each -> each.subject().bytes())
                .sum();
        long headers = 2 * (4096 + 16384);
        assertEquals(report.pageBytes() + report.logBytes(), bytes + headers);
        assertEquals(bytes + headers, only(BACKUP_DONE).subject().bytes());
        assertEquals(
                OperationEvent.Subject.log(scene.home.resolve("log"), 0, 1, report.generationHigh()),
                only(LOG_RANGE).subject());
        assertEquals(report.released(), only(LOG_TRUNCATED).subject().generationHigh());
        assertTrue(told.stream()
                .allMatch(each -> each.id().equals(report.id())
                        && each.operation() == OperationEvent.Operation.BACKUP
                        && each.error() == null));
        told.removeIf(each -> each.kind() == FILE_STARTED);
        assertEquals(told, report.events());
        assertTrue(
                only(BACKUP_DONE).toString().startsWith("213 backup done, " + Scene.BACKUP + ", generations 1 to 3"));
    }

    @Test
    void anIncrementalMustTellItsLogAndTruncationAloneWhatIsKept() {
        backup(BackupKind.FULL, Progress.NONE);
        scene.work();
        backup(BackupKind.INCREMENTAL, listening);
        assertEquals(INCREMENTAL_STARTED, kinds().get(0));
        assertEquals(List.of("00000002.qlog"), files(FILE_DONE));
        told.clear();
        backup(BackupKind.DIFFERENTIAL, listening);
        assertEquals(INCREMENTAL_STARTED, kinds().get(0));
        only(LOG_KEPT);
        told.clear();
        BackupRequest truncation =
                BackupRequest.of(BackupKind.TRUNCATE_ONLY).progress(listening).conclude();
        Backup.run(scene.instance, truncation);
        Backup.run(scene.instance, truncation);
        assertEquals(List.of(LOG_TRUNCATED, BACKUP_DONE, LOG_KEPT, BACKUP_DONE), kinds());
    }

    @Test
    void badPagesMustBeToldOfTheirDatabase() {
        Path database = scene.home.resolve("large.qdb");
        scene.disk().corrupt(database, 4 * 16384 + 99, 4);
        assertThrows(QuireException.class, () -> backup(BackupKind.FULL, listening));
        assertEquals(database, only(DATABASE_FAILED).subject().file());
        assertEquals(BACKUP_FAILED, kinds().get(kinds().size() - 1));
        assertEquals(QuireError.READ_VERIFY_FAILURE, only(BACKUP_FAILED).error());
    }

    @Test
    void aFileThatCannotBeReadMustBeToldAndThatItIsNotDone() {
        Progress failing = listening.telling(event -> {
            if (event.kind() == LOG_RANGE) {
                scene.disk().corrupt(scene.home.resolve("log").resolve("00000001.qlog"), 9_000, 1);
            }
        });
        assertThrows(QuireException.class, () -> backup(BackupKind.FULL, failing));
        assertEquals(List.of("00000001.qlog"), files(READ_FAILED));
        assertEquals(List.of("00000001.qlog"), files(FILE_UNFINISHED));
        assertEquals(QuireError.LOG_READ_VERIFY_FAILURE, only(READ_FAILED).error());
        assertEquals(BACKUP_FAILED, kinds().get(kinds().size() - 1));
    }

    @Test
    void whatCannotBeWrittenMustNotBeToldAsAFaultOfReading() {
        Progress full = listening.telling(event -> {
            if (event.kind() == FILE_STARTED) {
                scene.disk().quota(1);
            }
        });
        QuireException e = assertThrows(QuireException.class, () -> backup(BackupKind.FULL, full));
        assertEquals(QuireError.DISK_FULL, e.error());
        assertEquals(List.of(FULL_STARTED, FILE_STARTED, FILE_UNFINISHED, BACKUP_FAILED), kinds());
        assertEquals(QuireError.DISK_FULL, only(FILE_UNFINISHED).error());
    }

    @Test
    void aCancelledBackupMustBeToldAsOne() {
        Progress cancelling = new Progress() {
            private boolean cancelled;

            @Override
            public void advance(Phase phase, long done, long total) {
                cancelled = phase == Phase.PAGES;
            }

            @Override
            public boolean isCancelled() {
                return cancelled;
            }

            @Override
            public void happened(OperationEvent event) {
                told.add(event);
            }
        };
        assertThrows(QuireException.class, () -> backup(BackupKind.FULL, cancelling));
        assertEquals(List.of(FULL_STARTED, FILE_STARTED, FILE_UNFINISHED, BACKUP_CANCELLED), kinds());
    }

    @Test
    void headersThatAreNotStampedMustBeTold() {
        Progress failing = (phase, done, total) -> {
            if (phase == Progress.Phase.PUBLISH && done == 1) {
                scene.disk().failAt(scene.disk().operationCount(), Fault.EIO_WRITE, false);
            }
        };
        assertThrows(QuireException.class, () -> backup(BackupKind.FULL, failing.telling(told::add)));
        assertEquals(Scene.BACKUP, only(HEADERS_NOT_STAMPED).subject().file());
        assertEquals(BACKUP_FAILED, kinds().get(kinds().size() - 1));
    }

    @Test
    void whatAListenerThrowsMustEndTheBackupAndTheEndBeToldAllTheSame() {
        scene.backup(Scene.BACKUP, listening);
        int events = told.size();
        for (int i = 0; i < events; i++) {
            Path place = Scene.ROOT.resolve("place" + i);
            int at = i;
            told.clear();
            IllegalStateException thrown = new IllegalStateException("event " + i);
            Progress throwing = listening.telling(event -> {
                if (told.size() == at + 1) {
                    throw thrown;
                }
            });
            assertSame(thrown, assertThrows(IllegalStateException.class, () -> scene.backup(place, throwing)));
            assertEquals(BACKUP_FAILED, kinds().get(kinds().size() - 1));
            assertTrue(only(BACKUP_FAILED).text().contains("event " + at));
            boolean published = List.of(LOG_KEPT, LOG_TRUNCATED, BACKUP_DONE)
                    .contains(told.get(at).kind());
            assertEquals(published, scene.storage.kind(place) == Storage.Kind.DIRECTORY, () -> "event " + told.get(at));
            scene.backup(Scene.ROOT.resolve("next" + i), Progress.NONE);
        }
    }

    @Test
    void aListenerThatThrowsAtTheEndOfAFailureMustNotHideIt() {
        scene.disk().corrupt(scene.home.resolve("large.qdb"), 4 * 16384 + 99, 4);
        Progress throwing = Progress.NONE.telling(event -> {
            if (event.kind() == BACKUP_FAILED) {
                throw new IllegalStateException("again");
            }
        });
        QuireException e = assertThrows(QuireException.class, () -> backup(BackupKind.FULL, throwing));
        assertEquals(QuireError.READ_VERIFY_FAILURE, e.error());
        assertEquals("again", e.getSuppressed()[0].getMessage());
    }

    @Test
    void aRestoreMustTellItsFilesTheRecoveryAndItsEnd() {
        backup(BackupKind.FULL, Progress.NONE);
        restore(Scene.BACK);
        assertEquals(RESTORE_STARTED, kinds().get(0));
        assertEquals(RESTORE_DONE, kinds().get(kinds().size() - 1));
        assertTrue(files(FILE_DONE).toString().matches("\\[.*small.qdb, .*large.qdb, .*00000001.qlog]"));
        assertTrue(kinds().containsAll(List.of(REDO_STARTED, REDO_GENERATION, REDO_DONE)));
        told.clear();
        assertThrows(QuireException.class, () -> restore(Scene.BACK));
        assertEquals(List.of(RESTORE_STARTED, RESTORE_FAILED), kinds());
        assertEquals(QuireError.INVALID_PATH, only(RESTORE_FAILED).error());
    }

    /** What ESE has numbers of its own for (206, 431, 432, 459) comes with the failure, by the error's name. */
    @Test
    void aRefusalMustBeToldAsAFailureByItsError() {
        scene.storage.createDirectory(Scene.BACKUP);
        assertThrows(QuireException.class, () -> backup(BackupKind.INCREMENTAL, listening));
        assertEquals(List.of(INCREMENTAL_STARTED, BACKUP_FAILED), kinds());
        assertEquals(QuireError.MISSING_FULL_BACKUP, only(BACKUP_FAILED).error());
        told.clear();
        backup(BackupKind.FULL, Progress.NONE);
        scene.storage.list(Scene.BACKUP).stream()
                .filter(name -> name.endsWith(".qlog"))
                .forEach(name -> scene.storage.delete(Scene.BACKUP.resolve(name)));
        assertThrows(QuireException.class, () -> restore(Scene.BACK));
        assertEquals(QuireError.MISSING_RESTORE_LOG_FILES, only(RESTORE_FAILED).error());
    }

    @Test
    void neitherACheckNorAPlanMustTellAnything() {
        backup(BackupKind.FULL, Progress.NONE);
        scene.instance.check(listening);
        Restore.plan(
                scene.storage,
                RestoreRequest.of(Scene.BACKUP).progress(listening).conclude());
        assertEquals(List.of(), told);
    }

    private void restore(Path target) {
        Restore.restore(scene.storage, Scene.BACKUP, target, listening, false, Scene.signatures(5));
    }

    @Test
    void aRecoveryMustTellEachGenerationAndItsEnd() {
        scene.commit(step -> step.put(Scene.SMALL, "a", 1, 100));
        scene.instance.engine().log().roll();
        scene.commit(step -> step.put(Scene.SMALL, "b", 1, 100));
        scene.instance.halt();
        Scene.config(scene.storage, scene.home, 8)
                .circularLogging(false)
                .progress(listening)
                .open()
                .close();
        assertEquals(List.of(REDO_STARTED, REDO_GENERATION, REDO_GENERATION, REDO_DONE), kinds());
        assertEquals(List.of("00000001.qlog", "00000002.qlog"), files(REDO_GENERATION));
        told.clear();
        Scene.config(scene.storage, scene.home, 9).progress(listening).open().halt();
        assertEquals(List.of(), kinds(), "it was closed in order");
        scene.disk().corrupt(scene.home.resolve("small.qdb"), 99, 1);
        scene.disk().corrupt(scene.home.resolve("small.qdb"), 4096 + 99, 1);
        assertThrows(
                QuireException.class,
                () -> Scene.config(scene.storage, scene.home, 9)
                        .progress(listening)
                        .open());
        assertEquals(RESTORE_FAILED, kinds().get(kinds().size() - 1));
        assertEquals(QuireError.DATABASE_CORRUPTED, only(RESTORE_FAILED).error());
    }

    @Test
    void aVerificationMustTellItsFilesAndWhatIsWrongWithThem() {
        backup(BackupKind.FULL, Progress.NONE);
        assertTrue(BackupVerification.verify(scene.storage, Scene.BACKUP, listening)
                .isSound());
        assertEquals(List.of(FILE_STARTED, FILE_DONE, FILE_STARTED, FILE_DONE, FILE_STARTED, FILE_DONE), kinds());
        told.clear();
        for (String name : scene.storage.list(Scene.BACKUP)) {
            if (name.endsWith("small.qdb") || name.endsWith(".qlog")) {
                scene.disk().corrupt(Scene.BACKUP.resolve(name), 5 * 4096 + 99, 1);
            }
        }
        BackupVerification.verify(scene.storage, Scene.BACKUP, listening);
        assertTrue(only(DATABASE_FAILED).subject().file().toString().endsWith("small.qdb"));
        assertTrue(only(READ_FAILED).subject().file().toString().endsWith(".qlog"));
        only(FILE_UNFINISHED);
    }

    @Test
    void aPageThatVerifiesOnlyTheSecondTimeMustBeTold() {
        backup(BackupKind.FULL, Progress.NONE);
        boolean[] flipped = new boolean[1];
        Storage flaky = new ForwardingStorage(scene.storage) {
            @Override
            protected StoreFile wrap(StoreFile file) {
                return Proxies.proxy(StoreFile.class, (method, given) -> {
                    Object result = Proxies.invoke(method, file, given);
                    boolean sweeping = given != null && given.length == 2 && (Long) given[1] == 2 * 4096;
                    if (method.getName().equals("read") && sweeping && !flipped[0]) {
                        flipped[0] = true;
                        ByteBuffer read = (ByteBuffer) given[0];
                        read.put(99, (byte) (read.get(99) ^ 1));
                    }
                    return result;
                });
            }
        };
        assertTrue(BackupVerification.verify(flaky, Scene.BACKUP, listening).isSound());
        assertTrue(flipped[0]);
        assertTrue(only(READ_TWICE).subject().file().toString().endsWith("small.qdb"));
        assertEquals("pages: 1", only(READ_TWICE).text());
    }

    @Test
    void theLogOfTheSystemMustHaveEachEventAtItsLevel() {
        SystemLog log = new SystemLog(Level.ALL);
        try (log) {
            backup(BackupKind.FULL, listening);
            assertThrows(QuireException.class, () -> backup(BackupKind.FULL, listening));
        }
        List<LogRecord> records = log.records;
        assertEquals(told.size(), records.size());
        for (int i = 0; i < told.size(); i++) {
            OperationEvent event = told.get(i);
            Level level = switch (event.kind()) {
                case FULL_STARTED, BACKUP_DONE, LOG_KEPT -> Level.INFO;
                case BACKUP_FAILED -> Level.SEVERE;
                default -> Level.FINE;
            };
            assertEquals(level, records.get(i).getLevel(), event::toString);
            assertTrue(records.get(i).getMessage().endsWith(event.toString()));
        }
    }

    @Test
    void theFlightRecorderMustHaveEachEventWithItsDuration(@TempDir Path directory) throws IOException {
        Path file = directory.resolve("flight.jfr");
        try (Recording recording = new Recording()) {
            recording.enable("dev.quire.Step").withoutThreshold();
            recording.start();
            backup(BackupKind.FULL, listening);
            scene.instance.halt();
            restore(Scene.BACK);
            recording.stop();
            recording.dump(file);
        }
        List<RecordedEvent> steps = RecordingFile.readAllEvents(file).stream()
                .filter(event -> event.getEventType().getName().equals("dev.quire.Step"))
                .sorted((one, other) -> one.getEndTime().compareTo(other.getEndTime()))
                .toList();
        assertEquals(told.size(), steps.size());
        for (OperationEvent event : told) {
            RecordedEvent step = steps.stream()
                    .filter(each -> each.getInt("number") == event.kind().number()
                            && each.getString("id").equals(event.id())
                            && (event.subject().file() == null
                                    || event.subject().file().toString().equals(each.getString("file"))))
                    .findFirst()
                    .orElseThrow(() -> new AssertionError(event));
            assertEquals(event.subject().bytes(), step.getLong("bytes"));
            assertEquals(event.subject().generationLow(), step.getInt("generationLow"));
        }
        for (RecordedEvent done : steps) {
            if (done.getInt("number") == FILE_DONE.number()) {
                steps.stream()
                        .filter(each -> each.getInt("number") == FILE_STARTED.number()
                                && each.getString("file").equals(done.getString("file")))
                        .forEach(begun -> assertTrue(!done.getStartTime().isAfter(begun.getStartTime())
                                && !done.getEndTime().isBefore(begun.getEndTime())));
            }
        }
        RecordedEvent whole = steps.stream()
                .filter(each -> each.getInt("number") == BACKUP_DONE.number())
                .findFirst()
                .orElseThrow();
        steps.stream()
                .filter(each -> each.getString("operation").equals("backup") && each != whole)
                .forEach(each -> assertTrue(!each.getStartTime().isBefore(whole.getStartTime())
                        && !each.getEndTime().isAfter(whole.getEndTime())));
    }

    @Test
    void anInstanceMustOpenWhoeverListens() {
        scene.instance.halt();
        IllegalStateException thrown = new IllegalStateException("no");
        Progress throwing = Progress.NONE.telling(event -> {
            throw thrown;
        });
        assertSame(
                thrown,
                assertThrows(
                        IllegalStateException.class,
                        () -> Scene.config(scene.storage, scene.home, 8)
                                .progress(throwing)
                                .open()));
        try (Instance again = Scene.open(scene.storage, scene.home, 9)) {
            assertEquals(scene.contents().digest(), Contents.of(again).digest());
        }
    }
}

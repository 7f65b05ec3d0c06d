package dev.quire.backup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quire.durable.BackupKind;
import dev.quire.io.Events;
import dev.quire.io.OperationEvent;
import dev.quire.io.Progress;
import dev.quire.io.QuireError;
import dev.quire.io.QuireException;
import dev.quire.io.sim.Fault;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Fear: an external backup ends, and nobody who reads the log of the system learns of it, or of why. */
class ExternalEventsTest {

    private static final long LEASE_MS = 1_000_000;

    private final Logger logger = Logger.getLogger(Events.LOGGER);
    private final boolean parents = logger.getUseParentHandlers();
    private final Level level = logger.getLevel();
    private final AtomicLong now = new AtomicLong(1_000);
    private final Scene scene =
            Scene.filled(1, config -> config.circularLogging(false).clock(now::incrementAndGet));
    private final List<Integer> told = new CopyOnWriteArrayList<>();
    private final List<String> lines = new CopyOnWriteArrayList<>();
    private final Map<Integer, Runnable> answers = new ConcurrentHashMap<>();
    private boolean throwing;

    private final Handler handler = new Handler() {
        @Override
        public void publish(LogRecord logged) {
            String[] words = logged.getMessage().split(" ");
            int number = Integer.parseInt(words[2].isEmpty() ? words[3] : words[2]);
            told.add(number);
            lines.add(logged.getMessage());
            answers.getOrDefault(number, () -> {}).run();
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
        logger.setLevel(level);
        logger.setUseParentHandlers(parents);
        logger.removeHandler(handler);
    }

    private ExternalBackup begin() {
        told.clear();
        lines.clear();
        return ExternalBackup.begin(
                scene.instance, ExternalRequest.of(BackupKind.FULL).lease(Duration.ofMillis(LEASE_MS)));
    }

    @Test
    void oneThatEndsWellMustTellItsLogAndWhatWent() {
        scene.instance.engine().log().roll();
        scene.commit(step -> step.put(Scene.SMALL, "k", 1, 10));
        BackupReport report = new Puller(scene.storage, () -> {})
                .take(scene.instance, ExternalRequest.of(BackupKind.FULL), Scene.BACKUP);
        assertEquals(List.of(210, 220, 221, 220, 221, 223, 220, 221, 220, 221, 224, 213), told);
        List<String> done =
                lines.stream().filter(line -> line.contains(" 221 ")).toList();
        List<String> files = List.of("small.qdb", "large.qdb", "log/00000001.qlog", "log/00000002.qlog");
        for (int i = 0; i < files.size(); i++) {
            assertTrue(
                    done.get(i).contains(report.id()) && done.get(i).contains(path(files.get(i)) + ","),
                    done::toString);
        }
        assertEquals(report.logBytes(), bytes(done.get(2)) + bytes(done.get(3)));
        told.removeIf(number -> number == 220 || number == 221); // a caller may open any number of readers
        assertEquals(
                told, report.events().stream().map(each -> each.kind().number()).toList());
    }

    private static long bytes(String line) {
        return Long.parseLong(line.replaceAll(".*, ([0-9]+) bytes.*", "$1"));
    }

    private static void end(ExternalReader reader) {
        ByteBuffer piece = ByteBuffer.allocate(100_000);
        do {
            reader.skipFree();
        } while (reader.readUsed(piece.clear()) >= 0);
    }

    private String path(String name) {
        return scene.home.resolve(name).toString();
    }

    private String last() {
        return lines.get(lines.size() - 1);
    }

    @Test
    void theListenerOfTheRequestMustHearWhatTheLogHears() {
        List<OperationEvent> heard = new ArrayList<>();
        ExternalRequest request = ExternalRequest.of(BackupKind.FULL).listener(heard::add);
        told.clear();
        BackupReport report = new Puller(scene.storage, () -> {}).take(scene.instance, request, Scene.BACKUP);
        assertEquals(told, heard.stream().map(each -> each.kind().number()).toList());
        heard.removeIf(each -> OpenReaders.TOLD.contains(each.kind()));
        assertEquals(report.events(), heard);
        ExternalBackup.begin(scene.instance, request.label("not wanted")).stop();
        assertEquals(226, heard.get(heard.size() - 1).kind().number());
        IllegalStateException thrown = new IllegalStateException("a listener");
        assertSame(
                thrown,
                assertThrows(
                        IllegalStateException.class,
                        () -> ExternalBackup.begin(scene.instance, request.listener(event -> {
                            throw thrown;
                        }))));
        scene.backup(Scene.ROOT.resolve("next"), Progress.NONE); // nothing is left of that one
    }

    @Test
    void bytesMustBeThoseThatWereHandedOverAndAPartBeNamed() {
        try (ExternalBackup backup = begin()) {
            String name = backup.databases().get(0).name();
            try (ExternalReader reader = backup.open(name)) {
                assertTrue(last().endsWith("220 file started, " + path("small.qdb")), last());
                reader.skipFree();
                assertEquals(100, reader.read(ByteBuffer.allocate(100)));
            }
            assertTrue(
                    last().endsWith("222 file unfinished, " + path("small.qdb")
                            + ", 100 bytes: its reader was closed at 100"),
                    last());
            ExternalReader part = backup.openAt(name, 8192);
            assertTrue(last().endsWith(": its part from 8192 to " + part.end()), last());
            end(part);
            part.close();
            part.close();
            assertTrue(last().contains("221 file done, " + path("small.qdb")), last());
            assertTrue(last().endsWith(": its part from 8192 to " + part.end()), last());
            backup.open(backup.databases().get(1).name()).close(); // made of what is in memory
        }
        assertEquals(List.of(210, 220, 222, 220, 221, 215), told);
        long[] used = new long[1];
        try (ExternalBackup backup = begin()) {
            for (ExternalFile file : backup.databases()) {
                try (ExternalReader reader = backup.open(file.name())) {
                    end(reader);
                }
            }
            lines.stream().filter(line -> line.contains(" 221 ")).forEach(line -> used[0] += bytes(line));
        }
        BackupReport report = scene.backup(Scene.BACKUP, Progress.NONE);
        assertEquals(report.pageBytes(), used[0]);
    }

    /** Fear: who goes on piece by piece, each with a reader of its own, fills the log of the system with warnings. */
    @Test
    void whoReadsInPartsMustBeWarnedOfNone() {
        try (ExternalBackup backup = begin()) {
            ExternalFile file = backup.databases().get(0);
            for (long at = 0; at < file.bytes(); at += 4096) {
                try (ExternalReader reader = backup.openAt(file.name(), at)) {
                    reader.read(ByteBuffer.allocate(4096));
                }
                assertTrue(
                        last().contains(" 221 ") && last().endsWith("its part from " + at + " to " + (at + 4096)),
                        last());
            }
            backup.open(file.name(), 1, 2).close();
            assertTrue(last().contains(" 221 "), last());
            assertEquals(Set.of(210, 220, 221), Set.copyOf(told));
            ExternalReader open = backup.openAt(file.name(), 4096);
            backup.stop();
            assertEquals(List.of(222, 226), told.subList(told.size() - 2, told.size()));
            open.close();
        }
    }

    @Test
    void readersThatAreOpenWhenItEndsMustBeToldBeforeTheEndAndNoMore() {
        ExternalBackup backup = begin();
        ExternalReader done = backup.open(backup.databases().get(0).name());
        end(done);
        ExternalReader reader = backup.open(backup.databases().get(2).name());
        backup.stop();
        assertEquals(List.of(210, 220, 220, 221, 222, 226), told);
        assertTrue(lines.get(4).contains(path("large.qdb")) && lines.get(4).contains("stopped"), lines.get(4));
        done.close();
        reader.close();
        assertEquals(6, told.size());
    }

    @Test
    void logThatDoesNotVerifyMustBeToldWithItsFile() {
        ExternalBackup backup = begin();
        for (ExternalFile file : backup.databases()) {
            Puller.bytes(backup.open(file.name()));
        }
        ExternalFile first = backup.logFiles().get(0);
        scene.disk().corrupt(scene.home.resolve("log/00000001.qlog"), 9_000, 1);
        ExternalReader reader = backup.open(first.name());
        ChainScene.refused(QuireError.LOG_READ_VERIFY_FAILURE, () -> reader.read(ByteBuffer.allocate(10)));
        assertEquals(List.of(210, 220, 221, 220, 221, 223, 220, 218, 222, 214), told);
        assertTrue(lines.get(7).contains("218 read failed, " + path("log/00000001.qlog")), lines.get(7));
        assertTrue(lines.get(8).contains("222 file unfinished, " + path("log/00000001.qlog")), lines.get(8));
    }

    @Test
    void logThatCannotBeOfferedMustBeToldWithItsFile() {
        scene.instance.engine().log().roll();
        ExternalBackup backup = begin();
        for (ExternalFile file : backup.databases()) {
            Puller.bytes(backup.open(file.name()));
        }
        scene.disk().corrupt(scene.home.resolve("log/00000002.qlog"), 9, 1);
        assertThrows(QuireException.class, backup::logFiles);
        assertEquals(List.of(210, 220, 221, 220, 221, 223, 218, 214), told);
        assertTrue(lines.get(6).contains(path("log/00000002.qlog")), lines.get(6));
    }

    @Test
    void logThatCannotBeReadMustBeToldOnceAndOfEachReaderThatItIsNotDone() {
        scene.instance.engine().log().roll();
        ExternalBackup backup = begin();
        for (ExternalFile file : backup.databases()) {
            Puller.bytes(backup.open(file.name()));
        }
        List<ExternalFile> log = backup.logFiles();
        ExternalReader other = backup.open(log.get(0).name());
        ExternalReader one = backup.open(log.get(1).name(), 0, 2);
        ExternalReader two = backup.open(log.get(1).name(), 1, 2);
        scene.disk().resetTrace();
        scene.disk().failAt(0, Fault.EIO_READ, true);
        assertThrows(QuireException.class, () -> end(two));
        assertEquals(List.of(218, 222, 222, 222, 214), told.subList(told.size() - 5, told.size()));
        String failed = lines.get(lines.size() - 5);
        assertTrue(failed.contains("218 read failed, " + path("log/00000002.qlog")), failed);
        other.close();
        one.close();
    }

    @Test
    void aListenerThatThrowsWhenAFileBeginsMustLeaveNoReaderOpen() {
        try (ExternalBackup backup = begin()) {
            String first = backup.databases().get(0).name();
            throwing = true;
            IllegalStateException thrown = assertThrows(IllegalStateException.class, () -> backup.open(first));
            throwing = false;
            assertEquals(1, thrown.getSuppressed().length); // of the close, at which he throws as well
            backup.databases().forEach(file -> Puller.bytes(backup.open(file.name())));
            backup.logFiles();
        }
    }

    /** Nobody can close it any more, so it must not keep the backup from its next step. */
    @Test
    @Timeout(120)
    void aReaderThatNobodyCanUseMustNotCountAsOpen() throws InterruptedException {
        try (ExternalBackup backup = begin()) {
            for (ExternalFile file : backup.databases()) {
                readAndForget(backup, file);
            }
            boolean open = true;
            while (open) {
                System.gc();
                Thread.sleep(5);
                open = Faults.of(backup::logFiles) != null;
            }
            assertEquals(223, told.get(told.size() - 1));
            List<Integer> sorted = told.stream().sorted().toList(); // when the collector runs is its own affair
            assertEquals(List.of(210, 220, 220, 221, 221, 223), sorted);
        }
    }

    private static void readAndForget(ExternalBackup backup, ExternalFile file) {
        ExternalReader reader = backup.open(file.name());
        end(reader);
        assertTrue(reader.isOpen());
    }

    /** Fear: whoever listens waits for somebody who waits for him. */
    @Test
    @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void whoeverListensMustBeAbleToCallBackAndToWaitForOthers() {
        for (int number : new int[] {220, 221, 223, 224, 213}) {
            ExternalBackup backup = begin();
            answers.put(number, () -> aside(() -> Faults.of(backup::truncateInfo), backup::isOver));
            new Puller(scene.storage, () -> {}).pull(backup, BackupKind.FULL, Scene.ROOT.resolve("b" + number), false);
            backup.end(ExternalBackup.End.NORMAL);
            answers.clear();
        }
        for (int number : new int[] {215, 226}) {
            ExternalBackup backup = begin();
            answers.put(number, () -> aside(() -> Faults.of(backup::databases), () -> scene.instance.stopBackup()));
            if (number == 215) {
                backup.close();
            } else {
                backup.stop();
            }
            answers.clear();
        }
    }

    private static void aside(Runnable... tasks) {
        for (Runnable task : tasks) {
            Thread thread = new Thread(task);
            thread.start();
            try {
                thread.join();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }
    }

    @Test
    void whatAListenerBringsAboutMustBeToldBehindWhatHeHears() {
        ExternalBackup backup = begin();
        answers.put(220, backup::stop);
        ExternalReader reader = backup.open(backup.databases().get(0).name());
        assertEquals(List.of(210, 220, 222, 226), told);
        reader.close();
    }

    /** They are the instance's, and whoever closes it waits for them. */
    @Test
    void nobodyMustListenOnThreadsOfTheInstance() {
        scene.instance.close();
        List<Thread> threads = new CopyOnWriteArrayList<>();
        Scene background = Scene.filled(2, config -> config.background(true).circularLogging(false));
        for (int number : new int[] {210, 220, 221, 223, 217, 224, 225, 213}) {
            answers.put(number, () -> threads.add(Thread.currentThread()));
        }
        new Puller(background.storage, () -> {})
                .take(background.instance, ExternalRequest.of(BackupKind.FULL), Scene.BACKUP);
        background.instance.close();
        assertEquals(Set.of(Thread.currentThread()), Set.copyOf(threads));
    }

    @Test
    void theFlightRecorderMustHaveEachFileWithTheTimeThatItTook(@TempDir Path directory) throws IOException {
        Path file = directory.resolve("flight.jfr");
        try (Recording recording = new Recording()) {
            recording.enable("dev.quire.Step").withoutThreshold();
            recording.start();
            new Puller(scene.storage, () -> {}).take(scene.instance, ExternalRequest.of(BackupKind.FULL), Scene.BACKUP);
            recording.stop();
            recording.dump(file);
        }
        List<RecordedEvent> steps = RecordingFile.readAllEvents(file);
        assertEquals(told.size(), steps.size());
        assertTrue(told.contains(221));
        for (RecordedEvent done : steps) {
            if (done.getInt("number") == 221) {
                RecordedEvent begun = steps.stream()
                        .filter(each -> each.getInt("number") == 220
                                && each.getString("file").equals(done.getString("file")))
                        .findFirst()
                        .orElseThrow();
                assertTrue(!done.getStartTime().isAfter(begun.getStartTime())
                        && !done.getEndTime().isBefore(begun.getEndTime()));
                assertTrue(done.getLong("bytes") > 0);
            }
        }
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
        begin().release();
        assertEquals(List.of(210, 215), told);
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
        assertEquals(List.of(210, 220, 221, 220, 221, 223, 220, 221, 217, 214), told);
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
        throwing = true;
        assertThrows(IllegalStateException.class, this::begin);
        throwing = false;
        assertEquals(List.of(210, 214), told);
        begin().close();
    }
}

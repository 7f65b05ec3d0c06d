package dev.quire.backup;

import static dev.quire.backup.ChainScene.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quire.Instance;
import dev.quire.WriteTransaction;
import dev.quire.durable.BackupKind;
import dev.quire.io.Progress;
import dev.quire.io.QuireError;
import dev.quire.io.sim.Fault;
import dev.quire.io.sim.SimDisk;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What an external backup refuses, by which name, and that nothing has changed by it. */
class ExternalRefusalTest {

    private final ChainScene chain = new ChainScene(1);
    private final Scene scene = chain.scene;

    private ExternalBackup begin(ExternalRequest request) {
        return ExternalBackup.begin(scene.instance, request);
    }

    private ExternalBackup full() {
        return begin(ExternalRequest.of(BackupKind.FULL));
    }

    private static ExternalRequest incremental() {
        return ExternalRequest.of(BackupKind.INCREMENTAL);
    }

    private static void readAll(ExternalBackup backup, List<ExternalFile> files) {
        files.forEach(file -> Puller.bytes(backup.open(file.name())));
    }

    private BackupSet set() {
        return BackupSet.read(scene.storage, Scene.BACKUP);
    }

    @Test
    void whatCannotBeAskedForMustBeRefused() {
        refused(
                QuireError.INVALID_GRBIT,
                () -> begin(ExternalRequest.of(BackupKind.FULL).atomic(true)));
        refused(QuireError.INVALID_GRBIT, () -> begin(ExternalRequest.of(BackupKind.TRUNCATE_ONLY)));
        chain.full();
        for (ExternalRequest request : List.of(
                ExternalRequest.of(BackupKind.FULL).behind(set()),
                ExternalRequest.of(BackupKind.COPY).behind(set()),
                ExternalRequest.of(BackupKind.FULL).label("x".repeat(129)),
                ExternalRequest.of(BackupKind.FULL).label("\u0007"),
                ExternalRequest.of(BackupKind.FULL).lease(Duration.ZERO),
                ExternalRequest.of(BackupKind.FULL).lease(Duration.ofMillis(-1)),
                ExternalRequest.of(BackupKind.FULL).lease(Duration.ofDays(1).plusMillis(1)))) {
            refused(QuireError.INVALID_PARAMETER, () -> begin(request));
        }
        full().close();
    }

    @Test
    void oneBackupAtATimeMustRunAndTheOneThatRunsMustGoOn() {
        try (ExternalBackup backup = full()) {
            refused(QuireError.BACKUP_IN_PROGRESS, this::full);
            refused(QuireError.BACKUP_IN_PROGRESS, () -> scene.backup(Scene.BACKUP, Progress.NONE));
            refused(QuireError.BACKUP_IN_PROGRESS, () -> scene.instance.detach(Scene.SMALL));
            refused(QuireError.BACKUP_IN_PROGRESS, () -> scene.instance.drop(Scene.SMALL));
            refused(QuireError.BACKUP_IN_PROGRESS, () -> scene.instance.attach("other"));
            refused(QuireError.BACKUP_IN_PROGRESS, scene.instance::close);
            new Puller(scene.storage, scene::work).pull(backup, BackupKind.FULL, Scene.BACKUP, true);
            chain.holds(Scene.BACKUP, backup.end(ExternalBackup.End.NORMAL).end());
        }
        scene.instance.detach(Scene.SMALL);
    }

    @Test
    void aDatabaseThatIsMadeMeanwhileMustComeBackFromTheLog() {
        try (ExternalBackup backup = full()) {
            scene.create("late", 4096);
            scene.commit(step -> step.put("late", "k", 1, 10));
            new Puller(scene.storage, scene::work).pull(backup, BackupKind.FULL, Scene.BACKUP, true);
            chain.holds(Scene.BACKUP, backup.end(ExternalBackup.End.NORMAL).end());
        }
        BackupReport next = new Puller(scene.storage, scene::work)
                .take(scene.instance, incremental().behind(set()), Scene.BACKUP);
        chain.holds(Scene.BACKUP, next.end());
    }

    @Test
    void theStateOfTheInstanceMustBeNamed() {
        try (WriteTransaction tx = scene.instance.beginWrite()) {
            assertThrows(IllegalStateException.class, this::full);
            assertTrue(tx.isOpen());
        }
        ExternalBackup backup = full();
        scene.instance.stop();
        new Puller(scene.storage, () -> {}).pull(backup, BackupKind.FULL, Scene.BACKUP, true);
        backup.end(ExternalBackup.End.NORMAL);
        refused(QuireError.CLIENT_REQUEST_TO_STOP_SERVICE, this::full);
        scene.instance.close();
        refused(QuireError.NOT_INITIALIZED, this::full);
        try (Instance unlogged = Scene.config(new SimDisk(Scene.ROOT), scene.home, 1)
                .logging(false)
                .open()) {
            refused(
                    QuireError.LOGGING_DISABLED,
                    () -> ExternalBackup.begin(unlogged, ExternalRequest.of(BackupKind.FULL)));
        }
    }

    @Test
    void anIncrementalMustFindItsChain() {
        refused(QuireError.MISSING_FULL_BACKUP, () -> begin(incremental()));
        chain.full();
        refused(QuireError.MISSING_FULL_BACKUP, () -> begin(incremental()));
        BackupSet full = set();
        chain.incremental();
        refused(QuireError.INVALID_BACKUP, () -> begin(incremental().behind(full)));
        chain.take(BackupKind.COPY, ChainScene.COPY);
        BackupSet copy = BackupSet.read(scene.storage, ChainScene.COPY);
        refused(QuireError.INVALID_BACKUP, () -> begin(incremental().behind(copy)));
        chain.generations(3);
        int missing = chain.logs()[chain.logs().length - 3];
        scene.storage.delete(scene.home.resolve("log").resolve(String.format("%08x.qlog", missing)));
        refused(QuireError.MISSING_FILE_TO_BACKUP, () -> begin(incremental().behind(set())));
        chain.reopen(config -> config.circularLogging(true));
        refused(QuireError.INVALID_BACKUP, () -> begin(incremental().behind(set())));
        assertEquals(false, scene.instance.engine().backup().isTaken());
    }

    @Test
    void onlyFilesOfTheBackupMustBeOpened() {
        try (ExternalBackup backup = full()) {
            for (String name : List.of(
                    "small.qdb",
                    "quire.chk",
                    "../here/small.qdb",
                    backup.id() + ".other.qdb",
                    backup.id() + ".SMALL.qdb",
                    "",
                    scene.home.resolve("small.qdb").toString())) {
                refused(QuireError.FILE_NOT_FOUND, () -> backup.open(name));
            }
            readAll(backup, backup.databases());
            backup.logFiles();
            for (String name : List.of("00000001.qlog", "../log/00000001.qlog", backup.id() + ".7fffffff.qlog")) {
                refused(QuireError.FILE_NOT_FOUND, () -> backup.open(name));
            }
        }
    }

    @Test
    void sectionsAndOffsetsMustLieInTheFile() {
        try (ExternalBackup backup = full()) {
            ExternalFile file = backup.databases().get(0);
            assertEquals(4096, file.unitBytes());
            for (int[] section : new int[][] {{0, 0}, {-1, 1}, {1, 1}, {0, -1}}) {
                refused(QuireError.INVALID_PARAMETER, () -> backup.open(file.name(), section[0], section[1]));
            }
            for (long offset : new long[] {-4096, 1, 4095, 2048, file.bytes() + 4096}) {
                refused(QuireError.INVALID_PARAMETER, () -> backup.openAt(file.name(), offset));
            }
            backup.openAt(file.name(), file.bytes()).close();
            backup.open(file.name(), Integer.MAX_VALUE - 1, Integer.MAX_VALUE).close();
        }
    }

    @Test
    void theLogMustNotBeClosedBeforeTheDatabasesAreRead() {
        try (ExternalBackup backup = full()) {
            refused(QuireError.INVALID_BACKUP_SEQUENCE, backup::logFiles);
            readAll(backup, backup.databases());
            ExternalReader reader = backup.open(backup.databases().get(0).name());
            refused(QuireError.INVALID_BACKUP_SEQUENCE, backup::logFiles);
            reader.close();
            reader.close();
            assertThrows(IllegalStateException.class, () -> reader.read(ByteBuffer.allocate(1)));
            backup.logFiles();
        }
    }

    @Test
    void logMustNotBeTruncatedBeforeAllOfItWasRead() {
        chain.generations(3);
        try (ExternalBackup backup = full()) {
            readAll(backup, backup.databases());
            List<ExternalFile> files = backup.logFiles();
            ExternalFile last = files.get(files.size() - 1);
            readAll(backup, files.subList(1, files.size() - 1));
            Puller.bytes(backup.open(files.get(0).name(), 1, 2));
            readAll(backup, List.of(last));
            refused(QuireError.LOG_FILE_NOT_COPIED, backup::truncate);
            refused(QuireError.LOG_FILE_NOT_COPIED, backup::manifest);
        }
        try (ExternalBackup backup = full()) {
            readAll(backup, backup.databases());
            List<ExternalFile> files = backup.logFiles();
            ExternalFile last = files.get(files.size() - 1);
            readAll(backup, files.subList(0, files.size() - 1));
            readAll(backup, files.subList(0, 1));
            refused(QuireError.LOG_FILE_NOT_COPIED, backup::truncate);
            Puller.bytes(backup.open(last.name(), 0, 2));
            Puller.bytes(backup.open(last.name(), 0, 2));
            refused(QuireError.LOG_FILE_NOT_COPIED, backup::truncate);
            refused(QuireError.LOG_FILE_NOT_COPIED, backup::manifest);
            ExternalReader reader = backup.open(last.name(), 1, 2);
            refused(QuireError.INVALID_BACKUP_SEQUENCE, backup::truncate);
            refused(QuireError.INVALID_BACKUP_SEQUENCE, backup::manifest);
            Puller.bytes(reader);
            backup.truncate();
            backup.truncate();
            assertEquals(backup.manifest(), backup.manifest());
        }
    }

    @Test
    void noLogMustBeTruncatedForACopyOrADifferential() {
        chain.full();
        for (ExternalRequest request : List.of(
                ExternalRequest.of(BackupKind.COPY),
                ExternalRequest.of(BackupKind.DIFFERENTIAL).behind(set()))) {
            try (ExternalBackup backup = begin(request)) {
                if (request.kind().hasPages()) {
                    readAll(backup, backup.databases());
                }
                readAll(backup, backup.logFiles());
                refused(QuireError.INVALID_BACKUP_SEQUENCE, backup::truncate);
            }
        }
    }

    @Test
    void readersMustBeFewEnough() {
        try (ExternalBackup backup = full()) {
            String name = backup.databases().get(0).name();
            List<ExternalReader> readers = new ArrayList<>();
            for (int i = 0; i < 64; i++) {
                readers.add(backup.open(name));
            }
            refused(QuireError.OUT_OF_MEMORY, () -> backup.open(name));
            readers.get(3).close();
            backup.open(name).close();
            readers.forEach(ExternalReader::close);
            readAll(backup, backup.databases());
            backup.logFiles();
        }
    }

    @Test
    void anAbortedBackupMustLeaveNoTrace() {
        BackupReport full = chain.full();
        chain.work(3);
        int[] logs = chain.logs();
        try (ExternalBackup backup = full()) {
            new Puller(scene.storage, () -> {}).pull(backup, BackupKind.FULL, Scene.ROOT.resolve("aborted"), true);
            refused(QuireError.BACKUP_ABORT_BY_CALLER, () -> backup.end(ExternalBackup.End.ABORT));
        }
        assertEquals(logs[0], chain.logs()[0]);
        BackupReport next = chain.incremental();
        assertEquals(full.generationHigh() + 1, next.generationLow());
        chain.holds(Scene.BACKUP, next.end());
    }

    @Test
    void anInstanceThatCannotWriteAnyMoreMustEndTheBackup() {
        try (ExternalBackup backup = full()) {
            ExternalReader reader = backup.open(backup.databases().get(0).name());
            chain.disk().failAt(chain.disk().operationCount(), Fault.FAILED_FORCE, true);
            assertThrows(RuntimeException.class, () -> scene.commit(step -> step.put(Scene.SMALL, "k", 1, 10)));
            chain.disk().clearFaults();
            refused(QuireError.INSTANCE_UNAVAILABLE, () -> Puller.bytes(reader));
            refused(QuireError.NO_BACKUP, backup::databases);
        }
        refused(QuireError.INSTANCE_UNAVAILABLE, this::full);
        scene.instance.halt();
    }

    /** Fear: the process ends between the manifest and the stamps, and two backups begin behind the same one. */
    @Test
    void whatIsStoredAndNotKnownMustBecomeKnownToTheNextIncremental() {
        chain.full();
        chain.work(2);
        Path place = Scene.ROOT.resolve("pulled");
        for (BackupKind kind : List.of(BackupKind.FULL, BackupKind.INCREMENTAL)) {
            ExternalRequest request = ExternalRequest.of(kind);
            ExternalBackup backup =
                    begin(kind.hasPages() ? request : request.behind(BackupSet.read(scene.storage, place)));
            new Puller(scene.storage, () -> {}).pull(backup, kind, place, true);
            chain.crash();
        }
        BackupSet stored = BackupSet.read(scene.storage, place);
        BackupReport next = new Puller(scene.storage, () -> {})
                .take(scene.instance, incremental().behind(stored), place);
        assertEquals(stored.last().generationHigh() + 1, next.generationLow());
        assertEquals(3, BackupSet.read(scene.storage, place).chain().size());
        chain.holds(place, next.end());
    }
}

package dev.quire.backup;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quire.durable.BackupKind;
import dev.quire.io.QuireError;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every call in every state: done, or refused by its name with nothing changed. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ExternalSequenceTest {

    private enum Call {
        DATABASES,
        OPEN_DATABASE,
        LOG_FILES,
        OPEN_LOG,
        TRUNCATE_INFO,
        TRUNCATE,
        MANIFEST,
        OPEN_MANIFEST
    }

    private enum State {
        BEGUN,
        BEGUN_FOR_LOG,
        LOG_CLOSED,
        TRUNCATED,
        DECIDED
    }

    private static final Map<State, Set<Call>> IN_ORDER = Map.of(
            State.BEGUN, EnumSet.of(Call.DATABASES, Call.OPEN_DATABASE, Call.LOG_FILES),
            State.BEGUN_FOR_LOG, EnumSet.of(Call.LOG_FILES),
            State.LOG_CLOSED,
                    EnumSet.of(Call.LOG_FILES, Call.OPEN_LOG, Call.TRUNCATE_INFO, Call.TRUNCATE, Call.MANIFEST),
            State.TRUNCATED,
                    EnumSet.of(Call.LOG_FILES, Call.OPEN_LOG, Call.TRUNCATE_INFO, Call.TRUNCATE, Call.MANIFEST),
            State.DECIDED, EnumSet.of(Call.TRUNCATE_INFO, Call.MANIFEST, Call.OPEN_MANIFEST));

    private final ChainScene chain = new ChainScene(1);
    private String logName;

    @ParameterizedTest
    @EnumSource(State.class)
    void everyCallMustBeDoneInOrderAndRefusedOutOfIt(State state) {
        chain.full();
        for (Call call : Call.values()) {
            try (ExternalBackup backup = bring(state)) {
                if (IN_ORDER.get(state).contains(call)) {
                    assertDoesNotThrow(() -> make(backup, call), () -> call + " in " + state);
                } else {
                    ChainScene.refused(QuireError.INVALID_BACKUP_SEQUENCE, () -> make(backup, call));
                    goOn(state, backup);
                }
            }
        }
    }

    @Test
    void afterTheEndEveryCallMustBeRefused() {
        for (boolean normal : new boolean[] {true, false}) {
            ExternalBackup backup = bring(State.DECIDED);
            if (normal) {
                readAll(backup, List.of(backup.manifest()));
                backup.end(ExternalBackup.End.NORMAL);
            } else {
                backup.close();
            }
            for (Call call : Call.values()) {
                ChainScene.refused(QuireError.NO_BACKUP, () -> make(backup, call));
            }
            ChainScene.refused(QuireError.NO_BACKUP, () -> backup.end(ExternalBackup.End.NORMAL));
            ChainScene.refused(QuireError.NO_BACKUP, () -> backup.end(ExternalBackup.End.ABORT));
            backup.close();
        }
    }

    @ParameterizedTest
    @EnumSource(State.class)
    void anEndBeforeTheManifestWasReadMustBeOneWithoutResult(State state) {
        int high = chain.full().generationHigh();
        for (ExternalBackup.End how : ExternalBackup.End.values()) {
            ExternalBackup backup = bring(state);
            ChainScene.refused(QuireError.BACKUP_ABORT_BY_CALLER, () -> backup.end(how));
            ChainScene.refused(QuireError.NO_BACKUP, () -> backup.end(how));
        }
        assertTrue(chain.logs()[0] <= high + 1);
        chain.holds(Scene.BACKUP, chain.incremental().end());
    }

    @ParameterizedTest
    @EnumSource(State.class)
    void aStopMustEndTheBackupForEveryCall(State state) {
        chain.full();
        ExternalBackup backup = bring(state);
        backup.stop();
        for (Call call : Call.values()) {
            ChainScene.refused(QuireError.BACKUP_ABORT_BY_SERVER, () -> make(backup, call));
        }
        ChainScene.refused(QuireError.BACKUP_ABORT_BY_SERVER, () -> backup.end(ExternalBackup.End.NORMAL));
        backup.close();
        chain.holds(Scene.BACKUP, chain.incremental().end());
    }

    @Test
    void aStopMustEndEveryReader() {
        ExternalBackup backup = bring(State.BEGUN);
        ExternalReader reader = backup.open(backup.databases().get(0).name());
        assertEquals(1, reader.read(ByteBuffer.allocate(1)));
        backup.stop();
        ChainScene.refused(QuireError.BACKUP_ABORT_BY_SERVER, () -> reader.read(ByteBuffer.allocate(1)));
        ChainScene.refused(QuireError.BACKUP_ABORT_BY_SERVER, () -> reader.transferTo(new ByteArrayOutputChannel(), 1));
        ChainScene.refused(QuireError.BACKUP_ABORT_BY_SERVER, reader::skipFree);
        reader.close();
    }

    /** Fear: whoever stops it waits for somebody who takes his time, or the one who reads is not told. */
    @Test
    void aStopByAnotherThreadMustNotWaitForWhoTakesBytesAndMeetHimAtHisNextCall() throws Exception {
        ExternalBackup backup = bring(State.BEGUN);
        ExternalReader reader = backup.open(backup.databases().get(0).name());
        ByteArrayOutputChannel taken = new ByteArrayOutputChannel();
        BackupReport[] next = new BackupReport[1];
        WritableByteChannel slow = Proxies.proxy(WritableByteChannel.class, (method, given) -> {
            Thread other = new Thread(() -> {
                backup.stop();
                next[0] = chain.full();
            });
            other.start();
            other.join();
            return taken.write((ByteBuffer) given[0]);
        });
        assertEquals(1000, reader.transferTo(slow, 1000));
        assertEquals(1000, taken.bytes().length);
        ChainScene.refused(QuireError.BACKUP_ABORT_BY_SERVER, () -> reader.transferTo(slow, 1000));
        ChainScene.refused(QuireError.BACKUP_ABORT_BY_SERVER, () -> reader.read(ByteBuffer.allocate(1)));
        ChainScene.refused(QuireError.BACKUP_ABORT_BY_SERVER, backup::databases);
        ChainScene.refused(QuireError.BACKUP_ABORT_BY_SERVER, () -> backup.end(ExternalBackup.End.NORMAL));
        reader.close();
        chain.holds(Scene.BACKUP, next[0].end());
    }

    private ExternalBackup bring(State state) {
        ExternalRequest request = state == State.BEGUN_FOR_LOG
                ? ExternalRequest.of(BackupKind.INCREMENTAL).behind(BackupSet.read(chain.disk(), Scene.BACKUP))
                : ExternalRequest.of(BackupKind.FULL);
        ExternalBackup backup = ExternalBackup.begin(chain.scene.instance, request);
        logName = null;
        if (state != State.BEGUN_FOR_LOG) {
            readAll(backup, backup.databases());
        }
        if (state.compareTo(State.LOG_CLOSED) >= 0) {
            readAll(backup, backup.logFiles());
            logName = backup.logFiles().get(0).name();
        }
        if (state.compareTo(State.TRUNCATED) >= 0) {
            backup.truncate();
        }
        if (state == State.DECIDED) {
            backup.manifest();
        }
        return backup;
    }

    /** The refusal has changed nothing. */
    private static void goOn(State state, ExternalBackup backup) {
        if (state.compareTo(State.LOG_CLOSED) < 0) {
            readAll(backup, backup.logFiles());
        }
        ExternalFile manifest = backup.manifest();
        assertEquals(manifest.bytes(), Puller.bytes(backup.open(manifest.name())).length);
    }

    private static void readAll(ExternalBackup backup, List<ExternalFile> files) {
        files.forEach(file -> Puller.bytes(backup.open(file.name())));
    }

    private void make(ExternalBackup backup, Call call) {
        switch (call) {
            case DATABASES -> backup.databases();
            case OPEN_DATABASE -> open(backup, backup.id() + ".small.qdb");
            case LOG_FILES -> backup.logFiles();
            case OPEN_LOG -> open(backup, logName != null ? logName : backup.id() + ".00000001.qlog");
            case TRUNCATE_INFO -> backup.truncateInfo();
            case TRUNCATE -> backup.truncate();
            case MANIFEST -> backup.manifest();
            case OPEN_MANIFEST -> open(backup, "manifest.json");
        }
    }

    private static void open(ExternalBackup backup, String name) {
        backup.open(name).close();
    }
}

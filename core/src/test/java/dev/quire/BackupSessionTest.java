package dev.quire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quire.durable.Attachment;
import dev.quire.durable.BackupKind;
import dev.quire.durable.BackupSession;
import dev.quire.durable.Engine;
import dev.quire.durable.Names;
import dev.quire.durable.PublishedBackup;
import dev.quire.io.Progress;
import dev.quire.io.QuireError;
import dev.quire.io.QuireException;
import dev.quire.io.Storage;
import dev.quire.io.log.LogFiles;
import dev.quire.io.sim.SimDisk;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** What the engine does for a backup, while others go on. */
class BackupSessionTest {

    private static final Path LOG = SimInstances.HERE.resolve(Names.LOG);

    private final SimDisk disk = SimInstances.disk();
    private Instance instance;
    private int commits;

    /** What happens once when the log is listed next, behind the listing. */
    private Runnable meanwhile;

    private void open() {
        ClassLoader loader = Storage.class.getClassLoader();
        Storage storage =
                (Storage) Proxy.newProxyInstance(loader, new Class<?>[] {Storage.class}, (proxy, method, arguments) -> {
                    Object result;
                    try {
                        result = method.invoke(disk, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                    if (method.getName().equals("list") && meanwhile != null) {
                        Runnable task = meanwhile;
                        meanwhile = null;
                        task.run();
                    }
                    return result;
                });
        instance = SimInstances.open(storage, 1);
        instance.createDatabase("db");
    }

    private void commitAndCheckpoint() {
        try (WriteTransaction tx = instance.beginWrite()) {
            tx.openOrCreateTable(instance.database("db"), "t").put(new byte[] {(byte) ++commits}, new byte[200]);
            tx.commit();
        }
        instance.checkpoint();
    }

    private int lowest() {
        return LogFiles.list(disk, LOG)[0];
    }

    @Test
    void closingTwiceMustNotGiveAwayWhatIsSomebodyElses() {
        open();
        Engine engine = instance.engine();
        BackupSession session = BackupSession.begin(engine, BackupKind.FULL, Progress.NONE);
        session.close();
        assertFalse(engine.backup().isTaken());
        BackupSession next = BackupSession.begin(engine, BackupKind.FULL, Progress.NONE);
        session.close();
        assertTrue(engine.backup().isTaken());
        next.close();
        assertFalse(engine.backup().isTaken());
        instance.close();
    }

    @Test
    void aBackupMustBeToldThatTheInstanceIsBeingClosedAndNotThatAnotherOneRuns() {
        open();
        Engine engine = instance.engine();
        engine.backup().end();
        QuireException e =
                assertThrows(QuireException.class, () -> BackupSession.begin(engine, BackupKind.FULL, Progress.NONE));
        assertEquals(QuireError.TERM_IN_PROGRESS, e.error());
        assertEquals(
                "attached", engine.backup().apart(() -> "attached"), "whoever closes is refused the writer's place");
        engine.backup().leave();
        try (BackupSession session = BackupSession.begin(engine, BackupKind.FULL, Progress.NONE)) {
            assertTrue(session.mark() > 0);
            for (Executable call : List.<Executable>of(
                    instance::close,
                    () -> BackupSession.begin(engine, BackupKind.FULL, Progress.NONE),
                    () -> engine.backup().apart(() -> ""))) {
                assertEquals(
                        QuireError.BACKUP_IN_PROGRESS,
                        assertThrows(QuireException.class, call).error());
            }
        }
        instance.close();
    }

    @Test
    void logMustNotGoWhileAnIntentIsLookedForInIt() {
        open();
        for (int i = 0; i < 4; i++) {
            instance.engine().log().roll();
            commitAndCheckpoint();
        }
        try (BackupSession session = BackupSession.begin(instance.engine(), BackupKind.FULL, Progress.NONE)) {
            List<Attachment> attached = session.sources().stream()
                    .map(BackupSession.Source::attachment)
                    .toList();
            int before = lowest();
            assertTrue(before < session.generationLow(), "there is log that the backup itself does not keep");
            meanwhile = () -> {
                commitAndCheckpoint();
                assertEquals(before, lowest());
            };
            assertEquals(
                    List.of(),
                    session.stampLate(List.of(new PublishedBackup(
                            BackupKind.FULL, "0123", 1, 1, before - 1, 1, before - 1, attached, () -> 0))));
            assertEquals(null, meanwhile);
            instance.checkpoint();
            assertEquals(session.generationLow(), lowest());
        }
        instance.close();
    }

    @Test
    void aTenantMustBeAskedToLeaveByWhoeverWantsThePlaceAndNeverWhenHeHasLeft() {
        open();
        Engine engine = instance.engine();
        BackupSession session = BackupSession.begin(engine, BackupKind.FULL, Progress.NONE);
        boolean[] abandoned = new boolean[1];
        int[] asked = new int[1];
        engine.backup().let(() -> {
            asked[0]++;
            if (abandoned[0]) {
                session.close();
            }
            return abandoned[0];
        });
        List<Executable> wishes = List.of(
                () -> BackupSession.begin(engine, BackupKind.FULL, Progress.NONE)
                        .close(),
                () -> engine.backup().apart(() -> ""),
                () -> engine.backup().end());
        for (Executable wish : wishes) {
            assertEquals(
                    QuireError.BACKUP_IN_PROGRESS,
                    assertThrows(QuireException.class, wish).error());
        }
        assertEquals(wishes.size(), asked[0]);
        abandoned[0] = true;
        BackupSession next = BackupSession.begin(engine, BackupKind.FULL, Progress.NONE);
        assertEquals(wishes.size() + 1, asked[0]);
        assertThrows(QuireException.class, () -> BackupSession.begin(engine, BackupKind.FULL, Progress.NONE));
        assertEquals(wishes.size() + 1, asked[0], "who has left is not asked for the place of somebody else");
        next.close();
        instance.close();
    }

    @Test
    void whatIsSaidToGoMustBeWhatGoes() {
        for (BackupKind kind : List.of(BackupKind.FULL, BackupKind.COPY)) {
            disk.resetTrace();
            instance = SimInstances.config(disk, SimInstances.HERE, 1)
                    .circularLogging(false)
                    .open();
            instance.openOrCreate("db");
            for (int i = 0; i < 4; i++) {
                instance.engine().log().roll();
                commitAndCheckpoint();
            }
            int before = lowest();
            try (BackupSession session = BackupSession.begin(instance.engine(), kind, Progress.NONE)) {
                int high = session.roll() - 1;
                int kept = session.keptFrom(high);
                assertEquals(kind == BackupKind.FULL, kept > before);
                session.stamp(session.generationLow(), high);
                assertEquals(kept, lowest());
            }
            instance.close();
        }
    }
}

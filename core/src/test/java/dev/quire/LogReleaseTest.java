package dev.quire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quire.durable.BackupKind;
import dev.quire.durable.BackupSession;
import dev.quire.durable.Names;
import dev.quire.io.Progress;
import dev.quire.io.QuireError;
import dev.quire.io.QuireException;
import dev.quire.io.log.LogFiles;
import dev.quire.io.log.Lsn;
import dev.quire.io.sim.CrashPolicy;
import dev.quire.io.sim.SimDisk;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/**
 * I4. Fear: log goes that somebody needs. Each rule by which it stays is looked at alone, and what would be lost
 * without it: that is done to the log behind the back of the one function.
 */
class LogReleaseTest {

    private static final Path SLOTS = SimInstances.HERE.resolve(Names.CHECKPOINT);
    private static final Path LOG = SimInstances.HERE.resolve(Names.LOG);

    private final SimDisk disk = SimInstances.disk();
    private Instance instance;
    private int commits;

    private void open(boolean circular) {
        instance = SimInstances.config(disk, SimInstances.HERE, 1)
                .circularLogging(circular)
                .open();
        instance.createDatabase("db");
    }

    private void commit() {
        try (WriteTransaction tx = instance.beginWrite()) {
            tx.openOrCreateTable(instance.database("db"), "t").put(new byte[] {(byte) ++commits}, new byte[200]);
            tx.commit();
        }
    }

    /** A commit in a generation of its own, and a checkpoint that is behind it. */
    private void generationAndCheckpoint() {
        instance.engine().log().roll();
        commit();
        instance.checkpoint();
    }

    private int lowest() {
        return LogFiles.list(disk, LOG)[0];
    }

    private int newestRedo() {
        return Lsn.generation(instance.engine().slot().redoStart());
    }

    /** The disk as a power cut leaves it, with the newer slot damaged besides. */
    private SimDisk withoutNewestSlot() {
        SimDisk image = disk.crashImage(disk.operationCount(), CrashPolicy.NONE, 0);
        ByteBuffer slots = ByteBuffer.wrap(image.contents(SLOTS)).order(ByteOrder.LITTLE_ENDIAN);
        image.corrupt(SLOTS, slots.getLong(8) > slots.getLong(16384 + 8) ? 100 : 16384 + 100, 1);
        return image;
    }

    private static int entries(SimDisk image) {
        Instance found = SimInstances.open(image, 9);
        int entries = (int) found.check().entries();
        found.halt();
        return entries;
    }

    @Test
    void logThatOnlyTheOlderSlotNeedsMustStay() {
        open(true);
        commit();
        for (int i = 0; i < 4; i++) {
            generationAndCheckpoint();
            assertEquals(newestRedo() - 1, lowest(), "that of the checkpoint before stays, and no other");
            assertEquals(commits, entries(withoutNewestSlot()));
        }
        instance.engine().log().release(newestRedo());
        SimDisk image = withoutNewestSlot();
        QuireException seen = assertThrows(QuireException.class, () -> SimInstances.open(image, 9));
        assertEquals(QuireError.REQUIRED_LOG_FILES_MISSING, seen.error());
        instance.halt();
    }

    @Test
    void logThatIsPinnedMustStayUntilItIsNot() {
        open(true);
        generationAndCheckpoint();
        try (BackupSession session = instance.engine()
                .threads()
                .call(() -> BackupSession.begin(instance.engine(), BackupKind.FULL, Progress.NONE))) {
            assertEquals(Lsn.generation(session.redoStart()), session.generationLow());
            for (int i = 0; i < 4; i++) {
                generationAndCheckpoint();
                assertTrue(lowest() <= session.generationLow(), "lowest=" + lowest());
            }
            assertTrue(newestRedo() > session.generationLow() + 2, "redo=" + newestRedo());
        }
        generationAndCheckpoint();
        assertEquals(newestRedo() - 1, lowest());
        instance.halt();
    }

    /** The same with a release that knows nothing of pins and backups: what the tests look at is then not so. */
    @Test
    void aReleaseThatAsksNobodyMustBeSeen() {
        open(false);
        generationAndCheckpoint();
        try (BackupSession session = instance.engine()
                .threads()
                .call(() -> BackupSession.begin(instance.engine(), BackupKind.FULL, Progress.NONE))) {
            generationAndCheckpoint();
            generationAndCheckpoint();
            instance.engine().log().release(newestRedo() - 1);
            assertTrue(lowest() > session.generationLow(), "lowest=" + lowest());
            assertTrue(lowest() > 1, "no backup has the first, and it is gone");
        }
        instance.halt();
    }

    @Test
    void logThatNoBackupHasMustStayUnlessLoggingIsCircular() {
        open(false);
        for (int i = 0; i < 4; i++) {
            generationAndCheckpoint();
            assertEquals(1, lowest());
        }
        backedUp(1, 2);
        generationAndCheckpoint();
        assertEquals(3, lowest());
        instance.createDatabase("other");
        generationAndCheckpoint();
        assertEquals(3, lowest());
        instance.halt();
    }

    @Test
    void anInstanceThatIsOnlyOpenedAndClosedMustNotKeepItsLog() {
        open(true);
        commit();
        instance.close();
        assertEquals(generationsAfterOpening(3), generationsAfterOpening(7));
    }

    private int generationsAfterOpening(int times) {
        for (int i = 0; i < times; i++) {
            SimInstances.open(disk, 2 + i).close();
        }
        return LogFiles.list(disk, LOG).length;
    }

    @Test
    void logThatIsInABackupOfOneDatabaseAndNotOfAnotherMustStay() {
        open(false);
        for (int i = 0; i < 4; i++) {
            instance.engine().log().roll();
            commit();
        }
        backedUp(1, 2);
        assertEquals(1, lowest(), "the older slot still needs it");
        instance.createDatabase("other");
        generationAndCheckpoint();
        generationAndCheckpoint();
        assertEquals(1, lowest(), "the other database is in no backup");
        instance.drop("other");
        generationAndCheckpoint();
        assertEquals(3, lowest());
        instance.halt();
    }

    /** As a full backup of these generations that was published. */
    private void backedUp(int low, int high) {
        instance.engine().threads().run(() -> {
            try (BackupSession session = BackupSession.begin(instance.engine(), BackupKind.FULL, Progress.NONE)) {
                session.stamp(low, high);
            }
        });
    }
}

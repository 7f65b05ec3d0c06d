package dev.quire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quire.durable.Names;
import dev.quire.io.CorruptionException;
import dev.quire.io.QuireError;
import dev.quire.io.log.LogFiles;
import dev.quire.io.log.Lsn;
import dev.quire.io.sim.CrashPolicy;
import dev.quire.io.sim.SimDisk;
import dev.quire.io.sim.SimOperation;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * The last batch of a log was forced and acknowledged, and then goes bad. Fear: it is taken for a torn end, although
 * somebody knew better. No batch behind it says so here: a slot must.
 */
class KnownEndTest {

    private static final Path LOG = SimInstances.HERE.resolve(Names.LOG);
    private static final Path SLOTS = SimInstances.HERE.resolve(Names.CHECKPOINT);

    private final SimDisk disk = SimInstances.disk();
    private final Instance instance = SimInstances.open(disk, 1);
    private long last;

    private void commitTwice() {
        instance.createDatabase("db");
        for (String table : List.of("a", "b")) {
            last = instance.engine().log().appended();
            try (WriteTransaction tx = instance.beginWrite()) {
                tx.createTable(instance.database("db"), table);
                tx.commit();
            }
        }
        last = last + 511 & -512; // where the next batch starts
    }

    /** Before the headers say anything: until then a crash leaves nothing else that knows. */
    @Test
    void aCheckpointMustNameWhatIsForcedBeforeItWritesAnythingElse() {
        commitTwice();
        int from = disk.operationCount();
        instance.checkpoint();
        int slot = first(disk, from, SimOperation.Type.FORCE, SLOTS);
        for (int at = slot + 1; at <= disk.operationCount(); at++) {
            mustBeTold(disk, at);
        }
        instance.halt();
    }

    /** From where it touches files of the log on that may have been the only witness; zeros made ahead are none. */
    @Test
    void aRecoveryMustNameTheEndThatItFoundBeforeItTidiesTheLog() {
        commitTwice();
        instance.halt();
        SimDisk recovered = disk.processCrashImage(disk.operationCount());
        SimInstances.open(recovered, 2).halt();
        int tidied = recovered.operations().stream()
                .filter(each -> each.type() == SimOperation.Type.DELETE || each.type() == SimOperation.Type.RENAME)
                .filter(each -> LOG.equals(each.path().getParent()))
                .findFirst()
                .orElseThrow()
                .index();
        for (int at = tidied; at <= recovered.operationCount(); at++) {
            mustBeTold(recovered, at);
        }
    }

    /** Fear: somebody copied the files of an instance one after the other, and the database is newer than the log. */
    @Test
    void commitsOfWhichOnlyAHeaderKnowsMustBeMissed() {
        commitTwice();
        SimDisk earlier;
        try (ReadTransaction reader = instance.beginRead()) { // what is required stays behind what is committed
            earlier = disk.processCrashImage(disk.operationCount());
            try (WriteTransaction tx = instance.beginWrite()) {
                tx.createTable(instance.database("db"), "c");
                tx.commit();
            }
            instance.checkpoint();
            assertTrue(reader.isOpen());
        }
        instance.halt();
        Path database = SimInstances.HERE.resolve("db.qdb");
        earlier.plant(database, disk.contents(database));
        InstanceConfig config = SimInstances.config(earlier, SimInstances.HERE, 2);
        CorruptionException e = assertThrows(CorruptionException.class, config::open);
        assertEquals(QuireError.COMMITTED_LOG_FILES_MISSING, e.error(), e.getMessage());
        try (Instance again = config.acceptLoss(true).open()) {
            assertTrue(again.recovery().lostUpTo() > 0);
            assertTrue(again.check().isSound());
        }
    }

    private static int first(SimDisk disk, int from, SimOperation.Type type, Path file) {
        return disk.operations().stream()
                .filter(each -> each.index() >= from
                        && each.type() == type
                        && each.path().equals(file))
                .findFirst()
                .orElseThrow()
                .index();
    }

    private void mustBeTold(SimDisk crashed, int operation) {
        SimDisk image = crashed.crashImage(operation, CrashPolicy.ALL, 0);
        Path file = LogFiles.path(LOG, Lsn.generation(last));
        assertTrue(image.contents(file)[Lsn.offset(last)] != 0, "no batch is there");
        image.corrupt(file, Lsn.offset(last) + 100, 1);
        String where = crashed.describe(Math.min(operation, crashed.operationCount() - 1));
        CorruptionException e = assertThrows(
                CorruptionException.class, () -> SimInstances.open(image, 3).halt(), where);
        assertEquals(QuireError.LOG_FILE_CORRUPT, e.error(), where + ": " + e.getMessage());
        assertEquals(file, e.file().orElseThrow(), where);
    }
}

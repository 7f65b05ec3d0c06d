package dev.quire;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quire.durable.Names;
import dev.quire.io.QuireError;
import dev.quire.io.QuireException;
import dev.quire.io.Storage;
import dev.quire.io.StoreFile;
import dev.quire.io.page.DatabaseHeader;
import dev.quire.io.sim.CrashPolicy;
import dev.quire.io.sim.SimDisk;
import dev.quire.io.sim.SimOperation;
import java.nio.file.Path;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/**
 * A crash between the file of a new database and the record about it leaves a file of which nobody knows: creating the
 * database again removes that. Fear: it removes what only has the same name.
 */
class OrphanFileTest {

    private static final Path FILE = SimInstances.HERE.resolve("young.qdb");

    /** Behind the force of the name, and in front of that of the record. */
    private static SimDisk crashed() {
        SimDisk disk = SimInstances.disk();
        Instance instance = SimInstances.open(disk, 1);
        instance.createDatabase("young");
        instance.halt();
        SimOperation named = disk.operations().stream()
                .filter(each -> each.type() == SimOperation.Type.RENAME)
                .reduce((first, last) -> last)
                .orElseThrow();
        SimDisk image = disk.crashImage(named.index() + 2, CrashPolicy.NONE, 0);
        assertEquals(Storage.Kind.FILE, image.kind(FILE));
        return image;
    }

    @Test
    void itMustNotBeInTheWay() {
        SimDisk image = crashed();
        long before = DatabaseHeader.read(image, FILE).signature();
        try (Instance instance = SimInstances.open(image, 2)) {
            assertTrue(instance.databases().isEmpty());
            instance.createDatabase("young");
            assertTrue(instance.check().isSound());
        }
        assertTrue(before != DatabaseHeader.read(image, FILE).signature());
    }

    @Test
    void aFileThatIsNoneMustNotBeTouched() {
        SimDisk elsewhere = crashed();
        change(elsewhere, header -> header.withLogSignature(header.logSignature() + 1));
        refused(elsewhere, "of another instance");

        SimDisk used = crashed();
        change(used, header -> header.withDbtimeBound(header.dbtimeBound() + 1));
        refused(used, "with something in it");

        SimDisk detached = SimInstances.disk();
        Instance instance = SimInstances.open(detached, 1);
        instance.createDatabase("young");
        instance.detach("young");
        instance.close();
        refused(detached, "detached as it was made");
    }

    private static void change(SimDisk disk, UnaryOperator<DatabaseHeader> how) {
        try (StoreFile file = disk.open(FILE, Storage.Access.WRITE)) {
            how.apply(DatabaseHeader.read(disk, FILE)).writeTo(file);
        }
    }

    private static void refused(SimDisk disk, String what) {
        byte[] before = disk.contents(FILE);
        try (Instance instance = SimInstances.open(disk, 2)) {
            QuireException e = assertThrows(QuireException.class, () -> instance.createDatabase("young"), what);
            assertEquals(QuireError.DATABASE_DUPLICATE, e.error(), what);
        }
        assertArrayEquals(before, disk.contents(FILE), what);
    }

    /** Fear: without its checkpoint file an instance is taken for one that was never finished, and its log deleted. */
    @Test
    void anInstanceWhoseCheckpointFileIsMissingMustNotBeClearedAway() {
        for (boolean databases : new boolean[] {true, false}) {
            SimDisk disk = SimInstances.disk();
            Instance instance = SimInstances.open(disk, 1);
            if (databases) {
                instance.createDatabase("young");
            } else {
                instance.engine().log().roll();
                instance.engine().log().roll();
            }
            instance.halt();
            disk.delete(SimInstances.HERE.resolve(Names.CHECKPOINT));
            Path log = SimInstances.HERE.resolve(Names.LOG);
            List<String> before = disk.list(log);
            QuireException e = assertThrows(QuireException.class, () -> SimInstances.open(disk, 2));
            assertEquals(QuireError.CHECKPOINT_FILE_NOT_FOUND, e.error(), e.getMessage());
            assertEquals(before, disk.list(log));
            assertEquals(databases ? Storage.Kind.FILE : Storage.Kind.NONE, disk.kind(FILE));
        }
    }

    /** Fear: a stream that begins empties the directory of the log, of whatever lies there. */
    @Test
    void aFileOfOthersBesideTheLogMustStayWhenANewStreamBegins() {
        SimDisk disk = SimInstances.disk();
        Path notes = SimInstances.HERE.resolve(Names.LOG).resolve("notes.txt");
        SimInstances.open(disk, 1).close();
        disk.plant(notes, new byte[] {1, 2, 3});
        SimInstances.config(disk, SimInstances.HERE, 2).logging(false).open().close();
        SimInstances.open(disk, 3).close();
        assertArrayEquals(new byte[] {1, 2, 3}, disk.contents(notes));
    }
}

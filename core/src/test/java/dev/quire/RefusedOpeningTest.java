package dev.quire;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quire.io.QuireError;
import dev.quire.io.QuireException;
import dev.quire.io.Storage;
import dev.quire.io.sim.SimDisk;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** An instance that cannot be opened because of one database leaves the others as they are. */
class RefusedOpeningTest {

    private static final int TAIL_BYTES = 1 << 20;

    private static Path file(int number) {
        return SimInstances.HERE.resolve("db" + number + ".qdb");
    }

    private static SimDisk crashed(boolean checkpointed) {
        SimDisk disk = SimInstances.disk();
        Instance instance = SimInstances.open(disk, 1);
        for (int number = 0; number < 2; number++) {
            Database database = instance.createDatabase("db" + number);
            try (WriteTransaction tx = instance.beginWrite()) {
                tx.createTable(database, "t").put(new byte[] {1}, new byte[10]);
                tx.commit();
            }
        }
        if (checkpointed) {
            instance.checkpoint();
        }
        instance.halt();
        return disk;
    }

    /** Both copies of a header; doing it twice mends it. */
    private static void damage(SimDisk disk, Path file) {
        disk.corrupt(file, 20, 1);
        disk.corrupt(file, 4096 + 20, 1);
    }

    private static void refused(SimDisk disk) {
        QuireException e = assertThrows(QuireException.class, () -> SimInstances.open(disk, 2));
        assertEquals(QuireError.DATABASE_CORRUPTED, e.error(), e::toString);
    }

    @Test
    void aGrowthMustNotBeFilledBeforeTheOtherHeadersAreJudged() {
        for (int grown = 0; grown < 2; grown++) {
            SimDisk disk = crashed(true);
            byte[] there = disk.contents(file(grown));
            byte[] longer = new byte[there.length + TAIL_BYTES];
            Arrays.fill(longer, there.length, longer.length, (byte) 7); // what was there before the space was given
            System.arraycopy(there, 0, longer, 0, there.length);
            disk.plant(file(grown), longer);
            damage(disk, file(1 - grown));
            refused(disk);
            assertArrayEquals(longer, disk.contents(file(grown)));
            damage(disk, file(1 - grown));
            SimInstances.open(disk, 2).close();
            assertEquals(0, disk.contents(file(grown))[longer.length - 1]);
        }
    }

    @Test
    void aFileMustNotBeMadeBeforeTheOtherHeadersAreJudged() {
        for (int missing = 0; missing < 2; missing++) {
            SimDisk disk = crashed(false);
            disk.delete(file(missing));
            damage(disk, file(1 - missing));
            refused(disk);
            assertEquals(Storage.Kind.NONE, disk.kind(file(missing)));
            damage(disk, file(1 - missing));
            try (Instance instance = SimInstances.open(disk, 2)) {
                assertEquals(2, instance.databases().size());
                assertTrue(instance.check().isSound());
            }
        }
    }
}

package dev.quire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quire.io.MutableBytesView;
import dev.quire.io.QuireError;
import dev.quire.io.StorageFullException;
import dev.quire.io.sim.SimDisk;
import org.junit.jupiter.api.Test;

/** A disk with little room left. */
class DiskFullTest {

    private static final long MUCH = 1L << 30;
    private static final int PAGE = 4096;
    private static final int ROOM_PAGES = 9;

    private final SimDisk disk = SimInstances.disk();

    /** Fear: a file grows ahead of need, and what is needed is refused because there is no room for more. */
    @Test
    void aCommitThatFitsMustNotBeRefusedForTheRoomThatOthersMayNeed() {
        disk.quota(MUCH);
        Instance instance = SimInstances.open(disk, 1);
        Database database = instance.createDatabase("db");
        allocate(instance, (int) (database.fileBytes() / PAGE) - 4); // but for those that are there from the start
        disk.quota(MUCH - disk.usableBytes(SimInstances.HERE) + ROOM_PAGES * PAGE);
        long before = database.fileBytes();
        for (int page = 0; page < ROOM_PAGES; page++) {
            allocate(instance, 1);
        }
        assertEquals(before + ROOM_PAGES * PAGE, database.fileBytes());
        StorageFullException full = assertThrows(StorageFullException.class, () -> allocate(instance, 1));
        assertEquals(QuireError.DISK_FULL, full.error());
        disk.quota(MUCH);
        allocate(instance, 1);
        instance.halt();
        try (Instance again = SimInstances.open(disk, 2)) {
            assertTrue(again.check().isSound());
        }
    }

    private static void allocate(Instance instance, int pages) {
        try (WriteTransaction tx = instance.beginWrite()) {
            WritableRawPages raw = tx.rawPages(instance.database("db"));
            for (int i = 0; i < pages; i++) {
                raw.allocate(new MutableBytesView());
            }
            tx.commit();
        }
    }
}

package dev.quire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quire.durable.BackupKind;
import dev.quire.durable.BackupSession;
import dev.quire.io.CorruptionException;
import dev.quire.io.Progress;
import dev.quire.io.QuireError;
import dev.quire.io.page.DatabaseHeader;
import dev.quire.io.page.PageHeader;
import dev.quire.io.page.PageLayout;
import dev.quire.io.sim.SimDisk;
import dev.quire.pages.RootsLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Fear: a page that verifies says what cannot be, and a check or a backup ends in an error that says nothing. */
class ForgedPagesTest {

    private static final int PAGE = 4096;
    private static final int ROOTS = (int) RootsLayout.PAGE;
    private static final Path FILE = SimInstances.HERE.resolve("db.qdb");

    private final SimDisk disk = SimInstances.disk();

    @BeforeEach
    void fill() {
        try (Instance instance = SimInstances.open(disk, 1)) {
            Database database = instance.createDatabase("db");
            try (WriteTransaction tx = instance.beginWrite()) {
                WritableTable table = tx.createTable(database, "t");
                for (int key = 0; key < 200; key++) {
                    table.put(new byte[] {(byte) key}, new byte[200]);
                }
                tx.commit();
            }
        }
    }

    @Test
    void aChildThatIsNoPageMustBeReported() {
        for (long child : new long[] {-1, -5, Long.MIN_VALUE, 1 << 20, Long.MAX_VALUE}) {
            byte[] kept = disk.contents(FILE);
            forge(branch(), child);
            try (Instance instance = SimInstances.open(disk, 2)) {
                assertFalse(instance.check().isSound(), "child=" + child);
            }
            disk.plant(FILE, kept);
        }
    }

    private void forge(int page, long child) {
        byte[] bytes = disk.contents(FILE);
        ByteBuffer pages = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        int cell = page * PAGE + (pages.getShort(page * PAGE + 64 + Short.BYTES) & 0xFFFF);
        pages.putLong(cell + 4 + (pages.getInt(cell) & 0x3FFF), child);
        plant(bytes, page);
    }

    /** The only page above leaves. */
    private int branch() {
        ByteBuffer pages = ByteBuffer.wrap(disk.contents(FILE)).order(ByteOrder.LITTLE_ENDIAN);
        int found = 0;
        for (int page = ROOTS; page < pages.capacity() / PAGE; page++) {
            int type = PageHeader.type(pages, page * PAGE);
            boolean node = type == PageLayout.TYPE_LEAF || type == PageLayout.TYPE_BRANCH;
            found = node && pages.get(page * PAGE + 34) == 1 ? page : found;
        }
        assertTrue(found > 0, "no branch");
        return found;
    }

    @Test
    void regionsThatTheFileCannotHaveMustBeReported() {
        for (int regions : new int[] {0, -1, 2, 1 << 20, Integer.MAX_VALUE, Integer.MIN_VALUE}) {
            byte[] bytes = disk.contents(FILE);
            ByteBuffer.wrap(bytes)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putInt(ROOTS * PAGE + RootsLayout.REGIONS_OFFSET, regions);
            plant(bytes, ROOTS);
            try (Instance instance = SimInstances.open(disk, 2)) {
                assertFalse(instance.check().isSound(), "regions=" + regions);
                CorruptionException refused = assertThrows(
                        CorruptionException.class,
                        () -> BackupSession.begin(instance.engine(), BackupKind.FULL, Progress.NONE));
                assertEquals(QuireError.DATABASE_CORRUPTED, refused.error());
            }
        }
    }

    private void plant(byte[] bytes, int page) {
        long signature = DatabaseHeader.read(disk, FILE).signature();
        PageHeader.seal(ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN), page * PAGE, PAGE, signature, page);
        disk.plant(FILE, bytes);
    }
}

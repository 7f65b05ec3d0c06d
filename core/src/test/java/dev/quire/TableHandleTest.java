package dev.quire;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quire.io.LimitException;
import dev.quire.io.MutableBytesView;
import dev.quire.io.QuireException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Handles that outlive what they stand for, and changes that are cut short. */
class TableHandleTest {

    private static final byte[] KEY = {1};

    @TempDir
    Path root;

    private Instance instance;
    private Database database;

    @BeforeEach
    void open() {
        instance = Instance.configure(root.resolve("i"))
                .background(false)
                .pageBytes(4096)
                .logGenerationBytes(1 << 20)
                .memoryBytes(8 << 20)
                .memoryWaitMs(0)
                .open();
        database = instance.openOrCreate("x");
    }

    @AfterEach
    void close() {
        instance.close();
    }

    @Test
    void aHandleOfADroppedTableMustBeRefused() {
        try (WriteTransaction tx = instance.beginWrite()) {
            WritableTable dropped = tx.createTable(database, "a");
            dropped.put(KEY, KEY);
            Cursor cursor = dropped.cursor();
            tx.dropTable(database, "a");
            WritableTable next = tx.createTable(database, "b");
            assertThrows(IllegalStateException.class, () -> dropped.put(KEY, new byte[2]));
            assertThrows(IllegalStateException.class, () -> dropped.get(KEY));
            assertThrows(IllegalStateException.class, cursor::next);
            assertFalse(next.contains(KEY));
            tx.commit();
        }
        assertTrue(instance.check().isSound());
    }

    @Test
    void aNameThatIsRefusedMustNotSpoilTheTransaction() {
        try (WriteTransaction tx = instance.beginWrite()) {
            tx.createTable(database, "a").put(KEY, KEY);
            assertThrows(QuireException.class, () -> tx.createTable(database, "a"));
            assertThrows(QuireException.class, () -> tx.createTable(database, "\u0000"));
            assertThrows(QuireException.class, () -> tx.dropTable(database, "b"));
            tx.commit();
        }
        try (ReadTransaction tx = instance.beginRead()) {
            assertArrayEquals(KEY, tx.table(database, "a").get(KEY));
        }
    }

    @Test
    void aDropThatIsCutShortMustNotBeCommitted() {
        for (int part = 0; part < 30; part++) {
            try (WriteTransaction tx = instance.beginWrite()) {
                WritableTable table = tx.openOrCreateTable(database, "large");
                for (int i = 0; i < 300; i++) {
                    table.put(new byte[] {(byte) part, (byte) (i >> 8), (byte) i}, new byte[3_000]);
                }
                tx.commit();
            }
            instance.checkpoint();
        }
        try (WriteTransaction tx = instance.beginWrite()) {
            MutableBytesView view = new MutableBytesView();
            LimitException full = assertThrows(LimitException.class, () -> {
                while (true) {
                    tx.rawPages(database).allocate(view);
                }
            });
            assertTrue(full.getMessage().contains("4194304"), full.getMessage());
            assertThrows(LimitException.class, () -> tx.dropTable(database, "large"));
            assertThrows(IllegalStateException.class, tx::commit);
            tx.abort();
        }
        assertTrue(instance.check().isSound());
    }
}

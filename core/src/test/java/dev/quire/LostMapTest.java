package dev.quire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quire.io.QuireError;
import dev.quire.io.UnavailableException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/**
 * Fear: the file goes from under its map, somebody gets an error of the JVM, and the instance goes on. An older JVM may
 * report the fault late, wherever the program is by then.
 */
@EnabledForJreRange(min = JRE.JAVA_21)
class LostMapTest {

    private static final int KEYS = 3_000;

    @TempDir
    private Path parent;

    private Instance open() {
        return Instance.configure(parent.resolve("instance"))
                .memoryBytes(8 << 20)
                .logGenerationBytes(1 << 20)
                .open();
    }

    private void lost(Function<ReadTransaction, Executable> reading) throws Throwable {
        try (Instance instance = open()) {
            Database database = instance.createDatabase("db");
            try (WriteTransaction tx = instance.beginWrite()) {
                WritableTable table = tx.createTable(database, "t");
                for (int key = 0; key < KEYS; key++) {
                    table.put(StateModel.bytes(Step.key("k", key)), new byte[500]);
                }
                tx.rawPages(database).root("root", 1);
                tx.commit();
            }
        }
        Instance instance = open();
        ReadTransaction tx = instance.beginRead();
        try {
            Executable again = reading.apply(tx);
            again.execute();
            cut();
            UnavailableException told = assertThrows(UnavailableException.class, again);
            assertEquals(QuireError.INSTANCE_UNAVAILABLE, told.error());
            assertTrue(instance.engine().poison().cause() instanceof InternalError);
        } finally {
            instance.halt();
        }
    }

    private void cut() throws IOException {
        Path file = parent.resolve("instance").resolve("db.qdb");
        try (RandomAccessFile opened = new RandomAccessFile(file.toFile(), "rw")) {
            opened.setLength(0);
        }
    }

    private static Database database(ReadTransaction tx) {
        return tx.instance().database("db");
    }

    @Test
    void aKeyThatIsCopiedMustTell() throws Throwable {
        lost(tx -> {
            Cursor cursor = tx.table(database(tx), "t").cursor();
            assertTrue(cursor.first());
            return cursor::key;
        });
    }

    @Test
    void whoOpensATableMustBeTold() throws Throwable {
        lost(tx -> () -> tx.table(database(tx), "t"));
    }

    @Test
    void whoAsksForTheNamesOfTablesMustBeTold() throws Throwable {
        lost(tx -> () -> tx.tables(database(tx)));
    }

    @Test
    void whoLooksForARootMustBeTold() throws Throwable {
        lost(tx -> () -> tx.rawPages(database(tx)).root("root"));
    }
}

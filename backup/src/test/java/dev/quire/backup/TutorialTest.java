package dev.quire.backup;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quire.Cursor;
import dev.quire.Database;
import dev.quire.Durability;
import dev.quire.Instance;
import dev.quire.ReadTransaction;
import dev.quire.Table;
import dev.quire.WritableRawPages;
import dev.quire.WritableTable;
import dev.quire.WriteTransaction;
import dev.quire.io.BytesView;
import dev.quire.io.FileStorage;
import dev.quire.io.MutableBytesView;
import dev.quire.io.Progress;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The tutorial of the README, which must run and must be what the README shows. */
class TutorialTest {

    private static final int LINES_MAX = 60;
    private static final String BEGIN = "// ---- the tutorial ----";
    private static final String END = "// ---- its end ----";

    @Test
    void theTutorialMustRun(@TempDir Path directory) {
        Path home = directory.resolve("home");
        Path backup = directory.resolve("backup");
        Path restored = directory.resolve("restored");
        tutorial(home, backup, restored);
        for (Path each : List.of(home, restored)) {
            judge(each);
        }
    }

    private static void tutorial(Path home, Path backup, Path restored) {
        // ---- the tutorial ----
        // An instance is a directory with databases and one log. It is made if it is not there.
        try (Instance instance = Instance.open(home)) {
            Database shop = instance.openOrCreate("shop");

            // One write transaction at a time, over any of the databases. When commit returns, it is durable.
            try (WriteTransaction tx = instance.beginWrite()) {
                WritableTable orders = tx.openOrCreateTable(shop, "orders");
                orders.put(bytes("4711"), bytes("two apples"));
                orders.put(bytes("4712"), bytes("a pear"));
                orders.put(bytes("4720"), bytes("three figs"));
                tx.commit();
            }

            // Any number of readers. Each sees one commit, and values in place, as views that end with the transaction.
            try (ReadTransaction tx = instance.beginRead()) {
                Table orders = tx.table(shop, "orders");
                BytesView value = new BytesView();
                if (orders.get(bytes("4711"), value)) {
                    System.out.println(value.getStringWithoutLengthUtf8(0, value.capacity()));
                }
                Cursor cursor = orders.cursor();
                for (boolean there = cursor.seek(bytes("4712")); there; there = cursor.next()) {
                    cursor.value(value);
                    System.out.println(text(cursor.key()) + " has " + value.capacity() + " bytes");
                }
            }

            // Raw pages are for structures of your own. A named root finds them again.
            try (WriteTransaction tx = instance.beginWrite()) {
                WritableRawPages pages = tx.rawPages(shop);
                MutableBytesView page = new MutableBytesView();
                long number = pages.allocate(page);
                page.putLong(0, 42);
                pages.root("counter", number);
                tx.commit(Durability.LAZY); // returns at once; a crash within the next moments may take it back
            }

            // A backup while transactions go on. Every page and log record is verified on the way.
            BackupReport report = Backup.full(instance, backup, Progress.NONE);
            System.out.println(report.pages() + " pages, log generations up to " + report.generationHigh());
        }

        // At rest it can be verified at any time, and made into an instance again.
        FileStorage disk = FileStorage.instance();
        System.out.println(
                BackupVerification.verify(disk, backup, Progress.NONE).isSound());
        Restore.restore(disk, backup, restored, Progress.NONE);
        try (Instance instance = Instance.open(restored);
                ReadTransaction tx = instance.beginRead()) {
            Database shop = instance.database("shop");
            System.out.println(text(tx.table(shop, "orders").get(bytes("4711"))));
            System.out.println(instance.check().isSound());
        }
        // ---- its end ----
    }

    private static void judge(Path home) {
        try (Instance instance = Instance.open(home);
                ReadTransaction tx = instance.beginRead()) {
            assertTrue(instance.recovery().clean());
            Database shop = instance.database("shop");
            assertArrayEquals(bytes("a pear"), tx.table(shop, "orders").get(bytes("4712")));
            BytesView page = new BytesView();
            tx.rawPages(shop).read(tx.rawPages(shop).root("counter").orElseThrow(), page);
            assertEquals(42, page.getLong(0));
        }
    }

    @Test
    void theReadmeMustShowTheTutorial() throws IOException {
        Path root = Files.exists(Path.of("README.md")) ? Path.of("") : Path.of("..");
        String source =
                Files.readString(root.resolve("backup/src/test/java").resolve("dev/quire/backup/TutorialTest.java"));
        List<String> code = source.lines()
                .map(String::stripTrailing)
                .dropWhile(line -> !line.strip().equals(BEGIN))
                .skip(1)
                .takeWhile(line -> !line.strip().equals(END))
                .map(line -> line.isEmpty() ? line : line.substring(8))
                .toList();
        assertEquals(shown(root), code);
        assertTrue(!code.isEmpty() && code.size() < LINES_MAX, "lines=" + code.size());
    }

    /** The first block of Java in the README. */
    private static List<String> shown(Path root) throws IOException {
        try (Stream<String> lines = Files.lines(root.resolve("README.md"))) {
            return lines.dropWhile(line -> !line.equals("```java"))
                    .skip(1)
                    .takeWhile(line -> !line.equals("```"))
                    .toList();
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }
}

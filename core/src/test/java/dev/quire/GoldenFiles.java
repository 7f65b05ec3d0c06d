package dev.quire;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quire.io.BytesView;
import dev.quire.io.FileStorage;
import dev.quire.io.MutableBytesView;
import dev.quire.io.Storage;
import dev.quire.io.page.DatabaseHeaderLayout;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import java.util.zip.Deflater;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * The instances of the golden files, how they are made and what they must hold: one that was closed, with everything a
 * database can hold, and one that a crash left in the middle of a checkpoint, with a page torn in place.
 *
 * <p>The files of a version are made once, when the version is new, and never again: they stand for what others have on
 * their disks. {@link #main} makes those of the current version and refuses to replace any.
 */
final class GoldenFiles {

    /** Closed in order. */
    static final String CLOSED = "closed";

    /** Left by a crash. */
    static final String CRASHED = "crashed";

    private static final int KEYS = 400;
    /** Inline, in one extent, in a few, in many. */
    private static final int[] LENGTHS = {0, 100, 9_000, 1_200_000, 8_600_000};

    private GoldenFiles() {}

    /** {@code DIRECTORY} of the resources, in which a zip is made. */
    public static void main(String[] args) throws IOException {
        Path zip = Path.of(args[0]).resolve("format-" + DatabaseHeaderLayout.FORMAT_VERSION + ".zip");
        if (Files.exists(zip)) {
            throw new IllegalStateException(zip + " is there: what was released is never made again");
        }
        Path work = Files.createTempDirectory("golden");
        makeClosed(work.resolve(CLOSED));
        makeCrashed(work.resolve(CRASHED));
        pack(work, zip);
    }

    static InstanceConfig config(Storage storage, Path directory, long seed) {
        AtomicLong time = new AtomicLong(1_700_000_000_000L);
        AtomicLong next = new AtomicLong(seed);
        return Instance.configure(directory)
                .storage(storage)
                .background(false)
                .pageBytes(4096)
                .memoryBytes(64 << 20)
                .logGenerationBytes(1 << 20)
                .guardHalfBytes(256 << 10)
                .clock(time::incrementAndGet)
                .random(() -> next.incrementAndGet() * 0x9E3779B97F4A7C15L);
    }

    // ---- closed ----

    private static void makeClosed(Path directory) {
        try (Instance instance = config(FileStorage.instance(), directory, 1).open()) {
            Database small = instance.createDatabase("small");
            Database large = instance.createDatabase("large", 16384);
            instance.createDatabase("loose");
            for (Database database : List.of(small, large)) {
                fill(instance, database);
            }
            instance.checkpoint(); // with the next one, in detach, it lets most of the log go
            try (WriteTransaction tx = instance.beginWrite()) {
                tx.createTable(instance.database("loose"), "t").put(key(1), value(1, 50));
                tx.commit();
            }
            instance.detach("loose");
        }
    }

    private static void fill(Instance instance, Database database) {
        try (WriteTransaction tx = instance.beginWrite()) {
            WritableTable table = tx.createTable(database, "many");
            for (int i = 0; i < KEYS; i++) {
                table.put(key(i), value(i, i % 200));
            }
            WritableTable lengths = tx.createTable(database, "lengths");
            for (int i = 0; i < LENGTHS.length; i++) {
                lengths.put(key(i), value(i, LENGTHS[i]));
            }
            tx.createTable(database, "gone").put(key(0), value(0, 10));
            MutableBytesView page = new MutableBytesView();
            WritableRawPages raw = tx.rawPages(database);
            raw.root("mine", raw.allocate(page));
            page.putLong(0, 42);
            tx.commit();
        }
        try (WriteTransaction tx = instance.beginWrite()) {
            tx.table(database, "many").deleteRange(key(100), key(300));
            tx.dropTable(database, "gone");
            tx.commit();
        }
    }

    static void judgeClosed(Instance instance) {
        assertTrue(instance.recovery().clean());
        instance.attach("loose");
        sound(instance);
        try (ReadTransaction tx = instance.beginRead()) {
            judge(tx, instance.database("small"));
            judge(tx, instance.database("large"));
            assertArrayEquals(
                    value(1, 50), tx.table(instance.database("loose"), "t").get(key(1)));
        }
    }

    private static void judge(ReadTransaction tx, Database database) {
        assertEquals(List.of("lengths", "many"), tx.tables(database));
        for (int i = 0; i < KEYS; i++) {
            byte[] expected = i >= 100 && i < 300 ? null : value(i, i % 200);
            assertArrayEquals(expected, tx.table(database, "many").get(key(i)));
        }
        for (int i = 0; i < LENGTHS.length; i++) {
            assertArrayEquals(
                    value(i, LENGTHS[i]), tx.table(database, "lengths").get(key(i)));
        }
        assertEquals(42, number(tx, database, "mine"));
    }

    // ---- crashed ----

    /** The slot that would end the second checkpoint never reaches the disk; a page of it is torn. */
    private static void makeCrashed(Path directory) throws IOException {
        AtomicBoolean armed = new AtomicBoolean();
        AtomicInteger slots = new AtomicInteger();
        Storage storage = new MutantStorage(
                FileStorage.instance(),
                (call, name) -> armed.get()
                        && name.equals("quire.chk")
                        && call == MutantStorage.Call.WRITE
                        && slots.incrementAndGet() > 1);
        Instance instance = config(storage, directory, 2).open();
        Database database = instance.createDatabase("small");
        long page = write(instance, database, 1);
        instance.checkpoint();
        write(instance, database, 2);
        armed.set(true);
        instance.checkpoint();
        armed.set(false);
        instance.halt();
        try (RandomAccessFile file =
                new RandomAccessFile(directory.resolve("small.qdb").toFile(), "rw")) {
            file.seek(page * 4096 + 2048);
            file.write(new byte[2048]);
        }
    }

    /** Changes a raw page at both ends and a table; returns the page. */
    private static long write(Instance instance, Database database, int round) {
        try (WriteTransaction tx = instance.beginWrite()) {
            WritableRawPages raw = tx.rawPages(database);
            MutableBytesView view = new MutableBytesView();
            long page = raw.root("mine").orElse(0);
            if (page == 0) {
                page = raw.allocate(view);
                raw.root("mine", page);
            } else {
                raw.modify(page, view);
            }
            view.putLong(0, round);
            view.putLong(view.capacity() - Long.BYTES, round);
            WritableTable table = tx.openOrCreateTable(database, "t");
            for (int i = 0; i < 100 * round; i++) {
                table.put(key(i), value(i + round, 60));
            }
            table.put(key(1000 + round), value(round, 20_000));
            tx.commit();
            return page;
        }
    }

    static void judgeCrashed(Instance instance) {
        assertEquals(1, instance.recovery().guarded());
        assertEquals(1, instance.recovery().commits());
        sound(instance);
        Database database = instance.database("small");
        try (ReadTransaction tx = instance.beginRead()) {
            Table table = tx.table(database, "t");
            for (int i = 0; i < 200; i++) {
                assertArrayEquals(value(i + 2, 60), table.get(key(i)));
            }
            assertNull(table.get(key(200)));
            for (int round = 1; round <= 2; round++) {
                assertArrayEquals(value(round, 20_000), table.get(key(1000 + round)));
            }
            assertEquals(2, number(tx, database, "mine"));
        }
    }

    // ---- both ----

    private static void sound(Instance instance) {
        assertEquals(List.of(), instance.check().faults());
    }

    /** The number at both ends of the page of a root; the other end may be 0. */
    private static long number(ReadTransaction tx, Database database, String root) {
        BytesView view = new BytesView();
        tx.rawPages(database).read(tx.rawPages(database).root(root).orElseThrow(), view);
        long last = view.getLong(view.capacity() - Long.BYTES);
        assertTrue(last == 0 || last == view.getLong(0), "torn: " + last);
        return view.getLong(0);
    }

    private static byte[] key(int i) {
        return String.format("key-%05d", i).getBytes(StandardCharsets.UTF_8);
    }

    /** Easily packed, and unlike any other. */
    private static byte[] value(int seed, int length) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) (seed * 7 + i % 64 + i / 100_000);
        }
        return bytes;
    }

    private static void pack(Path from, Path zip) throws IOException {
        try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(zip));
                Stream<Path> files = Files.walk(from)) {
            out.setLevel(Deflater.BEST_COMPRESSION);
            for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
                if (!file.endsWith("quire.lock")) {
                    ZipEntry entry =
                            new ZipEntry(from.relativize(file).toString().replace('\\', '/'));
                    entry.setTime(0);
                    out.putNextEntry(entry);
                    Files.copy(file, out);
                    out.closeEntry();
                }
            }
        }
    }
}

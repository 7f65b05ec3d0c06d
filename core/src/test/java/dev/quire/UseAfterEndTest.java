package dev.quire;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quire.io.BytesView;
import dev.quire.io.MutableBytesView;
import dev.quire.io.QuireException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What was given out and is used when it is over, by its owner or by another thread, on real files: a typed error or
 * undefined bytes; never a changed page, never the end of the JVM.
 */
class UseAfterEndTest {

    private static final byte[] LONG = StateModel.bytes("long");

    @TempDir
    Path root;

    private Instance instance;
    private Database database;
    private final StateModel model = new StateModel();

    @BeforeEach
    void open() {
        instance = config().open();
        database = instance.createDatabase("db");
        model.databases.put("db", new StateModel.OfDatabase());
        write(s -> s.fill("db", "t", "k", 0, 300, 60).put("db", "t", "long", StateModel.noise(1, 20_000)));
    }

    private InstanceConfig config() {
        return Instance.configure(root.resolve("i"))
                .background(false)
                .pageBytes(4096)
                .logGenerationBytes(1 << 20)
                .memoryBytes(8 << 20);
    }

    @AfterEach
    void close() {
        instance.halt();
    }

    private void write(java.util.function.Consumer<Step> change) {
        try (WriteTransaction tx = instance.beginWrite()) {
            change.accept(new Step(instance, tx, model));
            tx.commit();
        }
    }

    /** What is committed is what the model has, now and after recovery. */
    private void unchanged() {
        assertEquals(model.digest(), StateDigest.of(instance));
        assertEquals(List.of(), instance.check().faults());
        instance.halt();
        instance = config().open();
        database = instance.database("db");
        assertEquals(model.digest(), StateDigest.of(instance));
        assertEquals(List.of(), instance.check().faults());
    }

    @Test
    void aRawPageThatIsFreeMustNotBeModifiedHoweverSoundItLooks() {
        long[] pages = new long[40];
        write(s -> {
            for (int i = 0; i < pages.length; i++) {
                pages[i] = s.allocate("db", i);
            }
        });
        instance.checkpoint();
        MutableBytesView view = new MutableBytesView();
        try (WriteTransaction tx = instance.beginWrite()) {
            Step step = new Step(instance, tx, model);
            for (long page : pages) {
                step.free("db", page);
                assertThrows(
                        IllegalArgumentException.class,
                        () -> tx.rawPages(database).modify(page, view));
                assertThrows(
                        IllegalArgumentException.class,
                        () -> tx.rawPages(database).free(page));
            }
            step.fill("db", "t", "m", 0, 300, 100);
            tx.commit();
        }
        unchanged();
        try (WriteTransaction tx = instance.beginWrite()) {
            for (long page : pages) {
                assertThrows(RuntimeException.class, () -> tx.rawPages(database).modify(page, view));
                assertThrows(RuntimeException.class, () -> tx.rawPages(database).free(page));
            }
            new Step(instance, tx, model).fill("db", "t", "n", 0, 600, 100);
            tx.commit();
        }
        unchanged();
    }

    @Test
    void aViewForWritingMustNotBeHadOfWhatIsOnlyRead() {
        write(s -> s.allocate("db", 1));
        long page = model.database("db").pages.firstKey();
        try (ReadTransaction tx = instance.beginRead()) {
            scribble(tx.table(database, "t"), tx.rawPages(database), page);
        }
        instance.checkpoint();
        try (ReadTransaction tx = instance.beginRead()) {
            scribble(tx.table(database, "t"), tx.rawPages(database), page);
        }
        try (WriteTransaction tx = instance.beginWrite()) {
            scribble(tx.table(database, "t"), tx.rawPages(database), page);
            new Step(instance, tx, model)
                    .put("db", "t", "k100001", new byte[70])
                    .modify("db", page, 9, 9, 9);
            scribble(tx.table(database, "t"), tx.rawPages(database), page);
            tx.commit();
        }
        unchanged();
    }

    private static void scribble(Table table, RawPages raw, long page) {
        MutableBytesView view = new MutableBytesView();
        List<Runnable> ways = new ArrayList<>();
        Cursor cursor = table.cursor();
        ways.add(() -> table.get(StateModel.bytes("k100001"), view));
        ways.add(() -> table.get(LONG, view));
        ways.add(() -> table.find(LONG).part(0, view));
        ways.add(() -> cursor.key(view));
        ways.add(() -> cursor.value(view));
        ways.add(() -> cursor.value().part(0, view));
        ways.add(() -> raw.read(page, view));
        assertTrue(cursor.seek(StateModel.bytes("k100001")));
        for (Runnable way : ways) {
            assertThrows(IllegalArgumentException.class, way::run);
            assertFalse(view.isLive());
        }
        assertTrue(cursor.previous() && cursor.next());
        assertThrows(IllegalArgumentException.class, () -> cursor.key(view));
    }

    @Test
    void aValueOrCursorFromBeforeAChangeMustNotHarmWhateverTheChange() {
        int typed = 0;
        for (int change = 0; change < 6; change++) {
            try (WriteTransaction tx = instance.beginWrite()) {
                WritableTable table = tx.table(database, "t");
                Value value = table.find(LONG);
                Cursor cursor = table.cursor();
                assertTrue(cursor.seek(StateModel.bytes("k100100")));
                Value under = cursor.value();
                BytesView view = new BytesView();
                cursor.key(view);
                change(tx, table, change);
                List<Runnable> uses = new ArrayList<>();
                uses.add(value::toBytes);
                uses.add(() -> value.part(0, new BytesView()));
                uses.add(() -> value.copy(0, ByteBuffer.allocate(40_000), 0, value.length()));
                uses.add(under::toBytes);
                uses.add(() -> under.part(0, new BytesView()));
                uses.add(() -> view.getByte(0));
                uses.add(() -> cursor.value().toBytes());
                uses.add(cursor::key);
                uses.add(cursor::next);
                uses.add(cursor::previous);
                for (Runnable use : uses) {
                    typed += typed(use) ? 1 : 0;
                }
                // What was done is undone: only whether it is undone counts.
                tx.abort();
            }
            assertEquals(model.digest(), StateDigest.of(instance), "change " + change);
        }
        assertTrue(typed > 5, "typed=" + typed);
        unchanged();
    }

    private void change(WriteTransaction tx, WritableTable table, int change) {
        switch (change) {
            case 0 -> table.put(LONG, StateModel.noise(2, 30_000));
            case 1 -> table.clear();
            case 2 -> tx.dropTable(database, "t");
            case 3 -> {
                tx.dropTable(database, "t");
                tx.createTable(database, "t").put(LONG, StateModel.noise(3, 25_000));
                tx.createTable(database, "u").put(LONG, StateModel.noise(4, 25_000));
            }
            case 4 -> table.deleteRange(null, StateModel.bytes("k100200"));
            default -> {
                table.delete(LONG);
                MutableBytesView view = new MutableBytesView();
                for (int i = 0; i < 40; i++) {
                    tx.rawPages(database).allocate(view);
                    view.setMemory(0, view.capacity(), (byte) 0xFF);
                }
            }
        }
    }

    /** Whether it was refused; anything but a refusal that a program can be told by is an error. */
    private static boolean typed(Runnable use) {
        try {
            use.run();
            return false;
        } catch (QuireException | IllegalStateException | IllegalArgumentException | IndexOutOfBoundsException e) {
            return true;
        }
    }

    /** Writes through the views of whoever calls, as fast as it can, until it is told to stop. */
    private static final class Intruder {

        final AtomicReference<MutableBytesView> target = new AtomicReference<>();
        final AtomicReference<Throwable> odd = new AtomicReference<>();
        final AtomicInteger hits = new AtomicInteger();
        private final AtomicBoolean stop = new AtomicBoolean();
        private final Thread thread = new Thread(this::run, "intruder");

        Intruder() {
            thread.start();
        }

        private void run() {
            for (int i = 0; !stop.get(); i++) {
                MutableBytesView view = target.get();
                try {
                    if (view != null) {
                        view.putLong(8 * (i % 64), -1);
                        hits.incrementAndGet();
                    }
                } catch (IllegalStateException | IndexOutOfBoundsException e) {
                    Thread.onSpinWait(); // cut off: as it should be
                } catch (RuntimeException | Error e) {
                    odd.set(e);
                }
            }
        }

        void awaitHit() {
            int before = hits.get();
            while (hits.get() == before && odd.get() == null) {
                Thread.onSpinWait();
            }
        }

        void end() throws InterruptedException {
            stop.set(true);
            thread.join();
        }
    }

    @Test
    void aSecondThreadThatWritesThroughAViewMustNotReachAPageThatIsCommitted() throws InterruptedException {
        List<byte[]> seen = new ArrayList<>();
        List<Long> pages = new ArrayList<>();
        Intruder intruder = new Intruder();
        try {
            MutableBytesView view = new MutableBytesView();
            for (int round = 0; round < 150; round++) {
                try (WriteTransaction tx = instance.beginWrite()) {
                    WritableRawPages raw = tx.rawPages(database);
                    long page = raw.allocate(view);
                    intruder.target.set(view);
                    intruder.awaitHit();
                    end(tx, raw, page, round % 5, pages);
                }
                if (pages.size() > seen.size()) {
                    seen.add(bytes(pages.get(seen.size())));
                }
                if (round % 40 == 0) {
                    instance.checkpoint();
                }
            }
        } finally {
            intruder.end();
        }
        if (intruder.odd.get() != null) {
            throw new AssertionError("not typed", intruder.odd.get());
        }
        for (int i = 0; i < pages.size(); i++) {
            assertArrayEquals(seen.get(i), bytes(pages.get(i)), "page " + pages.get(i));
            model.database("db").pages.put(pages.get(i), seen.get(i));
        }
        assertTrue(pages.size() >= 90, "pages=" + pages.size());
        unchanged();
    }

    private static void end(WriteTransaction tx, WritableRawPages raw, long page, int way, List<Long> pages) {
        if (way == 3) {
            tx.abort();
            return;
        }
        if (way == 4) {
            raw.free(page);
        } else {
            pages.add(page);
        }
        tx.commit();
    }

    private byte[] bytes(long page) {
        try (ReadTransaction tx = instance.beginRead()) {
            RawPages raw = tx.rawPages(database);
            BytesView view = new BytesView();
            raw.read(page, view);
            byte[] bytes = new byte[raw.payloadBytes()];
            view.getBytes(0, bytes);
            return bytes;
        }
    }

    @Test
    void viewsForReadingMustReadSomethingHoweverLongTheyAreKept() throws InterruptedException {
        write(s -> s.allocate("db", 1));
        long page = model.database("db").pages.firstKey();
        List<BytesView> kept = new ArrayList<>();
        List<ByteBuffer> buffers = new ArrayList<>();
        for (int round = 0; round < 4; round++) {
            keep(page, kept, buffers);
            int seed = round;
            write(s -> s.modify("db", page, 0, 2_000, seed).put("db", "t", "long", StateModel.noise(seed, 20_000)));
            keep(page, kept, buffers);
            instance.checkpoint();
        }
        Thread reader = new Thread(() -> {
            for (int i = 0; i < 200; i++) {
                readAll(kept, buffers);
            }
        });
        AtomicReference<Throwable> odd = new AtomicReference<>();
        reader.setUncaughtExceptionHandler((thread, thrown) -> odd.set(thrown));
        reader.start();
        for (int round = 0; round < 20; round++) {
            int seed = round;
            write(s -> s.put("db", "t", "long", StateModel.noise(seed, 30_000)).fill("db", "t", "k", 0, 50, 60 + seed));
            instance.checkpoint();
        }
        instance.drop("db");
        instance.close();
        System.gc();
        readAll(kept, buffers);
        reader.join();
        assertEquals(null, odd.get());
    }

    private void keep(long page, List<BytesView> kept, List<ByteBuffer> buffers) {
        try (ReadTransaction tx = instance.beginRead()) {
            List<BytesView> views = List.of(new BytesView(), new BytesView(), new BytesView(), new BytesView());
            Table table = tx.table(database, "t");
            assertTrue(table.get(LONG, views.get(0)) && table.get(StateModel.bytes("k100007"), views.get(1)));
            tx.rawPages(database).read(page, views.get(2));
            Cursor cursor = table.cursor();
            assertTrue(cursor.next());
            cursor.key(views.get(3));
            kept.addAll(views);
            views.forEach(view -> buffers.add(view.asReadOnlyByteBuffer()));
        }
    }

    private static void readAll(List<BytesView> views, List<ByteBuffer> buffers) {
        long sum = 0;
        for (BytesView view : views) {
            for (int at = 0; at < view.capacity(); at += 97) {
                sum += view.getByte(at);
            }
        }
        for (ByteBuffer buffer : buffers) {
            for (int at = 0; at < buffer.limit(); at += 97) {
                sum += buffer.get(at);
            }
        }
        assertTrue(sum != Long.MIN_VALUE);
    }

    @Test
    void whatBelongsToAnInstanceThatHasEndedMustBeRefusedOrReadWhatItHad() {
        write(s -> s.allocate("db", 1));
        long page = model.database("db").pages.firstKey();
        ReadTransaction reader = instance.beginRead();
        Table table = reader.table(database, "t");
        Cursor cursor = table.cursor();
        RawPages raw = reader.rawPages(database);
        WriteTransaction writer = instance.beginWrite();
        WritableTable writable = writer.table(database, "t");
        MutableBytesView view = new MutableBytesView();
        writer.rawPages(database).modify(page, view);
        instance.halt();
        List<Runnable> uses = List.of(
                () -> table.get(LONG),
                cursor::next,
                cursor::last,
                () -> raw.read(page, new BytesView()),
                () -> raw.root("x"),
                () -> reader.tables(database),
                () -> reader.table(database, "u"),
                () -> writable.put(LONG, new byte[10_000]),
                () -> writable.delete(LONG),
                () -> writer.createTable(database, "new"),
                () -> writer.dropTable(database, "t"),
                () -> writer.rawPages(database).allocate(new MutableBytesView()),
                () -> view.putLong(0, 1),
                writer::commit,
                writer::close,
                reader::close,
                instance::awaitDurable,
                instance::stats,
                instance::checkpoint,
                instance::check,
                () -> instance.database("db"),
                instance::databases,
                () -> instance.openOrCreate("y"),
                () -> instance.detach("db"),
                () -> instance.drop("db"),
                () -> instance.attach("z"),
                () -> instance.engine(),
                instance::stop,
                instance::close,
                database::fileBytes,
                () -> database.name());
        for (Runnable use : uses) {
            typed(use);
        }
        assertFalse(reader.isOpen());
        assertFalse(writer.isOpen());
        instance = config().open();
        database = instance.database("db");
        unchanged();
    }
}

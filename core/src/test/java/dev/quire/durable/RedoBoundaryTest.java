package dev.quire.durable;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quire.Database;
import dev.quire.Durability;
import dev.quire.Instance;
import dev.quire.InstanceConfig;
import dev.quire.ReadTransaction;
import dev.quire.WritableRawPages;
import dev.quire.WritableTable;
import dev.quire.WriteTransaction;
import dev.quire.io.BytesView;
import dev.quire.io.MutableBytesView;
import dev.quire.io.QuireException;
import dev.quire.io.log.LogFiles;
import dev.quire.io.page.PageLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** States that the single-threaded sweeps cannot reach, each of them once a fault. */
class RedoBoundaryTest {

    private final MutableBytesView view = new MutableBytesView();

    @TempDir
    Path root;

    /**
     * Fear: a checkpoint's position is the place where the next transaction's first record stands. If that transaction
     * never commits, its record must not be redone, although it is the first one that redo reads.
     */
    @Test
    void aRecordAtTheRedoStartWithoutItsCommitMustNotBeRedone() {
        InstanceConfig config = config("boundary");
        Instance instance = config.open();
        Database database = instance.openOrCreate("x");
        long page;
        try (WriteTransaction tx = instance.beginWrite()) {
            page = tx.rawPages(database).allocate(view);
            view.putLong(0, 1);
            tx.commit();
        }
        instance.checkpoint();
        try (WriteTransaction tx = instance.beginWrite()) {
            tx.rawPages(database).modify(page, view);
            view.putLong(8, 2);
            tx.commit(Durability.LAZY);
        }
        int id = instance.engine().databases().iterator().next().id();
        ByteBuffer record = image(id, page);
        long commit = instance.engine().log().appended();
        long at = instance.engine().log().append(RecordLayout.PAGE_IMAGE, record, 0, record.capacity());
        instance.checkpoint();
        assertEquals(commit, at);
        assertEquals(at, instance.stats().redoStart());
        instance.halt();
        try (Instance again = config.open();
                ReadTransaction tx = again.beginRead()) {
            BytesView found = new BytesView();
            tx.rawPages(again.database("x")).read(page, found);
            assertEquals(1, found.getLong(0));
            assertEquals(2, found.getLong(8));
        }
    }

    /** Fear: without a log an extent that was freed is written in a row with the page that took its second place. */
    @Test
    void aFreedExtentMustNotShiftThePagesBehindItWithoutALog() {
        try (Instance instance = config("unlogged").logging(false).open()) {
            Database database = instance.openOrCreate("x");
            try (WriteTransaction tx = instance.beginWrite()) {
                tx.createTable(database, "t").put(new byte[] {1}, new byte[10_000]);
                tx.commit();
            }
            try (WriteTransaction tx = instance.beginWrite()) {
                tx.table(database, "t").delete(new byte[] {1});
                tx.commit();
            }
            long kept;
            try (WriteTransaction tx = instance.beginWrite()) {
                WritableRawPages pages = tx.rawPages(database);
                long freed = pages.allocate(view);
                kept = pages.allocate(view);
                view.putLong(0, 77);
                pages.free(freed);
                tx.commit();
            }
            instance.checkpoint();
            try (ReadTransaction tx = instance.beginRead()) {
                BytesView found = new BytesView();
                tx.rawPages(database).read(kept, found);
                assertEquals(77, found.getLong(0));
            }
            assertTrue(instance.check().isSound());
        }
    }

    @Test
    void anExtentLargerThanTheGuardMustBeWrittenWithoutALog() {
        try (Instance instance = config("large").logging(false).open()) {
            Database database = instance.openOrCreate("x");
            try (WriteTransaction tx = instance.beginWrite()) {
                WritableTable table = tx.createTable(database, "t");
                table.put(new byte[] {1}, new byte[900_000]);
                tx.commit();
            }
            instance.checkpoint();
            assertTrue(instance.check().isSound());
        }
    }

    /** Fear: committed log is gone, its loss is accepted, and the instance still does not open. */
    @Test
    void lossOfCommittedLogMustBeRefusedUnlessItIsAccepted() throws Exception {
        InstanceConfig config = config("loss");
        Instance instance = config.open();
        Database database = instance.openOrCreate("x");
        commit(instance, database, 1);
        instance.checkpoint();
        instance.engine().log().roll();
        commit(instance, database, 2);
        int lost = instance.engine().log().generation();
        instance.halt();
        Files.delete(LogFiles.path(root.resolve("loss").resolve(Names.LOG), lost));
        assertThrows(QuireException.class, config::open);
        try (Instance again = config("loss").acceptLoss(true).open()) {
            assertTrue(again.recovery().lostUpTo() > 0);
            assertTrue(again.check().isSound());
            try (ReadTransaction tx = again.beginRead()) {
                assertTrue(tx.table(again.database("x"), "t").contains(new byte[] {1}));
            }
            commit(again, again.database("x"), 3);
        }
        try (Instance again = config("loss").open()) {
            assertTrue(again.recovery().clean());
        }
    }

    private static void commit(Instance instance, Database database, int key) {
        try (WriteTransaction tx = instance.beginWrite()) {
            tx.openOrCreateTable(database, "t").put(new byte[] {(byte) key}, new byte[10]);
            tx.commit();
        }
    }

    static ByteBuffer image(int id, long page) {
        ByteBuffer record = ByteBuffer.allocate(RecordLayout.RANGES_OFFSET + RecordLayout.RANGE_HEADER_BYTES + 8)
                .order(ByteOrder.LITTLE_ENDIAN);
        record.putInt(RecordLayout.DATABASE_OFFSET, id);
        record.putShort(RecordLayout.TYPE_OFFSET, (short) PageLayout.TYPE_RAW);
        record.putShort(RecordLayout.PAGES_OFFSET, (short) 1);
        record.putLong(RecordLayout.PAGE_OFFSET, page);
        record.putLong(RecordLayout.AFTER_OFFSET, 1000);
        record.putShort(RecordLayout.RANGES_OFFSET, (short) PageLayout.HEADER_BYTES);
        record.putShort(RecordLayout.RANGES_OFFSET + 2, (short) 8);
        record.putLong(RecordLayout.RANGES_OFFSET + 4, 666);
        return record;
    }

    private InstanceConfig config(String name) {
        return Instance.configure(root.resolve(name))
                .background(false)
                .pageBytes(4096)
                .logGenerationBytes(1 << 20)
                .guardHalfBytes(256 << 10);
    }
}

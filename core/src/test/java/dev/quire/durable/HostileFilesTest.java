package dev.quire.durable;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quire.Database;
import dev.quire.Instance;
import dev.quire.InstanceConfig;
import dev.quire.WritableRawPages;
import dev.quire.WriteTransaction;
import dev.quire.io.Checksum;
import dev.quire.io.MutableBytesView;
import dev.quire.io.QuireError;
import dev.quire.io.QuireException;
import dev.quire.io.log.LogFiles;
import dev.quire.io.log.Lsn;
import dev.quire.io.page.DatabaseHeader;
import dev.quire.io.page.PageHeader;
import dev.quire.io.page.PageLayout;
import dev.quire.io.sim.Fault;
import dev.quire.io.sim.SimDisk;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Fear: somebody who can compute checksums writes what no engine of ours would into the log or the guard, and recovery
 * follows: out of a page, into the header, up to a file of 16 TiB, to another directory.
 */
class HostileFilesTest {

    private static final Path ROOT = Path.of("/sim").toAbsolutePath();
    private static final Path HERE = ROOT.resolve("here");
    private static final Path DATABASE = HERE.resolve("x.qdb");
    private static final int PAGE = 4096;
    private static final int GUARD_HALF = 256 << 10;
    private static final long LAST_PAGE = PageLayout.FILE_BYTES_MAX / PAGE - 1;

    private static final List<String> NAMES = List.of(
            "..", "../x", "/etc/passwd", "a/b", "a\\b", "con", "quire", "", "small.", "a\0b", "x".repeat(64) + "/");

    private final SimDisk disk = new SimDisk(ROOT);
    private final InstanceConfig config = Instance.configure(HERE)
            .storage(disk)
            .background(false)
            .pageBytes(PAGE)
            .logGenerationBytes(1 << 20)
            .guardHalfBytes(GUARD_HALF);
    private final long page;
    private final long dbtime;

    HostileFilesTest() {
        try (Instance instance = config.open()) {
            Database database = instance.createDatabase("x");
            try (WriteTransaction tx = instance.beginWrite()) {
                page = tx.rawPages(database).allocate(new MutableBytesView());
                tx.commit();
            }
        }
        dbtime = ByteBuffer.wrap(disk.contents(DATABASE))
                .order(ByteOrder.LITTLE_ENDIAN)
                .getLong((int) page * PAGE + PageLayout.DBTIME_OFFSET);
    }

    /** What a crash leaves behind a record of this kind and the commit that follows it. */
    private SimDisk crashed(int type, ByteBuffer record) {
        SimDisk image = disk.processCrashImage(disk.operationCount());
        image.recordTrace(false);
        Instance instance = config.storage(image).open();
        Engine engine = instance.engine();
        long first = engine.log().append(type, record, 0, record.limit());
        ByteBuffer commit = buffer(RecordLayout.COMMIT_NAME_OFFSET)
                .putInt(RecordLayout.COMMIT_RECORDS_OFFSET, 1)
                .putLong(RecordLayout.COMMIT_FIRST_OFFSET, first);
        engine.log().append(RecordLayout.COMMIT, commit, 0, RecordLayout.COMMIT_NAME_OFFSET);
        engine.log().force();
        instance.halt();
        return image;
    }

    /** That must end the opening, and nothing have been touched. */
    private void refused(int type, ByteBuffer record) {
        SimDisk image = crashed(type, record);
        List<String> files = image.list(HERE);
        long bytes = image.contents(DATABASE).length;
        QuireException refused = assertThrows(QuireException.class, config::open);
        assertEquals(QuireError.LOG_FILE_CORRUPT, refused.error(), refused.getMessage());
        assertEquals(files, image.list(HERE));
        assertEquals(List.of("here"), image.list(ROOT));
        assertTrue(image.contents(DATABASE).length <= bytes + (64 << 10));
    }

    @Test
    void aPageThatNoDatabaseHasMustBeRefused() {
        for (long number : new long[] {Long.MIN_VALUE, -1, 0, 1, LAST_PAGE + 1, 1L << 60, Long.MAX_VALUE}) {
            refused(RecordLayout.PAGE_DELTA, delta(number, PageLayout.HEADER_BYTES, 8, 8));
            refused(RecordLayout.PAGE_IMAGE, image(number, 1, 0));
        }
    }

    @Test
    void aRangeThatLeavesItsPageOrItsRecordMustBeRefused() {
        int[][] ranges = {
            {0, 8, 8},
            {PageLayout.HEADER_BYTES - 1, 8, 8},
            {PAGE - 7, 8, 8},
            {0xFFFF, 8, 8},
            {64, 0xFFFF, 8},
            {64, 9, 8},
            {64, 8, 9}
        };
        for (int[] range : ranges) {
            refused(RecordLayout.PAGE_DELTA, delta(page, range[0], range[1], range[2]));
            refused(RecordLayout.PAGE_IMAGE, image(page, 1, 0, range[0], range[1], range[2]));
        }
    }

    /** Fear: what stands behind the record is taken for its end, or there is nothing behind it. */
    @Test
    void aRecordShorterThanItsTypeMustBeRefused() {
        for (int type = RecordLayout.PAGE_DELTA; type <= RecordLayout.DROP; type++) {
            for (int length = 0; length < RecordLayout.bytesMin(type); length += 3) {
                refused(type, buffer(length));
            }
        }
        for (int extra = 1; extra < RecordLayout.RANGE_HEADER_BYTES; extra++) {
            ByteBuffer record = delta(page, 64, 8, 8);
            refused(RecordLayout.PAGE_DELTA, buffer(record.capacity() + extra).put(0, record, 0, record.capacity()));
        }
        refused(RecordLayout.CREATE, attach(PAGE, 2, new byte[] {'y'}));
    }

    @Test
    void anImageThatCannotBeMustBeRefused() {
        refused(RecordLayout.PAGE_IMAGE, image(page, 0, 0));
        refused(RecordLayout.PAGE_IMAGE, image(page, PageLayout.EXTENT_BYTES_MAX / PAGE + 1, 0));
        refused(RecordLayout.PAGE_IMAGE, image(page, 0xFFFF, 0));
        refused(RecordLayout.PAGE_IMAGE, image(page, 1, -1));
        refused(RecordLayout.PAGE_IMAGE, image(page, 1, PAGE));
        refused(RecordLayout.PAGE_IMAGE, image(page, 4, RecordLayout.PIECE_BYTES));
        refused(RecordLayout.PAGE_IMAGE, image(page + 100, 1, 8));
    }

    @Test
    void aNameThatIsAPathMustBeRefused() {
        for (int type : new int[] {RecordLayout.CREATE, RecordLayout.ATTACH}) {
            for (String name : NAMES) {
                byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
                refused(type, attach(PAGE, bytes.length, bytes));
            }
            refused(type, attach(PAGE, -1, new byte[] {'y'}));
            refused(type, attach(PAGE, Integer.MAX_VALUE, new byte[] {'y'}));
        }
    }

    @Test
    void aNameThatNobodyJudgedMustNotBecomeAFile() {
        NAMES.forEach(name -> assertThrows(IllegalArgumentException.class, () -> Names.database(HERE, name), name));
    }

    @Test
    void aPageSizeThatThereIsNotMustBeRefused() {
        for (int pageSize : new int[] {0, -1, 512, 4097, 128 << 10, 1 << 30, Integer.MIN_VALUE}) {
            for (int type : new int[] {RecordLayout.CREATE, RecordLayout.ATTACH}) {
                refused(type, attach(pageSize, 1, new byte[] {'y'}));
            }
        }
    }

    /** Fear: it came from another history; passed over, it would be believed. */
    @Test
    void aPageNewerThanAllTheLogMustBeReported() {
        assertEquals(QuireError.DATABASE_TIME_TOO_NEW, ofPage(1L << 50, 0).error());
    }

    /** Fear: a write was lost, and the next change is laid over what was there before. */
    @Test
    void aPageOlderThanTheLogTakesItForMustBeReported() {
        assertEquals(QuireError.DATABASE_TIME_TOO_OLD, ofPage(dbtime - 1, 0).error());
    }

    /** Fear: redo applies a change to a page that has gone bad, and seals it. */
    @Test
    void aPageThatDoesNotVerifyMustNotBeRedoneUnlessTheLogHoldsItWhole() {
        assertEquals(QuireError.DATABASE_TIME_TOO_OLD, ofPage(dbtime, 1).error());
    }

    /** What opening says when there is one change to be redone, and the page stands in the file like this. */
    private QuireException ofPage(long time, int damage) {
        SimDisk image = crashed(RecordLayout.PAGE_DELTA, delta(page, PageLayout.HEADER_BYTES, 8, 8));
        byte[] bytes = image.contents(DATABASE);
        ByteBuffer pages = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        int at = (int) page * PAGE;
        PageHeader.dbtime(pages, at, time);
        PageHeader.seal(pages, at, PAGE, DatabaseHeader.read(image, DATABASE).signature(), page);
        bytes[at + 2_000] ^= (byte) damage;
        image.plant(DATABASE, bytes);
        return assertThrows(QuireException.class, config::open);
    }

    /** Fear: it was judged when it was touched first, and that is believed as long as the instance is open. */
    @Test
    void aPageThatWentBadSinceItWasReadMustBeFoundByACheckAndByWhoChangesIt() {
        SimDisk image = disk.processCrashImage(disk.operationCount());
        Instance instance = config.storage(image).open();
        assertTrue(instance.check().isSound());
        image.corrupt(DATABASE, page * PAGE + 2_000, 1);
        assertFalse(instance.check().isSound());
        try (WriteTransaction tx = instance.beginWrite()) {
            WritableRawPages raw = tx.rawPages(instance.database("x"));
            QuireException refused = assertThrows(QuireException.class, () -> raw.modify(page, new MutableBytesView()));
            assertEquals(QuireError.READ_VERIFY_FAILURE, refused.error());
        }
        instance.halt();
    }

    /**
     * Fear: a checkpoint was cut short behind the headers, the log they require is lost, that loss is accepted, and
     * pages of a state that no log explains are taken for sound.
     */
    @Test
    void logThatAHeaderRequiresMustNotBeMissingEvenIfLossIsAccepted() {
        int required = 0;
        for (int failing = 0; failing < 12; failing++) {
            SimDisk image = disk.processCrashImage(disk.operationCount());
            Instance instance = config.storage(image).open();
            Engine engine = instance.engine();
            int generation = engine.log().roll();
            try (WriteTransaction tx = instance.beginWrite()) {
                tx.createTable(instance.database("x"), "t");
                tx.commit();
            }
            image.failAt(image.operationCount() + failing, Fault.EIO_WRITE, true);
            boolean cutShort = fails(instance);
            image.clearFaults();
            long from = engine.slot().redoStart();
            instance.halt();
            DatabaseHeader header = DatabaseHeader.read(image, DATABASE);
            if (cutShort && header.requiredUpTo() > Lsn.of(generation, 0) && from < Lsn.of(generation, 0)) {
                required++;
                image.delete(LogFiles.path(HERE.resolve(Names.LOG), generation));
                QuireException refused = assertThrows(
                        QuireException.class, () -> config.acceptLoss(true).open());
                config.acceptLoss(false);
                assertEquals(QuireError.REQUIRED_LOG_FILES_MISSING, refused.error(), refused.getMessage());
            }
        }
        assertTrue(required > 0, "no checkpoint was cut short behind the headers");
    }

    private static boolean fails(Instance instance) {
        try {
            instance.checkpoint();
            return false;
        } catch (QuireException e) {
            return true;
        }
    }

    /** An entry of the guard is evidence and no order: of what there is not, there is nothing to be mended. */
    @Test
    void aCopyInTheGuardOfAPageThatThereIsNotMustNotMatter() {
        for (long number : new long[] {Long.MIN_VALUE, -1, 0, 1, 1 << 20, Long.MAX_VALUE}) {
            SimDisk image = disk.processCrashImage(disk.operationCount());
            image.recordTrace(false);
            Instance instance = config.storage(image).open();
            Engine engine = instance.engine();
            long signature = engine.databases().iterator().next().file().signature();
            byte[] guard = image.contents(HERE.resolve(Names.GUARD));
            enter(ByteBuffer.wrap(guard).order(ByteOrder.LITTLE_ENDIAN), engine, signature, number);
            instance.halt();
            image.plant(HERE.resolve(Names.GUARD), guard);
            image.corrupt(DATABASE, 100, 1);
            try (Instance again = config.open()) {
                assertTrue(again.check().isSound(), "page=" + number);
            }
        }
    }

    private static void enter(ByteBuffer half, Engine engine, long signature, long number) {
        int place = GuardLayout.pagesOffset(GUARD_HALF);
        PageHeader.init(half, place, PageLayout.TYPE_RAW, 1, number);
        PageHeader.seal(half, place, PAGE, signature, number);
        int entry = GuardLayout.ENTRY_BYTES;
        half.putLong(entry + GuardLayout.ENTRY_LOG_OFFSET, engine.slot().signature())
                .putLong(entry + GuardLayout.ENTRY_DATABASE_OFFSET, signature)
                .putLong(entry + GuardLayout.ENTRY_PAGE_OFFSET, number)
                .putLong(
                        entry + GuardLayout.ENTRY_POSITION_OFFSET, engine.slot().redoStart())
                .putInt(entry + GuardLayout.ENTRY_PLACE_OFFSET, place)
                .putInt(entry + GuardLayout.ENTRY_LENGTH_OFFSET, PAGE);
        int crc = Checksum.crc32c(half.array(), entry, GuardLayout.ENTRY_CRC_OFFSET);
        half.putInt(entry + GuardLayout.ENTRY_CRC_OFFSET, crc);
    }

    private ByteBuffer delta(long number, int to, int says, int has) {
        return ranged(number, to, says, has)
                .putLong(RecordLayout.BEFORE_OFFSET, dbtime)
                .putLong(RecordLayout.AFTER_OFFSET, dbtime + 1);
    }

    private ByteBuffer image(long number, int pages, int piece) {
        return image(number, pages, piece, PageLayout.HEADER_BYTES, 8, 8);
    }

    private ByteBuffer image(long number, int pages, int piece, int to, int says, int has) {
        return ranged(number, to, says, has)
                .putShort(RecordLayout.TYPE_OFFSET, (short) PageLayout.TYPE_RAW)
                .putShort(RecordLayout.PAGES_OFFSET, (short) pages)
                .putInt(RecordLayout.PIECE_OFFSET, piece)
                .putLong(RecordLayout.AFTER_OFFSET, dbtime + 1);
    }

    /** Of a page, in the state it is in: one range that says it has so many bytes, and as many as it has. */
    private ByteBuffer ranged(long number, int to, int says, int has) {
        return buffer(RecordLayout.RANGES_OFFSET + RecordLayout.RANGE_HEADER_BYTES + has)
                .putInt(RecordLayout.DATABASE_OFFSET, 1)
                .putLong(RecordLayout.PAGE_OFFSET, number)
                .putShort(RecordLayout.RANGES_OFFSET, (short) to)
                .putShort(RecordLayout.RANGES_OFFSET + 2, (short) says);
    }

    private static ByteBuffer attach(int pageSize, int nameLength, byte[] name) {
        return buffer(RecordLayout.ATTACH_NAME_OFFSET + name.length)
                .putInt(RecordLayout.ATTACH_ID_OFFSET, 7)
                .putInt(RecordLayout.ATTACH_PAGE_SIZE_OFFSET, pageSize)
                .putLong(RecordLayout.ATTACH_SIGNATURE_OFFSET, 77)
                .putInt(RecordLayout.ATTACH_NAME_LENGTH_OFFSET, nameLength)
                .put(RecordLayout.ATTACH_NAME_OFFSET, name);
    }

    private static ByteBuffer buffer(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }
}

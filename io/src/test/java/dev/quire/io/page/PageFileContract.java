package dev.quire.io.page;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quire.io.CorruptionException;
import dev.quire.io.QuireError;
import dev.quire.io.QuireException;
import dev.quire.io.Storage;
import dev.quire.io.StorageFullException;
import dev.quire.io.StoreFile;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a page file promises on any storage; with windows of 16 pages, so that there are several. */
abstract class PageFileContract {

    static final int PAGE_SIZE = 4096;
    static final int WINDOW_PAGES = 16;
    static final long SIGNATURE = 0x0123456789ABCDEFL;

    Storage storage;
    Path path;
    PageFile file;

    /** A storage and a directory in it. */
    abstract Storage storage();

    abstract Path directory();

    @BeforeEach
    void createDatabase() {
        storage = storage();
        path = directory().resolve("a.qdb");
        DatabaseHeader header = DatabaseHeader.create(PAGE_SIZE, SIGNATURE, 1).withDbtimeBound(17);
        PageFile.create(storage, path, header, 40).close();
        reopen();
    }

    @AfterEach
    void closeDatabase() {
        file.close();
    }

    final void reopen() {
        if (file != null) {
            file.close();
        }
        DatabaseHeader header = DatabaseHeader.read(storage, path);
        file = PageFile.open(storage, path, header, Storage.Access.WRITE, WINDOW_PAGES * PAGE_SIZE);
    }

    /** Asserts that the page is found where its bytes are those of {@link Sealed#page}. */
    final void assertFound(long page, int pages) {
        PageRef ref = new PageRef();
        if (pages == 1) {
            file.find(page, ref);
        } else {
            file.findExtent(page, pages, ref);
        }
        assertShows(ref, page, pages);
    }

    static void assertShows(PageRef ref, long page, int pages) {
        assertEquals(pages * PAGE_SIZE, ref.length);
        byte[] bytes = new byte[ref.length];
        ref.base.get(ref.offset, bytes);
        assertArrayEquals(Sealed.page(PAGE_SIZE, pages, SIGNATURE, page).array(), bytes, "page " + page);
    }

    final void assertVerified(boolean expected, long from, long to) {
        for (long page = from; page < to; page++) {
            assertEquals(expected, (file.state(page) & PageFile.VERIFIED) != 0, "page " + page);
        }
    }

    final CorruptionException fault(long page) {
        CorruptionException fault = assertThrows(CorruptionException.class, () -> file.verify(page));
        assertEquals(path, fault.file().orElseThrow());
        assertTrue(fault.getMessage().contains("page " + page + ' '), fault.getMessage());
        assertVerified(false, page, page + 1);
        return fault;
    }

    @Test
    void aNewFileMustHaveItsHeaderTwiceAndZerosBehind() {
        assertEquals(40, file.pageCount());
        assertEquals(PAGE_SIZE, file.pageSize());
        assertEquals(12, file.pageShift());
        assertEquals(SIGNATURE, file.signature());
        assertEquals(path, file.path());
        assertEquals(17, file.header().dbtimeBound());
        assertEquals(40, file.header().pageCount());
        byte[] all = Sealed.bytes(storage, path);
        assertEquals(40 * PAGE_SIZE, all.length);
        for (int i = 2 * PAGE_SIZE; i < all.length; i++) {
            assertEquals(0, all[i]);
        }
        file.verify(0);
        file.verify(1);
    }

    @Test
    void aTakenNameMustBeLeftAlone() {
        byte[] before = Sealed.bytes(storage, path);
        DatabaseHeader header = DatabaseHeader.create(PAGE_SIZE, 5, 1);
        QuireException taken = assertThrows(QuireException.class, () -> PageFile.create(storage, path, header, 10));
        assertEquals(QuireError.FILE_ALREADY_EXISTS, taken.error());
        assertArrayEquals(before, Sealed.bytes(storage, path));
    }

    @Test
    void aRenamedFileMustBeUsableUnderItsNewName() {
        Path other = directory().resolve("b.qdb");
        DatabaseHeader header = DatabaseHeader.create(PAGE_SIZE, 5, 1);
        try (PageFile created = PageFile.create(storage, directory().resolve("b.new"), header, 10)) {
            storage.rename(directory().resolve("b.new"), other);
            storage.forceDirectory(directory());
            assertEquals(other, created.path());
            Sealed.fill(created, 2, 10);
            created.verify(4);
            created.grow(20);
            created.writeHeader(created.header());
        }
        assertEquals(20, DatabaseHeader.read(storage, other).pageCount());
    }

    @Test
    void aPageMustBeFoundOnlyAfterItWasJudged() {
        Sealed.fill(file, 2, 40);
        for (long page = 2; page < 40; page++) {
            assertEquals(0, file.state(page) & PageFile.VERSIONED);
            file.verify(page);
            assertVerified(true, page, page + 1);
            assertFound(page, 1);
        }
    }

    @Test
    void aNewSessionMustJudgeAnew() {
        Sealed.fill(file, 2, 40);
        file.verify(9);
        reopen();
        assertVerified(false, 0, 40);
        file.markVerified(9);
        assertVerified(true, 9, 10);
        file.clearVerified(9);
        assertVerified(false, 0, 40);
    }

    @Test
    void aDamagedPageMustBeReportedEveryTimeAndNeverMarked() {
        Sealed.fill(file, 2, 40);
        for (int i = 0; i < PAGE_SIZE; i += 37) {
            Sealed.flip(storage, path, 20 * PAGE_SIZE + i, 1 << (i & 7));
            assertEquals(QuireError.READ_VERIFY_FAILURE, fault(20).error(), "byte " + i);
            fault(20);
            Sealed.flip(storage, path, 20 * PAGE_SIZE + i, 1 << (i & 7));
        }
        file.verify(20);
    }

    @Test
    void pagesFromElsewhereMustBeReported() {
        Sealed.fill(file, 2, 40);
        Sealed.put(storage, path, 20 * PAGE_SIZE, Sealed.page(PAGE_SIZE, 1, SIGNATURE, 21));
        assertEquals(QuireError.READ_PAGE_NUMBER_VERIFY_FAILURE, fault(20).error());
        Sealed.put(storage, path, 20 * PAGE_SIZE, Sealed.page(PAGE_SIZE, 1, SIGNATURE + 1, 20));
        assertEquals(QuireError.READ_VERIFY_FAILURE, fault(20).error());
        Sealed.put(storage, path, 20 * PAGE_SIZE, ByteBuffer.allocate(PAGE_SIZE));
        assertEquals(QuireError.PAGE_NOT_INITIALIZED, fault(20).error());
    }

    @ParameterizedTest
    @ValueSource(longs = {-1, 40, 41, 4096, 1L << 32, Long.MAX_VALUE, Long.MIN_VALUE})
    void aLinkThatLeadsOutsideMustBeReported(long page) {
        assertOutside(() -> file.state(page));
        assertOutside(() -> file.find(page, new PageRef()));
        assertOutside(() -> file.findExtent(page, 1, new PageRef()));
        assertOutside(() -> file.verify(page));
        assertOutside(() -> file.setVersioned(page));
        assertOutside(() -> file.markVerified(page));
        assertOutside(() -> file.read(Sealed.buffer(PAGE_SIZE), page));
    }

    private static void assertOutside(Runnable access) {
        CorruptionException fault = assertThrows(CorruptionException.class, access::run);
        assertEquals(QuireError.DATABASE_CORRUPTED, fault.error());
        assertTrue(fault.getMessage().contains("40 pages"), fault.getMessage());
    }

    @Test
    void twoBitsOfAPageMustNotTouchEachOtherNorItsNeighbours() {
        file.setVersioned(33);
        assertEquals(PageFile.VERSIONED, file.state(33));
        file.markVerified(33);
        assertEquals(PageFile.VERSIONED | PageFile.VERIFIED, file.state(33));
        assertEquals(0, file.state(32));
        assertEquals(0, file.state(34));
        file.clearVersioned(33);
        assertEquals(PageFile.VERIFIED, file.state(33));
        file.setVersioned(33);
        file.clearVerified(33);
        assertEquals(PageFile.VERSIONED, file.state(33));
        file.clearVersioned(33);
        assertEquals(0, file.state(33));
    }

    @Test
    void whatIsWrittenMustBeSeenThroughTheMapAndByReading() {
        Sealed.fill(file, 2, 40);
        PageRef ref = new PageRef();
        file.find(17, ref);
        ByteBuffer changed = Sealed.page(PAGE_SIZE, 1, SIGNATURE, 17);
        PageHeader.dbtime(changed, 0, 99);
        PageHeader.seal(changed, 0, PAGE_SIZE, SIGNATURE, 17);
        file.write(changed, 17);
        file.force();
        assertEquals(99, PageHeader.dbtime(ref.base, ref.offset));
        ByteBuffer three = Sealed.buffer(3 * PAGE_SIZE);
        file.read(three, 16);
        assertEquals(99, PageHeader.dbtime(three, PAGE_SIZE));
        assertEquals(18, PageHeader.number(three, 2 * PAGE_SIZE));
        assertOutside(() -> file.read(Sealed.buffer(2 * PAGE_SIZE), 39));
    }

    @Test
    void nothingButWholePagesBehindTheHeaderMustBeWritten() {
        byte[] before = Sealed.bytes(storage, path);
        assertThrows(IllegalArgumentException.class, () -> file.write(Sealed.buffer(PAGE_SIZE), 0));
        assertThrows(IllegalArgumentException.class, () -> file.write(Sealed.buffer(PAGE_SIZE), 1));
        assertThrows(IllegalArgumentException.class, () -> file.write(Sealed.buffer(PAGE_SIZE), -1));
        assertThrows(IllegalArgumentException.class, () -> file.write(Sealed.buffer(100), 5));
        assertThrows(IllegalArgumentException.class, () -> file.write(Sealed.buffer(2 * PAGE_SIZE), 39));
        assertThrows(IllegalArgumentException.class, () -> file.write(Sealed.buffer(PAGE_SIZE), Long.MAX_VALUE));
        assertArrayEquals(before, Sealed.bytes(storage, path));
    }

    @Test
    void aFileOpenForReadingMustRefuseToBeWritten() {
        Sealed.fill(file, 2, 40);
        try (PageFile reading = PageFile.open(storage, path, file.header(), Storage.Access.READ)) {
            reading.verify(7);
            assertThrows(IllegalStateException.class, () -> reading.write(Sealed.buffer(PAGE_SIZE), 5));
            assertThrows(IllegalStateException.class, reading::force);
            assertThrows(IllegalStateException.class, () -> reading.grow(50));
            assertThrows(IllegalStateException.class, () -> reading.writeHeader(reading.header()));
        }
    }

    @Test
    void growthMustKeepOldPlacesAndBitsAndMapTheNewPages() {
        Sealed.fill(file, 2, 40);
        PageRef full = new PageRef();
        PageRef last = new PageRef();
        file.find(5, full);
        file.find(39, last);
        file.markVerified(5);
        file.setVersioned(39);
        file.grow(100);
        assertEquals(100, file.pageCount());
        assertEquals(100L * PAGE_SIZE, file.file().size());
        assertShows(full, 5, 1);
        assertShows(last, 39, 1);
        assertEquals(PageFile.VERIFIED, file.state(5));
        assertEquals(PageFile.VERSIONED, file.state(39));
        PageRef now = new PageRef();
        file.find(5, now);
        assertSame(full.base, now.base, "a full window is not mapped anew");
        file.find(39, now);
        assertNotSame(last.base, now.base);
        assertEquals(QuireError.PAGE_NOT_INITIALIZED, fault(70).error());
        Sealed.fill(file, 40, 100);
        for (long page = 2; page < 100; page++) {
            assertFound(page, 1);
            file.verify(page);
        }
    }

    @Test
    void growthMustBeTotalsAndNeverShrink() {
        file.grow(40);
        assertEquals(40, file.pageCount());
        assertThrows(IllegalArgumentException.class, () -> file.grow(39));
        assertThrows(IllegalArgumentException.class, () -> file.grow(-1));
        assertThrows(StorageFullException.class, () -> file.grow(Long.MAX_VALUE));
        assertThrows(StorageFullException.class, () -> file.grow((1L << 44) / PAGE_SIZE + 1));
        file.grow(41);
        assertEquals(41, file.pageCount());
    }

    @Test
    void aGrownFileMustOpenWithAllItsPagesThoughItsHeaderIsOlder() {
        file.grow(70);
        assertEquals(40, file.header().pageCount());
        reopen();
        assertEquals(70, file.pageCount());
        file.writeHeader(file.header().withDatabaseId(2));
        assertEquals(70, file.header().pageCount());
        assertEquals(file.header(), DatabaseHeader.read(storage, path));
    }

    @Test
    void halfAPageLeftByACrashWhileGrowingMustBeOverwritten() {
        Sealed.put(storage, path, 40 * PAGE_SIZE, ByteBuffer.allocate(100).put(50, (byte) 1));
        reopen();
        assertEquals(40, file.pageCount());
        file.grow(42);
        assertEquals(QuireError.PAGE_NOT_INITIALIZED, fault(40).error());
        assertEquals(42L * PAGE_SIZE, file.file().size());
    }

    @Test
    void aFileShorterThanItsHeaderSaysMustNotOpen() {
        DatabaseHeader longer = file.header().withPageCount(41);
        QuireException fault = assertThrows(CorruptionException.class, () -> PageFile.open(storage, path, longer));
        assertEquals(QuireError.DATABASE_CORRUPTED, fault.error());
    }

    @Test
    void headersWrittenMustFollowOneAnother() {
        long sequence = file.header().sequence();
        file.writeHeader(file.header().withState(DatabaseHeader.State.DIRTY));
        file.writeHeader(file.header().withCommittedUpTo(9).withPageCount(7));
        assertEquals(sequence + 2, file.header().sequence());
        DatabaseHeader read = DatabaseHeader.read(storage, path);
        assertEquals(file.header(), read);
        assertEquals(40, read.pageCount());
        assertEquals(9, read.committedUpTo());
        DatabaseHeader foreign = DatabaseHeader.create(PAGE_SIZE, SIGNATURE + 1, 1);
        assertThrows(IllegalArgumentException.class, () -> file.writeHeader(foreign));
        assertThrows(
                IllegalArgumentException.class,
                () -> file.writeHeader(DatabaseHeader.create(2 * PAGE_SIZE, SIGNATURE, 1)));
    }

    @Test
    void placesMustStayReadableAfterClose() {
        Sealed.fill(file, 2, 40);
        PageRef ref = new PageRef();
        file.find(11, ref);
        file.close();
        file.close();
        assertShows(ref, 11, 1);
        assertFalse(ref.base.order() == java.nio.ByteOrder.BIG_ENDIAN);
    }

    @Test
    void rangesMustBeMovableOutOfTheFile() {
        Sealed.fill(file, 2, 40);
        Path target = directory().resolve("copy");
        try (StoreFile copy = storage.create(target)) {
            file.file().transferTo(0, 40L * PAGE_SIZE, copy, 0);
        }
        assertArrayEquals(Sealed.bytes(storage, path), Sealed.bytes(storage, target));
        assertEquals(file.header(), DatabaseHeader.read(storage, target));
    }
}

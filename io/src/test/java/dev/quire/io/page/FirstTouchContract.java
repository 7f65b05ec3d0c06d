package dev.quire.io.page;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quire.io.CorruptionException;
import dev.quire.io.QuireError;
import org.junit.jupiter.api.Test;

/** What a first touch judges: one page, an extent, or for a sequential reader all within reach. */
abstract class FirstTouchContract extends PageFileContract {

    private static final int AHEAD = PageVerifier.READ_AHEAD_BYTES / PAGE_SIZE;

    private final PageVerifier scratch = new PageVerifier();

    @Test
    void aLoneTouchMustJudgeItsPageOnly() {
        Sealed.fill(file, 2, 40);
        file.verify(20, scratch);
        assertVerified(false, 0, 20);
        assertVerified(true, 20, 21);
        assertVerified(false, 21, 40);
    }

    @Test
    void aSequentialReaderMustBeReadAheadFor() {
        file.grow(2 + 2 * AHEAD);
        Sealed.fill(file, 2, 2 + 2 * AHEAD);
        file.verify(2, scratch);
        file.verify(3, scratch);
        assertVerified(true, 2, 3 + AHEAD);
        assertVerified(false, 3 + AHEAD, 2 + 2 * AHEAD);
        file.verify(3 + AHEAD, scratch);
        assertVerified(true, 2, 2 + 2 * AHEAD);
    }

    @Test
    void theSharedScratchesMustRecogniseASequentialReaderToo() {
        Sealed.fill(file, 2, 40);
        file.verify(2);
        file.verify(3);
        assertVerified(true, 2, 40);
    }

    @Test
    void aReaderOfTwoFilesMustNotBeTakenForSequential() {
        Sealed.fill(file, 2, 40);
        DatabaseHeader header = DatabaseHeader.create(PAGE_SIZE, 4, 1);
        try (PageFile other = PageFile.create(storage, directory().resolve("other"), header, 40)) {
            Sealed.fill(other, 2, 40);
            other.verify(4, scratch);
            file.verify(5, scratch);
            assertVerified(false, 6, 40);
        }
    }

    @Test
    void neighboursThatDoNotVerifyMustBeJudgedWhenTheyAreAskedFor() {
        Sealed.fill(file, 2, 20); // behind them zeros
        Sealed.flip(storage, path, 10 * PAGE_SIZE + 1000, 4);
        Sealed.put(storage, path, 12 * PAGE_SIZE, Sealed.page(PAGE_SIZE, 1, SIGNATURE, 13));
        file.verify(2, scratch);
        file.verify(3, scratch);
        assertVerified(true, 2, 10);
        assertVerified(false, 10, 11);
        assertVerified(true, 11, 12);
        assertVerified(false, 12, 13);
        assertVerified(true, 13, 20);
        assertVerified(false, 20, 40);
        assertEquals(QuireError.READ_VERIFY_FAILURE, fault(10).error());
        assertEquals(QuireError.READ_PAGE_NUMBER_VERIFY_FAILURE, fault(12).error());
        assertEquals(QuireError.PAGE_NOT_INITIALIZED, fault(25).error());
    }

    @Test
    void aFailedTouchMustNotCountAsSequential() {
        Sealed.fill(file, 2, 40);
        Sealed.flip(storage, path, 10 * PAGE_SIZE + 1000, 4);
        assertThrows(CorruptionException.class, () -> file.verify(10, scratch));
        file.verify(11, scratch);
        assertVerified(false, 12, 40);
    }

    @Test
    void anExtentMustBeJudgedWhole() {
        Sealed.extent(file, 16, 16);
        file.verify(16, scratch);
        assertVerified(true, 16, 17);
        assertVerified(false, 17, 40);
        assertFound(16, 16);
        for (int page = 16; page < 32; page++) {
            file.clearVerified(16);
            Sealed.flip(storage, path, page * PAGE_SIZE + 77 * (page - 15), 0x20);
            assertEquals(QuireError.READ_VERIFY_FAILURE, fault(16).error(), "page " + page);
            Sealed.flip(storage, path, page * PAGE_SIZE + 77 * (page - 15), 0x20);
        }
        file.verify(16, scratch);
        assertVerified(true, 16, 17);
    }

    @Test
    void theInsideOfAnExtentMustNotPassForAPage() {
        Sealed.extent(file, 16, 16);
        for (int page = 17; page < 32; page++) {
            fault(page);
        }
    }

    @Test
    void anExtentAmongNeighboursMustBeJudgedWhole() {
        Sealed.fill(file, 2, 5);
        Sealed.extent(file, 5, 4);
        Sealed.extent(file, 9, 3);
        Sealed.fill(file, 12, 16);
        Sealed.flip(storage, path, 11 * PAGE_SIZE + 1, 1);
        file.verify(2, scratch);
        file.verify(3, scratch);
        assertVerified(true, 2, 6);
        assertVerified(false, 6, 12);
        assertVerified(true, 12, 16);
        fault(9);
    }

    @Test
    void anExtentAcrossTheReadAheadMustGoOnFromItsHead() {
        int extent = WINDOW_PAGES;
        file.grow(2 + 2 * AHEAD);
        Sealed.fill(file, 2, AHEAD);
        Sealed.extent(file, AHEAD, extent);
        Sealed.fill(file, AHEAD + extent, 2 + 2 * AHEAD);
        file.verify(2, scratch);
        file.verify(3, scratch);
        assertVerified(true, 2, AHEAD);
        assertVerified(false, AHEAD, 2 + 2 * AHEAD);
        file.verify(AHEAD, scratch);
        assertVerified(true, AHEAD, AHEAD + 1);
        assertVerified(true, AHEAD + extent, 2 * AHEAD);
    }

    @Test
    void anExtentThatCannotBeMustBeReportedBeforeItIsRead() {
        long[][] cases = {{12, 5}, {39, 2}, {33, 16}, {16, 17}, {20, 0xFFFF}};
        for (long[] one : cases) {
            int pages = (int) one[1];
            var head = Sealed.page(PAGE_SIZE, 1, SIGNATURE, one[0]);
            PageHeader.pages(head, 0, pages);
            Sealed.put(storage, path, one[0] * PAGE_SIZE, head);
            fault(one[0]);
            assertThrows(CorruptionException.class, () -> file.findExtent(one[0], pages, new PageRef()));
        }
        assertThrows(CorruptionException.class, () -> file.findExtent(5, 0, new PageRef()));
        assertThrows(CorruptionException.class, () -> file.findExtent(5, -1, new PageRef()));
        file.findExtent(16, 16, new PageRef());
    }

    @Test
    void anExtentAcrossTwoWindowsMustNotBeBelievedThoughItsChecksumIsRight() {
        Sealed.fill(file, 2, 12);
        Sealed.extent(file, 12, 8);
        fault(12);
        file.verify(2, scratch);
        file.verify(3, scratch);
        assertVerified(true, 2, 12);
        assertVerified(false, 12, 20);
    }

    @Test
    void aFileCutOffBehindOurBackMustBeReportedByReading() {
        Sealed.fill(file, 2, 40);
        PageMap longer = new PageMap(null, 50, new java.nio.ByteBuffer[4]);
        CorruptionException fault =
                assertThrows(CorruptionException.class, () -> scratch.verify(file, file.file(), longer, 45));
        assertTrue(fault.getMessage().contains("cut off"), fault.getMessage());
    }

    @Test
    void anInterruptedThreadMustBeServedAndStayInterrupted() {
        Sealed.fill(file, 2, 40);
        Thread.currentThread().interrupt();
        file.verify(20);
        assertVerified(true, 20, 21);
        assertTrue(Thread.interrupted());
        file.verify(21);
        file.grow(50);
    }
}

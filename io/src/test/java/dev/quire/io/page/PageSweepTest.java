package dev.quire.io.page;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quire.io.CorruptionException;
import dev.quire.io.ForwardingStorage;
import dev.quire.io.QuireError;
import dev.quire.io.Storage;
import dev.quire.io.StoreFile;
import dev.quire.io.sim.Fault;
import dev.quire.io.sim.SimDisk;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A database of pages, extents and free space, looked through in memory and in its file. */
class PageSweepTest {

    private static final int PAGE_SIZE = 4096;
    private static final int PAGES = 700; // more than two pieces of 1 MiB
    private static final long SIGNATURE = 77;
    private static final Path DIRECTORY = Path.of("/databases");
    private static final Path PATH = DIRECTORY.resolve("a.qdb");

    private final SimDisk disk = new SimDisk(DIRECTORY);
    private final byte[] uses = new byte[PAGES];
    private final PageUse use = page -> page < 0 || page >= PAGES ? PageUse.FREE : uses[(int) page];
    private final Map<Long, CorruptionException> faults = new TreeMap<>();
    private final List<Integer> spans = new ArrayList<>();

    /** Runs of pages, extents of 1 to 256 pages across every border, holes of noise between them. */
    PageSweepTest() {
        try (PageFile file = PageFile.create(disk, PATH, DatabaseHeader.create(PAGE_SIZE, SIGNATURE, 1), PAGES)) {
            Arrays.fill(uses, 0, 2, (byte) PageUse.PAGE);
            pages(file, 2, 50);
            extent(file, 60, 1);
            extent(file, 61, 3);
            pages(file, 64, 65);
            extent(file, 200, 100);
            extent(file, 300, 256);
            pages(file, 556, 600);
            extent(file, 698, 2);
            byte[] noise = new byte[PAGE_SIZE];
            Arrays.fill(noise, (byte) 0x5A);
            for (int page = 2; page < PAGES; page++) {
                if (uses[page] == PageUse.FREE && page % 2 == 0) {
                    file.write(ByteBuffer.wrap(noise), page);
                }
            }
        }
    }

    private void pages(PageFile file, int from, int to) {
        Sealed.fill(file, from, to);
        Arrays.fill(uses, from, to, (byte) PageUse.PAGE);
    }

    private void extent(PageFile file, int page, int pages) {
        Sealed.extent(file, page, pages);
        Arrays.fill(uses, page, page + pages, (byte) PageUse.INSIDE);
        uses[page] = PageUse.HEAD;
    }

    private void hear(long page, int pages, CorruptionException fault) {
        assertTrue(fault.getMessage().contains("page " + page + ' '), fault.getMessage());
        assertEquals(PATH, fault.file().orElseThrow());
        assertEquals(null, faults.put(page, fault), "told twice");
        spans.add(pages);
    }

    private long sweep(long from, long to) {
        faults.clear();
        spans.clear();
        try (StoreFile file = disk.open(PATH, Storage.Access.READ)) {
            return new PageSweep(file, PAGE_SIZE, SIGNATURE, use).sweep(from, to, this::hear);
        }
    }

    private void corrupt(long page, int offset) {
        disk.corrupt(PATH, page * PAGE_SIZE + offset, 0x40);
    }

    @Test
    void aSoundDatabaseMustHaveNoFaults() {
        assertEquals(PAGES, sweep(0, PAGES));
        assertEquals(Map.of(), faults);
    }

    /** Extents lie across the pieces that it reads. */
    @Test
    void everythingMustBeReadOnce() {
        long[] read = new long[1];
        try (StoreFile file = disk.open(PATH, Storage.Access.READ);
                StoreFile counting = new ForwardingStorage.ForwardingFile(file) {
                    @Override
                    public int read(ByteBuffer target, long position) {
                        int count = super.read(target, position);
                        read[0] += count;
                        return count;
                    }
                }) {
            assertEquals(PAGES, new PageSweep(counting, PAGE_SIZE, SIGNATURE, use).sweep(0, PAGES, this::hear));
        }
        assertEquals((long) PAGES * PAGE_SIZE, read[0]);
    }

    @Test
    void everyBadPageMustBeReportedOnceAndFreeOnesNever() {
        for (long page : new long[] {0, 1, 2, 49, 60, 64, 556, 599}) {
            corrupt(page, 500 + (int) page);
        }
        corrupt(63, 17); // in extent 61
        corrupt(299, 4095); // at the end of extent 200
        corrupt(300, 40); // at the start of extent 300
        corrupt(699, 1); // in extent 698
        corrupt(55, 0); // free
        assertEquals(PAGES, sweep(0, PAGES));
        Long[] expected = {0L, 1L, 2L, 49L, 60L, 61L, 64L, 200L, 300L, 556L, 599L, 698L};
        assertEquals(List.of(expected), List.copyOf(faults.keySet()));
        faults.values().forEach(fault -> assertEquals(QuireError.READ_VERIFY_FAILURE, fault.error()));
        assertEquals(List.of(1, 1, 1, 1, 1, 3, 1, 100, 256, 1, 1, 2), spans);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 64, 255, 256, 257, 699})
    void rangesOneBehindTheOtherMustMeetEveryPageOnce(int step) {
        for (int page = 0; page < PAGES; page++) {
            if (uses[page] == PageUse.PAGE || uses[page] == PageUse.HEAD) {
                corrupt(page, 100);
            }
        }
        Map<Long, CorruptionException> all = new TreeMap<>();
        long page = 0;
        while (page < PAGES) {
            long next = sweep(page, Math.min(PAGES, page + step));
            assertTrue(next >= Math.min(PAGES, page + step));
            faults.forEach((bad, fault) -> assertEquals(null, all.put(bad, fault)));
            page = next;
        }
        assertEquals(PAGES, page);
        long used = 0;
        for (byte one : uses) {
            used += one == PageUse.PAGE || one == PageUse.HEAD ? 1 : 0;
        }
        assertEquals(used, all.size());
    }

    @Test
    void aMapThatDisagreesWithTheHeadersMustBeReported() {
        uses[63] = PageUse.FREE; // extent 61 has a page less
        uses[65] = PageUse.INSIDE; // behind a page
        uses[66] = PageUse.INSIDE;
        uses[556] = PageUse.INSIDE; // one more than an extent may have
        uses[70] = PageUse.PAGE; // but its bytes are noise
        uses[71] = PageUse.PAGE; // but its bytes are zeros
        uses[201] = PageUse.HEAD;
        sweep(0, PAGES);
        assertEquals(List.of(61L, 65L, 66L, 70L, 71L, 200L, 201L, 556L), List.copyOf(faults.keySet()));
        assertEquals(QuireError.DATABASE_CORRUPTED, faults.get(65L).error());
        assertEquals(QuireError.DATABASE_CORRUPTED, faults.get(66L).error());
        assertEquals(QuireError.DATABASE_CORRUPTED, faults.get(556L).error());
        assertEquals(QuireError.PAGE_NOT_INITIALIZED, faults.get(71L).error());
    }

    @Test
    void aPageThatVerifiesWhenReadAgainMustNotBeReported() {
        List<String> reads = new ArrayList<>();
        try (StoreFile file = disk.open(PATH, Storage.Access.READ)) {
            StoreFile torn = new TornReads(file, reads);
            new PageSweep(torn, PAGE_SIZE, SIGNATURE, use).sweep(0, PAGES, this::hear);
        }
        assertEquals(Map.of(), faults);
        assertTrue(reads.size() > 3, "reads=" + reads);
    }

    @Test
    void aPlaceThatCannotBeReadMustCostItsPagesOnly() {
        disk.unreadable(PATH, 10 * PAGE_SIZE + 100, 10);
        disk.unreadable(PATH, 55 * PAGE_SIZE, PAGE_SIZE); // free
        disk.unreadable(PATH, 250 * PAGE_SIZE, 10); // in extent 200
        corrupt(12, 1);
        assertEquals(PAGES, sweep(0, PAGES));
        assertEquals(List.of(10L, 12L, 200L), List.copyOf(faults.keySet()));
        assertTrue(faults.get(10L).getMessage().contains("cannot be read"));
        assertEquals(0, disk.faultsHit());
    }

    /** Fear: nobody looks at what nobody uses, and a copy that goes bad there is found out by its next owner. */
    @Test
    void whereFreePagesMustBeZerosOthersMustBeReported() {
        disk.unreadable(PATH, 51 * PAGE_SIZE, 10);
        disk.corrupt(PATH, 53 * PAGE_SIZE, 1);
        disk.corrupt(PATH, 55 * PAGE_SIZE + PAGE_SIZE - 1, 1);
        try (StoreFile file = disk.open(PATH, Storage.Access.READ)) {
            new PageSweep(file, PAGE_SIZE, SIGNATURE, use).freeIsZeros().sweep(0, 60, this::hear);
        }
        assertEquals(List.of(50L, 51L, 52L, 53L, 54L, 55L, 56L, 58L), List.copyOf(faults.keySet()));
        faults.values().forEach(fault -> assertEquals(QuireError.READ_VERIFY_FAILURE, fault.error()));
        assertTrue(faults.get(51L).getMessage().contains("cannot be read"));
        assertTrue(faults.get(53L).getMessage().contains("is free"));
    }

    @Test
    void anErrorThatGoesAwayMustNotBeReported() {
        disk.failAt(disk.readCount(), Fault.EIO_READ, false);
        sweep(0, PAGES);
        assertEquals(1, disk.faultsHit());
        assertEquals(Map.of(), faults);
    }

    @Test
    void aFileThatEndsTooEarlyMustBeReported() {
        disk.resize(PATH, 600 * PAGE_SIZE);
        assertThrows(CorruptionException.class, () -> sweep(0, PAGES));
        assertEquals(600, sweep(556, 600));
    }

    @Test
    void whatTheListenerThrowsMustEndTheSweep() {
        corrupt(5, 5);
        try (StoreFile file = disk.open(PATH, Storage.Access.READ)) {
            PageSweep sweep = new PageSweep(file, PAGE_SIZE, SIGNATURE, use);
            IllegalStateException enough = new IllegalStateException("enough");
            assertEquals(
                    enough,
                    assertThrows(
                            IllegalStateException.class,
                            () -> sweep.sweep(0, PAGES, (a, b, c) -> {
                                throw enough;
                            })));
            sweep.sweep(6, PAGES, this::hear);
        }
        assertEquals(Map.of(), faults);
    }

    @Test
    void aBufferMustBeJudgedWhereItStandsAndStopInFrontOfWhatIsCut() {
        ByteBuffer b = Sealed.buffer(100 + 70 * PAGE_SIZE + 9);
        byte[] all = disk.contents(PATH);
        b.put(100, all, 0, 62 * PAGE_SIZE);
        b.position(100).limit(100 + 62 * PAGE_SIZE);
        PageRangeVerifier verifier = new PageRangeVerifier(PAGE_SIZE, SIGNATURE, use, PATH);
        assertEquals(61, verifier.verify(b, 0, this::hear), "extent 61 has its head in the buffer only");
        assertEquals(100, b.position());
        b.put(100, all, 62 * PAGE_SIZE, 8 * PAGE_SIZE);
        b.limit(100 + 8 * PAGE_SIZE);
        assertEquals(70, verifier.verify(b, 62, this::hear), "the rest of extent 61 is passed over");
        assertEquals(Map.of(), faults);
        b.put(100, all, 61 * PAGE_SIZE, 2 * PAGE_SIZE);
        b.limit(100 + 2 * PAGE_SIZE);
        assertThrows(IllegalArgumentException.class, () -> verifier.verify(b, 61, this::hear));
        b.limit(100 + PAGE_SIZE + 1);
        assertThrows(IllegalArgumentException.class, () -> verifier.verify(b, 2, this::hear));
        b.limit(100);
        assertThrows(IllegalArgumentException.class, () -> verifier.verify(b, 2, this::hear));
    }

    @Test
    void aPageSealedAsTwoSmallerOnesMustBeReported() {
        PageRangeVerifier verifier = new PageRangeVerifier(2 * PAGE_SIZE, SIGNATURE, page -> PageUse.PAGE, PATH);
        assertEquals(6, verifier.verify(Sealed.page(PAGE_SIZE, 2, SIGNATURE, 5), 5, this::hear));
        assertEquals(List.of(5L), List.copyOf(faults.keySet()));
    }
}

package dev.quire.io.page;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.quire.io.FileStorage;
import dev.quire.io.Storage;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The fear: 32 pages share a word of bits, and readers that judge, writers that mark versions and growth that replaces
 * the map all change it at once; a lost bit would send a reader to bytes that are not its own. Each thread owns every
 * n-th page, so the words are contended and the outcome is known.
 */
class PageBitsConcurrencyTest {

    private static final int PAGE_SIZE = 4096;
    private static final int THREADS = 4;
    private static final int PAGES = 256;

    @Test
    void noBitMustBeLostWhileOthersChangeAndTheFileGrows(@TempDir Path directory) throws Exception {
        Storage storage = FileStorage.instance();
        Path path = directory.resolve("a.qdb");
        DatabaseHeader header = DatabaseHeader.create(PAGE_SIZE, 3, 1);
        PageFile.create(storage, path, header, PAGES).close();
        try (PageFile file = PageFile.open(
                storage, path, DatabaseHeader.read(storage, path), Storage.Access.WRITE, 16 * PAGE_SIZE)) {
            Sealed.fill(file, 2, PAGES);
            CyclicBarrier start = new CyclicBarrier(THREADS + 1);
            List<Callable<Void>> work = new ArrayList<>();
            for (int thread = 0; thread < THREADS; thread++) {
                int own = thread;
                work.add(() -> own(file, own, start));
            }
            work.add(() -> grow(file, start));
            ExecutorService threads = Executors.newFixedThreadPool(work.size());
            for (Future<Void> done : threads.invokeAll(work)) {
                done.get();
            }
            threads.shutdown();
            assertEquals(PAGES + 40, file.pageCount());
        }
    }

    private static Void grow(PageFile file, CyclicBarrier start) throws Exception {
        start.await();
        for (int i = 1; i <= 40; i++) {
            file.grow(PAGES + i);
        }
        return null;
    }

    private static Void own(PageFile file, int own, CyclicBarrier start) throws Exception {
        start.await();
        Random random = new Random(own);
        int[] expected = new int[PAGES];
        PageRef ref = new PageRef();
        for (int i = 0; i < 40_000; i++) {
            int page = 2 + random.nextInt((PAGES - 2) / THREADS) * THREADS + own;
            assertEquals(expected[page], file.state(page) & (expected[page] | PageFile.VERSIONED), "page " + page);
            change(file, random.nextInt(i % 50 == 0 ? 3 : 2), page, expected);
            file.find(page, ref);
            assertEquals(page, PageHeader.number(ref.base, ref.offset));
        }
        for (int page = 2 + own; page < PAGES - THREADS; page += THREADS) {
            assertEquals(expected[page], file.state(page) & (expected[page] | PageFile.VERSIONED), "page " + page);
        }
        return null;
    }

    /** Whoever reads ahead may judge a page for its owner, so that bit may be set early but must never go. */
    private static void change(PageFile file, int what, int page, int[] expected) {
        switch (what) {
            case 0 -> {
                file.setVersioned(page);
                expected[page] |= PageFile.VERSIONED;
            }
            case 1 -> {
                file.clearVersioned(page);
                expected[page] &= ~PageFile.VERSIONED;
            }
            default -> {
                file.verify(page);
                expected[page] |= PageFile.VERIFIED;
            }
        }
    }
}

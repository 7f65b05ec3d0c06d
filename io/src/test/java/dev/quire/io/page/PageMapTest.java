package dev.quire.io.page;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class PageMapTest {

    private static final ByteBuffer[] NO_WINDOWS = {};

    @Test
    void bitsMustBeThoseOfTheirPageAcrossWordsAndSlices() {
        int pages = 3 * PageMap.SLICE_PAGES + 7;
        PageMap map = new PageMap(null, pages, NO_WINDOWS);
        BitSet verified = new BitSet();
        BitSet versioned = new BitSet();
        Random random = new Random(1);
        for (int i = 0; i < 200_000; i++) {
            int page = random.nextInt(pages);
            boolean set = random.nextBoolean();
            boolean first = random.nextBoolean();
            (first ? verified : versioned).set(page, set);
            int bit = first ? PageFile.VERIFIED : PageFile.VERSIONED;
            if (set) {
                map.set(page, bit);
            } else {
                map.clear(page, bit);
            }
        }
        for (int page = 0; page < pages; page++) {
            int expected =
                    (verified.get(page) ? PageFile.VERIFIED : 0) | (versioned.get(page) ? PageFile.VERSIONED : 0);
            assertEquals(expected, map.state(page), "page " + page);
        }
    }

    @Test
    void aLargerMapMustShareTheBitsOfTheOneBefore() {
        for (int before : new int[] {1, PageMap.SLICE_PAGES - 1, PageMap.SLICE_PAGES, PageMap.SLICE_PAGES + 1}) {
            PageMap old = new PageMap(null, before, NO_WINDOWS);
            PageMap grown = new PageMap(old, 4L * PageMap.SLICE_PAGES, NO_WINDOWS);
            old.set(before - 1, PageFile.VERSIONED);
            grown.set(0, PageFile.VERIFIED);
            assertEquals(PageFile.VERSIONED, grown.state(before - 1) & PageFile.VERSIONED);
            assertEquals(PageFile.VERIFIED, old.state(0) & PageFile.VERIFIED);
            grown.set(4L * PageMap.SLICE_PAGES - 1, PageFile.VERIFIED);
            assertFalse(old.has(before));
            assertTrue(grown.has(before));
        }
    }

    @Test
    void threadsThatShareAWordMustNotLoseEachOthersBits() throws Exception {
        PageMap map = new PageMap(null, 32, NO_WINDOWS);
        List<Callable<Void>> work = new ArrayList<>();
        for (int thread = 0; thread < 3; thread++) {
            int page = 10 + thread;
            work.add(() -> {
                for (int i = 0; i < 1_000_000; i++) {
                    map.set(page, PageFile.VERSIONED);
                    assertEquals(PageFile.VERSIONED, map.state(page), "set");
                    map.clear(page, PageFile.VERSIONED);
                    assertEquals(0, map.state(page), "cleared");
                }
                return null;
            });
        }
        ExecutorService threads = Executors.newFixedThreadPool(work.size());
        for (Future<Void> done : threads.invokeAll(work)) {
            done.get();
        }
        threads.shutdown();
    }
}

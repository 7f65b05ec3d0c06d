package dev.quire.pages;

import dev.quire.io.CorruptionException;
import dev.quire.io.QuireError;
import dev.quire.io.page.PageLayout;
import dev.quire.io.page.PageRef;
import java.nio.ByteBuffer;

/**
 * Gives out and takes back pages of one database, through its allocation maps, inside the write transaction. A page
 * that was freed may be given out again at once: readers of earlier commits find its old version, or its bytes in the
 * file, which no checkpoint overwrites while they read.
 *
 * <p>The search goes upward from a hint below which nothing is free; the hint is memory only.
 */
final class AllocationMaps {

    private static final long LOW_BITS = 0x5555_5555_5555_5555L;

    private final ChangedPages pages;
    private final PageRef map = new PageRef();
    private final PageRef roots = new PageRef();
    private long hint = AllocationLayout.FIXED_PAGES;
    private long committedHint = hint;
    /** Lowest page from which a search for an extent may start. */
    private long extentHint = hint;

    AllocationMaps(ChangedPages pages) {
        this.pages = pages;
    }

    void commit() {
        committedHint = hint;
    }

    void abort() {
        hint = Math.min(hint, committedHint);
        extentHint = hint;
        committedHint = hint;
    }

    /** Sets {@code count} contiguous pages aside and returns the first. */
    long allocate(int count) {
        int regionPages = AllocationLayout.regionPages(pages.pageSize());
        long start = count == 1 ? hint : Math.max(hint, extentHint);
        for (long region = start / regionPages; ; region++) {
            ensureRegion(region);
            long base = region * regionPages;
            int index = search((int) Math.max(start - base, 0), count, region, base, regionPages);
            if (index >= 0) {
                return take(base + index, count);
            }
        }
    }

    /** Whether a page that exists is one page in use: no free one, no part of an extent. */
    boolean isPage(long page) {
        return entry(page) == AllocationLayout.PAGE;
    }

    /** Takes {@code count} pages back, starting at {@code page}. */
    void free(long page, int count) {
        int entry = entry(page);
        int expected = count == 1 ? AllocationLayout.PAGE : AllocationLayout.EXTENT;
        if (entry != expected) {
            throw new CorruptionException(
                    QuireError.DATABASE_CORRUPTED,
                    null,
                    "page " + page + " is freed, but the allocation map has it as " + entry + ", expected " + expected,
                    null);
        }
        for (int i = 0; i < count; i++) {
            setEntry(page + i, AllocationLayout.FREE);
        }
        hint = Math.min(hint, page);
        extentHint = Math.min(extentHint, page);
    }

    private long take(long page, int count) {
        markUsed(page, count);
        pages.reach(page + count);
        if (count == 1) {
            hint = page + 1;
        } else {
            extentHint = page + count;
        }
        return page;
    }

    private void markUsed(long page, int count) {
        setEntry(page, count == 1 ? AllocationLayout.PAGE : AllocationLayout.EXTENT);
        for (int i = 1; i < count; i++) {
            setEntry(page + i, AllocationLayout.INSIDE);
        }
    }

    /** Index in the region of the first of {@code count} free pages at or behind {@code from}; -1 if there are none. */
    private int search(int from, int count, long region, long base, int regionPages) {
        pages.read(AllocationLayout.mapPage(region, pages.pageSize()), map);
        ByteBuffer buffer = map.base;
        int entries = map.offset + AllocationLayout.ENTRIES_OFFSET;
        int windowPages = PageLayout.WINDOW_BYTES / pages.pageSize();
        int run = 0;
        int index = from;
        while (index < regionPages) {
            long word = buffer.getLong(entries + index / AllocationLayout.WORD_PAGES * 8);
            if (run == 0 && (index & AllocationLayout.WORD_PAGES - 1) == 0 && freeBits(word) == 0) {
                index += AllocationLayout.WORD_PAGES;
                continue;
            }
            boolean free = (freeBits(word) >>> 2 * (index & AllocationLayout.WORD_PAGES - 1) & 1) != 0;
            if (run > 0 && (base + index) % windowPages == 0) {
                run = 0;
            }
            run = free ? run + 1 : 0;
            index++;
            if (run == count) {
                return index - count;
            }
        }
        return -1;
    }

    private static long freeBits(long word) {
        return ~(word | word >>> 1) & LOW_BITS;
    }

    /** Makes sure that the region has a map. */
    private void ensureRegion(long region) {
        pages.read(RootsLayout.PAGE, roots);
        int regions = roots.base.getInt(roots.offset + RootsLayout.REGIONS_OFFSET);
        if (region < regions) {
            return;
        }
        // The map before the number that leads to it: either may find no memory, and the transaction may still commit.
        long page = AllocationLayout.mapPage(region, pages.pageSize());
        pages.installMap(page);
        pages.reach(page + 1);
        markUsed(page, 1);
        pages.modify(RootsLayout.PAGE, roots);
        roots.base.putInt(roots.offset + RootsLayout.REGIONS_OFFSET, Math.toIntExact(region + 1));
    }

    private int entry(long page) {
        locate(page, false);
        int regionPages = AllocationLayout.regionPages(pages.pageSize());
        int index = (int) (page % regionPages);
        int bits = map.base.get(map.offset + AllocationLayout.ENTRIES_OFFSET + index / 4);
        return bits >>> 2 * (index & 3) & 3;
    }

    private void setEntry(long page, int entry) {
        locate(page, true);
        int regionPages = AllocationLayout.regionPages(pages.pageSize());
        int index = (int) (page % regionPages);
        int at = map.offset + AllocationLayout.ENTRIES_OFFSET + index / 4;
        int shift = 2 * (index & 3);
        if (entry != AllocationLayout.FREE && (map.base.get(at) >>> shift & 3) != AllocationLayout.FREE) {
            // What the search read may have been a made-up value; the copy that is changed was verified.
            throw new CorruptionException(
                    QuireError.DATABASE_CORRUPTED, null, "page " + page + " is given out, but it is in use", null);
        }
        map.base.put(at, (byte) (map.base.get(at) & ~(3 << shift) | entry << shift));
    }

    private void locate(long page, boolean change) {
        long region = page / AllocationLayout.regionPages(pages.pageSize());
        long mapPage = AllocationLayout.mapPage(region, pages.pageSize());
        if (change) {
            pages.modify(mapPage, map);
        } else {
            pages.read(mapPage, map);
        }
    }
}

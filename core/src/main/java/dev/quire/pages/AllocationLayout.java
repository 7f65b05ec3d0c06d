package dev.quire.pages;

import dev.quire.io.page.PageLayout;

/**
 * Allocation maps: which pages of a database are in use. A region is {@code 2 * pageSize} pages, each with two bits in
 * the region's map, which is the first page of the region (page 3 in region 0, whose first pages are taken).
 *
 * <pre>
 *   0 +-----------------------------------------------+
 *     | page header (32)                              |
 *  32 +-----------------------------------------------+
 *     | reserved (32)                                 |
 *  64 +-----------------------------------------------+
 *     | entries, two bits a page, lowest bits first:  |
 *     |   00 free      01 a page with a header        |
 *     |   10 head of an extent   11 inside of one     |
 *     +-----------------------------------------------+ 64 + pageSize / 2
 *     | zero                                          |
 *     +-----------------------------------------------+ pageSize
 * </pre>
 *
 * A free page's bytes mean nothing: freeing does not touch it.
 */
public final class AllocationLayout {

    /** Where the entries start. */
    public static final int ENTRIES_OFFSET = 64;

    /** Free. */
    public static final int FREE = 0;

    /** A page. */
    public static final int PAGE = 1;

    /** The first page of an extent. */
    public static final int EXTENT = 2;

    /** A page of an extent other than the first. */
    public static final int INSIDE = 3;

    /** The map of region 0. */
    public static final long FIRST_MAP_PAGE = 3;

    /** Header, shadow, roots and the first map. */
    public static final int FIXED_PAGES = 4;

    /** Entries in one long. */
    static final int WORD_PAGES = 32;

    static {
        if (ENTRIES_OFFSET < PageLayout.HEADER_BYTES
                || ENTRIES_OFFSET + PageLayout.PAGE_BYTES_MIN / 2 > PageLayout.PAGE_BYTES_MIN) {
            throw new AssertionError("allocation map does not fit the smallest page");
        }
    }

    private AllocationLayout() {}

    /** Pages of a region. */
    public static int regionPages(int pageSize) {
        return 2 * pageSize;
    }

    /** The page that holds the map of {@code region}. */
    public static long mapPage(long region, int pageSize) {
        return region == 0 ? FIRST_MAP_PAGE : region * regionPages(pageSize);
    }
}

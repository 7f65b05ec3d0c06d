package dev.quire.pages;

import dev.quire.io.page.PageLayout;

/**
 * Page 2 of every database, where everything else is found from.
 *
 * <pre>
 *   0 +------------------------------------------------------+
 *     | page header                                          |
 *  32 +--------------------------+---------------------------+
 *     | regions (4)              | reserved (4)              |
 *  40 +--------------------------+---------------------------+
 *     | root page of the catalog of tables (8), 0 = none yet |
 *  48 +------------------------------------------------------+
 *     | reserved (16)                                        |
 *  64 +--------------+---------------------------+-----------+
 *     | name len (1) | name, UTF-8 (31)          | value (8) |  slot 0
 *     +--------------+---------------------------+-----------+
 *     | ...                                                  |  up to slot 99, whatever the page size
 *4064 +------------------------------------------------------+
 * </pre>
 */
public final class RootsLayout {

    /** The page that it is. */
    public static final long PAGE = 2;

    /** How many regions have an allocation map: a file that grew does not tell which of its zero pages are maps. */
    public static final int REGIONS_OFFSET = PageLayout.HEADER_BYTES;

    /** The catalog's root page; tables are found by name there. */
    public static final int CATALOG_OFFSET = REGIONS_OFFSET + 8;

    /** Where the named root slots start. */
    public static final int SLOTS_OFFSET = CATALOG_OFFSET + 8 + 16;

    /** Longest name of a root slot, in bytes of UTF-8. */
    public static final int SLOT_NAME_BYTES_MAX = 31;

    /** The slot's value behind its start. */
    public static final int SLOT_VALUE_OFFSET = 1 + SLOT_NAME_BYTES_MAX;

    /** Bytes of a slot. */
    public static final int SLOT_BYTES = SLOT_VALUE_OFFSET + 8;

    /** Number of slots. */
    public static final int SLOT_COUNT = 100;

    static {
        if (SLOTS_OFFSET + SLOT_COUNT * SLOT_BYTES > PageLayout.PAGE_BYTES_MIN || SLOTS_OFFSET != 64) {
            throw new AssertionError("roots page does not fit the smallest page");
        }
    }

    private RootsLayout() {}
}

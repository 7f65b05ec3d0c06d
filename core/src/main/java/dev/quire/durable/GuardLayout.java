package dev.quire.durable;

/**
 * The torn-page guard: copies of pages that are about to be overwritten in place. Two halves of equal size, used in
 * turn; each is written and forced before the first page of its batch is written in place, and written again only after
 * those pages were forced.
 *
 * <pre>
 *   0 +---------------------------------------------+  table: halfBytes / 64
 *     | magic (4)              | entries (4)        |
 *   8 | signature of the log stream (8)             |
 *  16 | bytes of a half (4)    | format version (4) |
 *  24 | CRC of header (4)      | zero (36)          |  of bytes 0-23
 *  64 +---------------------------------------------+
 *     | entry 0 (64)                                |
 *     | entry 1 (64) ...                            |
 *     +---------------------------------------------+  halfBytes / 64
 *     | page of entry 0, sealed                     |
 *     | page of entry 1, sealed ...                 |
 *     +---------------------------------------------+  halfBytes
 *
 * entry
 *   0 | signature of the log stream (8)             |
 *   8 | signature of the database (8)               |
 *  16 | page (8)                                    |
 *  24 | dbtime (8)                                  |
 *  32 | position behind the commit it is of (8)     |
 *  40 | offset of the page in the half (4)          |
 *  44 | bytes of the page (4)                       |
 *  48 | database id (4)        | CRC of entry (4)   |  of bytes 0-51
 *  56 | zero (8)                                    |
 * </pre>
 *
 * Header, entry and page carry their own checksums, because a half may be torn while it is written again: whatever of
 * it still verifies is judged by its position in the log.
 */
final class GuardLayout {

    static final int MAGIC = 0x44524751;
    static final int VERSION = 1;
    static final int HALVES = 2;
    static final int HALF_BYTES_MIN = 256 << 10;
    static final int HALF_BYTES_MAX = 64 << 20;
    static final int TABLE_SHARE = 64;
    static final int ENTRY_BYTES = 64;

    static final int MAGIC_OFFSET = 0;
    static final int COUNT_OFFSET = 4;
    static final int SIGNATURE_OFFSET = 8;
    static final int HALF_BYTES_OFFSET = 16;
    static final int VERSION_OFFSET = 20;
    static final int HEADER_CRC_OFFSET = 24;

    static final int ENTRY_LOG_OFFSET = 0;
    static final int ENTRY_DATABASE_OFFSET = 8;
    static final int ENTRY_PAGE_OFFSET = 16;
    static final int ENTRY_DBTIME_OFFSET = 24;
    static final int ENTRY_POSITION_OFFSET = 32;
    static final int ENTRY_PLACE_OFFSET = 40;
    static final int ENTRY_LENGTH_OFFSET = 44;
    static final int ENTRY_ID_OFFSET = 48;
    static final int ENTRY_CRC_OFFSET = 52;

    static {
        if (ENTRY_CRC_OFFSET + 4 > ENTRY_BYTES || HEADER_CRC_OFFSET + 4 > ENTRY_BYTES) {
            throw new AssertionError("guard layout does not add up");
        }
    }

    private GuardLayout() {}

    /** Where pages start in a half. */
    static int pagesOffset(int halfBytes) {
        return halfBytes / TABLE_SHARE;
    }

    /** How many entries the table of a half has room for. */
    static int entriesMax(int halfBytes) {
        return pagesOffset(halfBytes) / ENTRY_BYTES - 1;
    }
}

package dev.quire.io.page;

/**
 * Where the bytes of a page are. Every page of a database, the two copies of its header included, starts with this;
 * little-endian:
 *
 * <pre>
 *   0       4     5     6       8               16              24              32
 *  +-------+-----+-----+-------+---------------+---------------+---------------+---------
 *  | crc   |type |flags| pages | dbtime        | number        | reserved, 0   | payload
 *  +-------+-----+-----+-------+---------------+---------------+---------------+---------
 * </pre>
 *
 * <ul>
 *   <li>{@code crc}: CRC32C of everything behind it up to the end of the page, or of the extent, exclusive-or'ed with
 *       32 bits mixed from the signature of the database and the number of the page: a page that lands in another place
 *       or in another file does not verify although every bit of it is right.
 *   <li>{@code pages}: 1, or the pages of an <i>extent</i>: one large page with a single header, its bytes contiguous
 *       behind it, under a single crc. An extent never straddles a window. No page in use has 0 here, so a page of
 *       zeros never verifies.
 *   <li>{@code dbtime}: when the page was changed last, on a clock of its database that counts changes.
 *   <li>{@code number}: the page's own, in the clear, so that a misplaced page can say where it came from.
 * </ul>
 *
 * Page 0 is the header of the database and page 1 its shadow (see {@link DatabaseHeaderLayout}).
 */
public final class PageLayout {

    /** Salted CRC32C, 4 bytes. */
    public static final int CRC_OFFSET = 0;

    /** One of the types below, 1 byte. */
    public static final int TYPE_OFFSET = CRC_OFFSET + Integer.BYTES;

    /** None are defined: 0, 1 byte. */
    public static final int FLAGS_OFFSET = TYPE_OFFSET + Byte.BYTES;

    /** Pages that the crc spans, 2 bytes. */
    public static final int PAGES_OFFSET = FLAGS_OFFSET + Byte.BYTES;

    /** Time of the last change, 8 bytes. */
    public static final int DBTIME_OFFSET = PAGES_OFFSET + Short.BYTES;

    /** The number of this page, 8 bytes. */
    public static final int NUMBER_OFFSET = DBTIME_OFFSET + Long.BYTES;

    /** Zero, 8 bytes. */
    public static final int RESERVED_OFFSET = NUMBER_OFFSET + Long.BYTES;

    /** Bytes of the header; the payload of a page starts here. */
    public static final int HEADER_BYTES = RESERVED_OFFSET + Long.BYTES;

    /** The header of the database, or its shadow. */
    public static final int TYPE_HEADER = 1;

    /** The named roots of a database. */
    public static final int TYPE_ROOTS = 2;

    /** Which pages of a region are in use. */
    public static final int TYPE_ALLOCATION = 3;

    /** Whatever a user put there. */
    public static final int TYPE_RAW = 4;

    /** A leaf of a tree. */
    public static final int TYPE_LEAF = 5;

    /** A branch of a tree. */
    public static final int TYPE_BRANCH = 6;

    /** A long value in one or more pages. */
    public static final int TYPE_EXTENT = 7;

    /** The smallest page, in bytes: what every disk and every memory map deals in. */
    public static final int PAGE_BYTES_MIN = 4 * 1024;

    /** The largest page, in bytes. */
    public static final int PAGE_BYTES_MAX = 64 * 1024;

    /** The largest extent, in bytes, its header included: what one first touch may cost. */
    public static final int EXTENT_BYTES_MAX = 1024 * 1024;

    /** Bytes of a file that one map covers. */
    public static final int WINDOW_BYTES = 1024 * 1024 * 1024;

    /** The largest file, in bytes. */
    public static final long FILE_BYTES_MAX = 1L << 44;

    static {
        if (HEADER_BYTES != 32 || DBTIME_OFFSET % Long.BYTES != 0 || NUMBER_OFFSET % Long.BYTES != 0) {
            throw new AssertionError("headerBytes=" + HEADER_BYTES);
        }
        if (EXTENT_BYTES_MAX % PAGE_BYTES_MAX != 0 || WINDOW_BYTES % EXTENT_BYTES_MAX != 0) {
            throw new AssertionError("extentBytesMax=" + EXTENT_BYTES_MAX);
        }
        if (EXTENT_BYTES_MAX / PAGE_BYTES_MIN > 0xFFFF) {
            throw new AssertionError("an extent has more pages than its header can say");
        }
    }

    private PageLayout() {}

    /** Whether pages may have this many bytes: a power of two from 4 KiB to 64 KiB. */
    public static boolean isPageSize(int bytes) {
        return bytes >= PAGE_BYTES_MIN && bytes <= PAGE_BYTES_MAX && Integer.bitCount(bytes) == 1;
    }

    /**
     * The same as an argument check.
     *
     * @return {@code pageSize}
     * @throws IllegalArgumentException if pages cannot have this size
     */
    public static int checkPageSize(int pageSize) {
        if (!isPageSize(pageSize)) {
            throw new IllegalArgumentException("pageSize=" + pageSize + ", must be a power of two from "
                    + PAGE_BYTES_MIN + " to " + PAGE_BYTES_MAX);
        }
        return pageSize;
    }
}

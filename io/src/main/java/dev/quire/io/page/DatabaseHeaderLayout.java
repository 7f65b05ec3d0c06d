package dev.quire.io.page;

/**
 * Where the fields of a database header are. Page 0 and page 1 each hold a copy, page 1 called the shadow; only the
 * first 4 KiB are used whatever the page size, so that they can be read before the page size is known; the rest of
 * the page is zero. Little-endian:
 *
 * <pre>
 *     0  page header (see {@link PageLayout}): type 1, number 0 or 1, dbtime as below, and the crc of the whole page
 *    32  u64 magic "QUIRE.DB"            40  u32 format version        44  u32 page size in bytes
 *    48  u64 signature of the database   56  u64 creation time, ms since 1970
 *    64  u32 state                       68  u32 database id           72  u64 signature of the log stream
 *    80  u64 dbtime bound                88  u64 page count
 *    96  u64 required from, LSN         104  u64 required up to, LSN  112  u64 committed up to, LSN
 *   120  u64 last attach, LSN           128  u64 last attach, ms
 *   136  u64 last detach, LSN           144  u64 last detach, ms
 *   152  u64 sequence of this write
 *   160  stamp of the last full         192  stamp of the last incremental      224  stamp of the last copy
 *   256  stamp of the last differential 288  stamp of the full this file is part of (in the copy only)
 *   320  reserved, 0
 *  4092  u32 crc: CRC32C of bytes [4, 4092)
 *
 *  stamp:   0  u64 mark, LSN    8  u64 time, ms    16  u32 generation low    20  u32 generation high    24  u64 0
 * </pre>
 *
 * The magic, the format version, the page size and the crc at 4092 keep their places in every version to come: they
 * are what tells "too new" from "damaged". The crc at 4092 is not salted, because the signature is not known before;
 * a copy in the wrong place shows by its number, a mixture of two files by signatures that differ.
 */
public final class DatabaseHeaderLayout {

    /** "QUIRE.DB" in ASCII, first letter first. */
    public static final long MAGIC = 0x42442E4552495551L;

    /** The format this version writes, and the only one it reads. */
    public static final int FORMAT_VERSION = 1;

    /** The part of the page that has fields, in bytes: the smallest page. */
    public static final int BLOCK_BYTES = PageLayout.PAGE_BYTES_MIN;

    /** Tells a database from any other file. */
    public static final int MAGIC_OFFSET = PageLayout.HEADER_BYTES;

    /** Tells "too new" from "damaged". */
    public static final int FORMAT_OFFSET = MAGIC_OFFSET + Long.BYTES;

    /** Where page 1 is, and every other. */
    public static final int PAGE_SIZE_OFFSET = FORMAT_OFFSET + Integer.BYTES;

    /** Salt of every checksum: a page of another database does not verify here. */
    public static final int SIGNATURE_OFFSET = PAGE_SIZE_OFFSET + Integer.BYTES;

    /** For people. */
    public static final int CREATION_TIME_OFFSET = SIGNATURE_OFFSET + Long.BYTES;

    /** Whether the file is complete without a log. */
    public static final int STATE_OFFSET = CREATION_TIME_OFFSET + Long.BYTES;

    /** By what number log records call it. */
    public static final int DATABASE_ID_OFFSET = STATE_OFFSET + Integer.BYTES;

    /** To which stream the LSNs below belong; those of another one mean nothing. */
    public static final int LOG_SIGNATURE_OFFSET = DATABASE_ID_OFFSET + Integer.BYTES;

    /** Where the dbtime counter starts again, above every page. */
    public static final int DBTIME_BOUND_OFFSET = LOG_SIGNATURE_OFFSET + Long.BYTES;

    /** A file that is shorter was cut off. */
    public static final int PAGE_COUNT_OFFSET = DBTIME_BOUND_OFFSET + Long.BYTES;

    /** Where the log begins that the pages may need. */
    public static final int REQUIRED_FROM_OFFSET = PAGE_COUNT_OFFSET + Long.BYTES;

    /** Log missing below here leaves pages of different times. */
    public static final int REQUIRED_UP_TO_OFFSET = REQUIRED_FROM_OFFSET + Long.BYTES;

    /** Log missing below here is the loss of acknowledged commits. */
    public static final int COMMITTED_UP_TO_OFFSET = REQUIRED_UP_TO_OFFSET + Long.BYTES;

    /** Since when the stream knows the database. */
    public static final int ATTACH_LSN_OFFSET = COMMITTED_UP_TO_OFFSET + Long.BYTES;

    /** The same on the clock. */
    public static final int ATTACH_TIME_OFFSET = ATTACH_LSN_OFFSET + Long.BYTES;

    /** Where the stream closed it. */
    public static final int DETACH_LSN_OFFSET = ATTACH_TIME_OFFSET + Long.BYTES;

    /** The same on the clock. */
    public static final int DETACH_TIME_OFFSET = DETACH_LSN_OFFSET + Long.BYTES;

    /** The newer of two good copies has the higher one. */
    public static final int SEQUENCE_OFFSET = DETACH_TIME_OFFSET + Long.BYTES;

    /** Bytes of one stamp, its reserved ones included. */
    public static final int STAMP_BYTES = 32;

    /** Where the backup began in the log; 0: there was none. */
    public static final int STAMP_MARK_OFFSET = 0;

    /** When it began. */
    public static final int STAMP_TIME_OFFSET = STAMP_MARK_OFFSET + Long.BYTES;

    /** The first generation in it. */
    public static final int STAMP_LOW_OFFSET = STAMP_TIME_OFFSET + Long.BYTES;

    /** The last one. */
    public static final int STAMP_HIGH_OFFSET = STAMP_LOW_OFFSET + Integer.BYTES;

    /** What an incremental builds on. */
    public static final int FULL_OFFSET = SEQUENCE_OFFSET + Long.BYTES;

    /** What the next incremental follows. */
    public static final int INCREMENTAL_OFFSET = FULL_OFFSET + STAMP_BYTES;

    /** A backup that nothing builds on. */
    public static final int COPY_OFFSET = INCREMENTAL_OFFSET + STAMP_BYTES;

    /** Likewise. */
    public static final int DIFFERENTIAL_OFFSET = COPY_OFFSET + STAMP_BYTES;

    /** Marks a file as part of a backup, so that it is not opened unrestored. */
    public static final int CURRENT_FULL_OFFSET = DIFFERENTIAL_OFFSET + STAMP_BYTES;

    /** The rest up to the checksum is kept as it is found. */
    public static final int RESERVED_OFFSET = CURRENT_FULL_OFFSET + STAMP_BYTES;

    /** The crc of the block; the last four bytes of its 4 KiB. */
    public static final int BLOCK_CRC_OFFSET = BLOCK_BYTES - Integer.BYTES;

    static {
        if (FULL_OFFSET != 160 || RESERVED_OFFSET != 320 || BLOCK_CRC_OFFSET != 4092) {
            throw new AssertionError("reservedOffset=" + RESERVED_OFFSET);
        }
        if (SIGNATURE_OFFSET % Long.BYTES != 0 || LOG_SIGNATURE_OFFSET % Long.BYTES != 0) {
            throw new AssertionError("signatureOffset=" + SIGNATURE_OFFSET);
        }
    }

    private DatabaseHeaderLayout() {}
}

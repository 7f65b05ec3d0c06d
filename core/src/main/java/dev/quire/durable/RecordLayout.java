package dev.quire.durable;

import dev.quire.io.CorruptionException;
import dev.quire.io.QuireError;
import dev.quire.io.log.Lsn;

/**
 * What the records of the log say. All numbers are little-endian; every record stands in the log framed and covered by
 * the checksum of its batch.
 *
 * <pre>
 * PAGE_DELTA   the bytes of a page that a commit changed
 *   0 +------------------+------------------+
 *     | database (4)     | reserved (4)     |
 *   8 +------------------+------------------+
 *     | page (8)                            |
 *  16 +-------------------------------------+
 *     | dbtime of the page before (8)       |  redo applies it to exactly this state
 *  24 +-------------------------------------+
 *     | dbtime of the page after (8)        |  and passes over a page at or past this one
 *  32 +------------------+------------------+
 *     | offset (2) length (2) bytes ...     |  ranges up to the end of the record
 *     +-------------------------------------+
 *
 * PAGE_IMAGE   a piece of the whole content of a page or extent, which redo puts over anything
 *   0 +------------------+------------------+
 *     | database (4)     | type (2) pages(2)|
 *   8 +------------------+------------------+
 *     | page (8)                            |
 *  16 +------------------+------------------+
 *     | piece offset (4) | reserved (4)     |  the piece at 0 makes everything zero first
 *  24 +------------------+------------------+
 *     | dbtime of the page after (8)        |
 *  32 +------------------+------------------+
 *     | offset in piece (2) length (2) bytes|  ranges up to the end of the record; what none covers is zero
 *     +-------------------------------------+
 *
 * COMMIT       the records from the named one on are one transaction, whole; what stands between the last commit and
 *              that one was left by a crash and is void; the name, in most there is none, makes it a restore point
 *   0 | records (4) | flags (4) | time in ms since 1970 (8) | position of the first record (8) | name, UTF-8 ... |
 *
 * ATTACH       a database is attached from here on, CREATE: and was made for it
 *   0 | id (4) | page size (4) | signature (8) | dbtime (8) | time (8) | name length (4) | name, UTF-8 |
 *
 * DETACH, DROP the database is not attached any more from here on
 *   0 | id (4) |
 *
 * CLOSE        the instance was closed; nothing follows in this generation
 * MARK         the engine above notes something about a backup; opaque to redo
 * </pre>
 */
final class RecordLayout {

    static final int PAGE_DELTA = 1;
    static final int PAGE_IMAGE = 2;
    static final int COMMIT = 3;
    static final int CREATE = 4;
    static final int ATTACH = 5;
    static final int DETACH = 6;
    static final int DROP = 7;
    static final int CLOSE = 8;
    static final int MARK = 9;

    static final int DATABASE_OFFSET = 0;
    static final int TYPE_OFFSET = 4;
    static final int PAGES_OFFSET = 6;
    static final int PAGE_OFFSET = 8;
    static final int BEFORE_OFFSET = 16;
    static final int PIECE_OFFSET = 16;
    static final int AFTER_OFFSET = 24;
    static final int RANGES_OFFSET = 32;
    static final int RANGE_HEADER_BYTES = 4;

    /** Bytes of a page that one image record stands for. */
    static final int PIECE_BYTES = 32 * 1024;

    static final int COMMIT_RECORDS_OFFSET = 0;
    static final int COMMIT_FLAGS_OFFSET = 4;
    static final int COMMIT_TIME_OFFSET = 8;
    static final int COMMIT_FIRST_OFFSET = 16;
    static final int COMMIT_NAME_OFFSET = 24;

    static final int ATTACH_ID_OFFSET = 0;
    static final int ATTACH_PAGE_SIZE_OFFSET = 4;
    static final int ATTACH_SIGNATURE_OFFSET = 8;
    static final int ATTACH_DBTIME_OFFSET = 16;
    static final int ATTACH_TIME_OFFSET = 24;
    static final int ATTACH_NAME_LENGTH_OFFSET = 32;
    static final int ATTACH_NAME_OFFSET = 36;

    static {
        if (AFTER_OFFSET + Long.BYTES != RANGES_OFFSET || COMMIT_FIRST_OFFSET + Long.BYTES != COMMIT_NAME_OFFSET) {
            throw new AssertionError("record layout does not add up");
        }
    }

    private RecordLayout() {}

    /**
     * Refuses a record that cannot be one.
     *
     * @throws CorruptionException {@code LOG_FILE_CORRUPT}
     */
    static void check(long lsn, int type, int length) {
        if (length < bytesMin(type)) {
            String what = "record at " + Lsn.toString(lsn) + " of type=" + type + " is too short: length=" + length;
            throw new CorruptionException(QuireError.LOG_FILE_CORRUPT, null, what, null);
        }
    }

    /** Below so many bytes a record of this type is none. */
    static int bytesMin(int type) {
        return switch (type) {
            case PAGE_DELTA, PAGE_IMAGE -> RANGES_OFFSET;
            case COMMIT -> COMMIT_NAME_OFFSET;
            case CREATE, ATTACH -> ATTACH_NAME_OFFSET;
            case DETACH, DROP -> Integer.BYTES;
            default -> 0;
        };
    }
}

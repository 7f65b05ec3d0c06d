package dev.quire.backup.socket;

/**
 * A file of the backup.
 *
 * <pre>
 *   0       8      12              bytes
 *  +-------+------+---- - - ---+
 *  | bytes | unit |  name      |   UTF-8
 *  +-------+------+---- - - ---+
 * </pre>
 */
final class FileLayout {

    static final int BYTES_OFFSET = 0;

    /** The page size of a database, 4096 in other files. */
    static final int UNIT_OFFSET = BYTES_OFFSET + Long.BYTES;

    static final int NAME_OFFSET = UNIT_OFFSET + Integer.BYTES;

    private FileLayout() {}
}

package dev.quire.backup.socket;

/**
 * What has begun.
 *
 * <pre>
 *   0            8         12        16               32  bytes
 *  +------------+---------+---------+----------------+
 *  | room bytes | of same | made up | id             |
 *  +------------+---------+---------+----------------+
 * </pre>
 */
final class BegunLayout {

    /** What the backup takes on a disk if nothing is committed meanwhile. */
    static final int ROOM_BYTES_OFFSET = 0;

    /** 1 if the full or copy that is stored is one of this instance, else 0. */
    static final int OF_SAME_OFFSET = ROOM_BYTES_OFFSET + Long.BYTES;

    /** How many stored backups the instance did not know of, and does now. */
    static final int MADE_UP_OFFSET = OF_SAME_OFFSET + Integer.BYTES;

    /** In ASCII. */
    static final int ID_OFFSET = MADE_UP_OFFSET + Integer.BYTES;

    static final int ID_BYTES = 16;
    static final int BEGUN_BYTES = ID_OFFSET + ID_BYTES;

    private BegunLayout() {}
}

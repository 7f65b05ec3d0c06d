package dev.quire.durable;

/**
 * The checkpoint file: two slots, written in turn, so that one is whole at any moment. The valid one with the higher
 * sequence counts.
 *
 * <pre>
 *   0 +---------------------------+---------------------------+
 *     | magic (4)                 | format version (4)        |
 *   8 +---------------------------+---------------------------+
 *     | sequence (8)                                          |
 *  16 +-------------------------------------------------------+
 *     | signature of the log stream (8)                       |
 *  24 +-------------------------------------------------------+
 *     | redo start: the page files hold everything below (8)  |
 *  32 +-------------------------------------------------------+
 *     | forced: the log is known durable up to here (8)       |
 *  40 +---------------------------+---------------------------+
 *     | highest generation (4)    | flags (4)                 |
 *  48 +---------------------------+---------------------------+
 *     | next database id (4)      | attachments (4)           |
 *  56 +---------------------------+---------------------------+
 *     | bytes of a generation (4) | length of attachments (4) |
 *  64 +---------------------------+---------------------------+
 *     | attachments as of the redo start ...                  |
 *     +-------------------------------------------------------+
 *     | zero                                                  |
 *     +-------------------------------------------------------+ SLOT_BYTES - 12
 *     | no commit so far has a later time (8)                 |
 *     +-------------------------------------------------------+ SLOT_BYTES - 4
 *     | CRC32C of all before (4)                              |
 *     +-------------------------------------------------------+ SLOT_BYTES
 * </pre>
 */
final class CheckpointLayout {

    static final int MAGIC = 0x4b484351;
    static final int VERSION = 1;

    static final int MAGIC_OFFSET = 0;
    static final int VERSION_OFFSET = 4;
    static final int SEQUENCE_OFFSET = 8;
    static final int SIGNATURE_OFFSET = 16;
    static final int REDO_OFFSET = 24;
    static final int FORCED_OFFSET = 32;
    static final int GENERATION_OFFSET = 40;
    static final int FLAGS_OFFSET = 44;
    static final int NEXT_ID_OFFSET = 48;
    static final int COUNT_OFFSET = 52;
    static final int GENERATION_BYTES_OFFSET = 56;
    static final int LENGTH_OFFSET = 60;
    static final int ATTACHMENTS_OFFSET = 64;

    /** Room for the 128 databases an instance may have, at their longest. */
    static final int SLOT_BYTES = 16 * 1024;

    static final int CRC_OFFSET = SLOT_BYTES - 4;

    /** Behind the attachments, where slots had zero before they said it: 0 is not known. */
    static final int COMMIT_TIME_OFFSET = CRC_OFFSET - Long.BYTES;

    /** The instance was closed and needs no redo. */
    static final int FLAG_CLEAN = 1;

    /** The instance runs without a log. */
    static final int FLAG_UNLOGGED = 2;

    private CheckpointLayout() {}
}

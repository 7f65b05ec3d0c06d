package dev.quire.io.log;

/**
 * The payload of Begin, the first record of a generation, alone in its batch: what is known at the switch, so that a
 * reader of this generation learns where the one before ended and that nothing of it is missing.
 *
 * <pre>
 *   0         8                  16                 20              24                    28        32
 *  +---------+------------------+------------------+---------------+---------------------+---------+---- - - ----+
 *  | created | previous created | previous closing | previous chain| previous generation | length  | context     |
 *  +---------+------------------+------------------+---------------+---------------------+---------+---- - - ----+
 * </pre>
 */
final class BeginLayout {

    /** When this generation started, milliseconds since 1970; never before its predecessor, whatever the clock does. */
    static final int CREATED_OFFSET = 0;

    /** Ties the two files: a predecessor of another history has another one. */
    static final int PREVIOUS_CREATED_OFFSET = CREATED_OFFSET + Long.BYTES;

    /** Offset at which the predecessor ends; everything behind it there is void. 0 when there is none. */
    static final int PREVIOUS_CLOSING_OFFSET = PREVIOUS_CREATED_OFFSET + Long.BYTES;

    /** Header CRC of the predecessor's last batch: stands for all of its bytes below the closing offset. */
    static final int PREVIOUS_CHAIN_OFFSET = PREVIOUS_CLOSING_OFFSET + Integer.BYTES;

    /** Number of the predecessor, 0 for the first generation of a stream. */
    static final int PREVIOUS_GENERATION_OFFSET = PREVIOUS_CHAIN_OFFSET + Integer.BYTES;

    static final int CONTEXT_LENGTH_OFFSET = PREVIOUS_GENERATION_OFFSET + Integer.BYTES;

    /** What the engine above wants a reader to know first. */
    static final int CONTEXT_OFFSET = CONTEXT_LENGTH_OFFSET + Integer.BYTES;

    static {
        if (PREVIOUS_CREATED_OFFSET % Long.BYTES != 0 || CONTEXT_OFFSET != 32) {
            throw new AssertionError("begin layout");
        }
    }

    private BeginLayout() {}
}

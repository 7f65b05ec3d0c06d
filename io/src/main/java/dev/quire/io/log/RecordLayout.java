package dev.quire.io.log;

/**
 * A record inside a batch. It has no checksum of its own: the batch's covers it, and a batch is believed whole or not
 * at all.
 *
 * <pre>
 *   0        4      5        8                    8 + length
 *  +--------+------+--------+----------- - - -----+--------+
 *  | length | type | zero   | payload             | zero   |   to the next multiple of 8
 *  +--------+------+--------+----------- - - -----+--------+
 * </pre>
 */
final class RecordLayout {

    /** Payload bytes, without frame and padding. */
    static final int LENGTH_OFFSET = 0;

    static final int TYPE_OFFSET = LENGTH_OFFSET + Integer.BYTES;

    static final int HEADER_BYTES = 8;

    /** Longs in a payload that is laid out for it stay aligned. */
    static final int ALIGNMENT = 8;

    static {
        if (TYPE_OFFSET >= HEADER_BYTES || HEADER_BYTES % ALIGNMENT != 0) {
            throw new AssertionError("record layout");
        }
    }

    private RecordLayout() {}

    /** Bytes that a record with such a payload takes in its batch. */
    static int frameBytes(int length) {
        return (HEADER_BYTES + length + ALIGNMENT - 1) & -ALIGNMENT;
    }
}

package dev.quire.backup.socket;

/**
 * Everything behind the hello: a message, in a frame that verifies.
 *
 * <pre>
 *   0     4       8      12            bytes
 *  +-----+-------+------+---- - - ---+
 *  | crc | bytes | type |  payload   |
 *  +-----+-------+------+---- - - ---+
 * </pre>
 */
final class FrameLayout {

    /** CRC32C of everything behind it. */
    static final int CRC_OFFSET = 0;

    /** Of the payload. */
    static final int BYTES_OFFSET = CRC_OFFSET + Integer.BYTES;

    /** A {@link Message}. */
    static final int TYPE_OFFSET = BYTES_OFFSET + Integer.BYTES;

    static final int HEADER_BYTES = TYPE_OFFSET + Integer.BYTES;

    /** Known before anything is read, so no peer makes us take more memory than this. */
    static final int PAYLOAD_BYTES_MAX = 256 << 10;

    private FrameLayout() {}
}

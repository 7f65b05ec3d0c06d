package dev.quire.backup.socket;

/**
 * A number.
 *
 * <pre>
 *   0       8  bytes
 *  +-------+
 *  | count |
 *  +-------+
 * </pre>
 */
final class CountLayout {

    static final int COUNT_OFFSET = 0;
    static final int COUNT_BYTES = COUNT_OFFSET + Long.BYTES;

    private CountLayout() {}
}

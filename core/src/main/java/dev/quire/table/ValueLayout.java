package dev.quire.table;

import dev.quire.io.page.PageLayout;

/**
 * What stands in the cell of a leaf where a value is expected, by the form in the cell's first word. Little-endian:
 *
 * <pre>
 *   INLINE   the value itself
 *
 *            0          4          8                      16
 *            +----------+----------+----------------------+
 *   EXTENT   | length   | start    | page                 |      bytes [start, start + length) of one extent
 *            +----------+----------+----------------------+
 *
 *            0          4          8                      16
 *            +----------+----------+----------------------+-- - - --+----------------------+
 *   EXTENTS  | length   | part     | page                 |         | page                 |     in that order
 *            +----------+----------+----------------------+-- - - --+----------------------+
 *
 *            0          4          8                      16
 *            +----------+----------+----------------------+
 *   INDEXED  | length   | part     | page                 |      the same, its pages one after the other, 8 bytes
 *            +----------+----------+----------------------+      each, behind the header of this extent
 * </pre>
 *
 * {@code length} is that of the value. {@code part}: bytes of it in every extent but the last. {@code start} is
 * {@link PageLayout#HEADER_BYTES} today; it stands here so that one extent may some day hold several values.
 */
final class ValueLayout {

    /** The value is in the cell. */
    static final int INLINE = 0;

    /** The value is in one extent. */
    static final int EXTENT = 1;

    /** The value is in a few extents. */
    static final int EXTENTS = 2;

    /** The value is in many extents. */
    static final int INDEXED = 3;

    /** Length of the value, 4 bytes. */
    static final int LENGTH = 0;

    /** Where the value starts in its one extent, 4 bytes. */
    static final int START = LENGTH + Integer.BYTES;

    /** Bytes in each of several extents, 4 bytes. */
    static final int PART = START;

    /** The extent, or the first, or that of the index, 8 bytes. */
    static final int PAGE = START + Integer.BYTES;

    /** Bytes of a reference to one extent. */
    static final int REFERENCE_BYTES = PAGE + Long.BYTES;

    /** The most extents that a cell lists itself. */
    static final int LISTED_MAX = 8;

    /** Bytes of the longest reference. */
    static final int REFERENCE_BYTES_MAX = PAGE + LISTED_MAX * Long.BYTES;

    /** The longest value. */
    static final int VALUE_BYTES_MAX = 1 << 30;

    static {
        int size = PageLayout.PAGE_BYTES_MIN;
        int cell = NodeLayout.CELL_HEADER + NodeLayout.keyBytesMax(size) + REFERENCE_BYTES_MAX;
        if (REFERENCE_BYTES != 16 || cell > NodeLayout.cellBytesMax(size)) {
            throw new AssertionError("referenceBytes=" + REFERENCE_BYTES + " cell=" + cell);
        }
    }

    private ValueLayout() {}

    /** Parts of {@code part} bytes that a value takes. */
    static int parts(int length, int part) {
        return (int) (((long) length + part - 1) / part);
    }
}

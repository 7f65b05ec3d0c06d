package dev.quire.table;

import dev.quire.io.page.PageLayout;

/**
 * Where the bytes of a tree's page are. Branches and leaves look alike: sorted cells of a key and a value; the value in
 * a branch is the page of a child. Little-endian; offsets count from the start of the page:
 *
 * <pre>
 *   0                              32                64          heads          cells                          size
 *  +-------------------------------+-----------------+-----------+--------------+ - - - - +------------+-----+------+
 *  | header of every page          | header of nodes | slots --> | heads -----> |  free   | cells --- | low | high |
 *  +-------------------------------+-----------------+-----------+--------------+ - - - - +------------+-----+------+
 *
 *   32      34    35    36       38       40       42         44       48      52         56              64
 *  +-------+-----+-----+--------+--------+--------+----------+--------+-------+----------+---------------+
 *  | count |level|flags| prefix | low    | high   | 0        | cells  | dead  | 0        | 0             |
 *  +-------+-----+-----+--------+--------+--------+----------+--------+-------+----------+---------------+
 *
 *  slot   u16   where a cell starts, in the order of the keys; room for the next multiple of 32 of them
 *  head   u64   8 bytes of that cell's key behind the first {@code prefix} ones, zero padded, as a big-endian number:
 *               in their unsigned order before the keys are looked at. Keys whose heads are equal are compared whole
 *
 *   0                14    16              32
 *  +----------------+-----+---------------+-------------- - - --+-------------- - - --+
 *  | key bytes      |form | value bytes   | key, whole          | value               |     a cell; 14, 2 and 16 bits
 *  +----------------+-----+---------------+-------------- - - --+-------------- - - --+
 * </pre>
 *
 * <ul>
 *   <li>{@code low} and {@code high} are the lengths of the fence keys at the end of the page: every key that belongs
 *       here, whether it is here or not, is at least the one and below the other. Length 0: no fence on that side.
 *       A fence says what the page is for without its parent, so a lookup that took a wrong turn is noticed.
 *   <li>{@code prefix}: bytes that all keys begin with. With two fences it is what these have in common, and a key that
 *       belongs here has it, too; otherwise ({@link #PREFIX_OF_KEYS}) it is what the keys have in common, and a search
 *       must compare it.
 *   <li>{@code level}: 0 in a leaf, one more from each child to its parent: no descent can run in a circle.
 *   <li>{@code cells}: where the area of the cells starts; {@code dead}: bytes in it that belong to no cell.
 *   <li>The key of a branch's first cell is empty, whatever its low fence: nothing is smaller.
 *   <li>The type in the page's own header tells the level a page was allocated for; a root keeps it when it grows.
 * </ul>
 */
final class NodeLayout {

    /** Cells, 2 bytes. */
    static final int COUNT = PageLayout.HEADER_BYTES;

    /** Height above the leaves, 1 byte. */
    static final int LEVEL = COUNT + Short.BYTES;

    /** {@link #PREFIX_OF_KEYS} or 0, 1 byte. */
    static final int FLAGS = LEVEL + Byte.BYTES;

    /** Bytes of every key that the heads leave out, 2 bytes. */
    static final int PREFIX = FLAGS + Byte.BYTES;

    /** Length of the low fence, 2 bytes. */
    static final int LOW = PREFIX + Short.BYTES;

    /** Length of the high fence, 2 bytes. */
    static final int HIGH = LOW + Short.BYTES;

    /** Offset of the lowest cell, 4 bytes: a page of 64 KiB without cells has 65536 here. */
    static final int CELLS = HIGH + 2 * Short.BYTES;

    /** Bytes between {@link #CELLS} and the fences that no slot leads to, 4 bytes. */
    static final int DEAD = CELLS + Integer.BYTES;

    /** The first slot. */
    static final int SLOTS = DEAD + Integer.BYTES + Integer.BYTES + Long.BYTES;

    /** Bytes before the key in a cell. */
    static final int CELL_HEADER = 2 * Short.BYTES;

    /** The prefix was taken from the keys: one that is searched for need not have it. */
    static final int PREFIX_OF_KEYS = 1;

    /** Bits of a cell's first word that hold the length of its key. */
    static final int KEY_BITS = 14;

    /** Masks the length of the key in a cell's first word. */
    static final int KEY_MASK = (1 << KEY_BITS) - 1;

    /** The highest level there may be. Half full branches hold two children at the least: no disk is that large. */
    static final int LEVEL_MAX = 39;

    private static final int SLOT_STEP = 64; // bytes: slots and heads start on cache lines, heads move seldom

    static {
        if (SLOTS != 64 || CELLS % Integer.BYTES != 0 || CELL_HEADER != Integer.BYTES) {
            throw new AssertionError("slots=" + SLOTS + " cells=" + CELLS);
        }
        if (keyBytesMax(PageLayout.PAGE_BYTES_MAX) > KEY_MASK) {
            throw new AssertionError("a key's length does not fit its bits");
        }
        for (int size = PageLayout.PAGE_BYTES_MIN; size <= PageLayout.PAGE_BYTES_MAX; size *= 2) {
            int key = keyBytesMax(size);
            if (arraysEnd(4) + 4 * (CELL_HEADER + key + Long.BYTES) + 2 * key > size) {
                throw new AssertionError("four longest keys and their fences must fit a branch of " + size);
            }
            if (arraysEnd(2) + 2 * cellBytesMax(size) > size || arraysEnd(1) + cellBytesMax(size) + 2 * key > size) {
                throw new AssertionError("two largest cells, or one with its fences, must fit a leaf of " + size);
            }
        }
    }

    private NodeLayout() {}

    /** The longest key, in bytes. */
    static int keyBytesMax(int pageSize) {
        return pageSize / 8 - 32;
    }

    /** The largest cell of a leaf: a record that would need a larger one keeps its value in an extent. */
    static int cellBytesMax(int pageSize) {
        return pageSize / 2 - 128;
    }

    /** Where the heads start in a page of {@code count} cells. */
    static int heads(int count) {
        return SLOTS + (Short.BYTES * count + SLOT_STEP - 1 & -SLOT_STEP);
    }

    /** Where the heads of a page of {@code count} cells end. */
    static int arraysEnd(int count) {
        return heads(count) + Long.BYTES * count;
    }

    /** Bytes of slots and heads that one more cell takes. */
    static int arrayGrowth(int count) {
        return arraysEnd(count + 1) - arraysEnd(count);
    }

    /** Where, in a page, slot {@code index} is. */
    static int slot(int index) {
        return SLOTS + Short.BYTES * index;
    }
}

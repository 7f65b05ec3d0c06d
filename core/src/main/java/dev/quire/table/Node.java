package dev.quire.table;

import dev.quire.io.page.PageLayout;
import dev.quire.io.page.PageRef;
import java.nio.ByteBuffer;

/**
 * A page of a tree, to be searched: a flyweight over the place that {@link #ref} was filled with. Whatever the page
 * holds, nothing outside of it is read: what could lead out is checked where it is used, and is {@link Damage}.
 */
class Node {

    private static final int LINE_BYTES = 64;
    private static final int TOUCHED_BYTES = 10 * LINE_BYTES;

    /** Where the page is; to be filled before {@link #open}. */
    final PageRef ref = new PageRef();

    ByteBuffer base;
    int at;
    int size;
    long page;
    int count;
    int level;
    int prefix;
    boolean prefixOfKeys;
    int heads; // in base
    int touched;

    // the cell that was selected last
    int cell; // in the page
    int keyLength;
    int valueLength;
    int form;

    /**
     * Takes the page over that {@link #ref} leads to.
     *
     * @param page its number, for messages
     * @param level the level it must have, negative for any
     */
    @SuppressWarnings("ReferenceEquality")
    final void open(long page, int pageSize, int level) {
        this.page = page;
        if (base != ref.base) {
            base = ref.base; // only if it must be, see PageRef.set
        }
        at = ref.offset;
        size = ref.length;
        touch();
        int type = base.get(at + PageLayout.TYPE_OFFSET);
        if (size != pageSize || type != PageLayout.TYPE_LEAF && type != PageLayout.TYPE_BRANCH) {
            throw Damage.at(page, "type=" + type + " length=" + size + ", no page of a tree");
        }
        long header = base.getLong(at + NodeLayout.COUNT);
        count = (int) header & 0xFFFF;
        this.level = (int) (header >>> 16) & 0xFF;
        prefixOfKeys = (header >>> 24 & NodeLayout.PREFIX_OF_KEYS) != 0;
        prefix = (int) (header >>> 32) & 0xFFFF;
        heads = at + NodeLayout.heads(count);
        if (heads + Long.BYTES * count > at + size || this.level > 0 && count == 0) {
            throw Damage.at(page, "level=" + this.level + " count=" + count);
        }
        if (level >= 0 ? this.level != level : this.level > NodeLayout.LEVEL_MAX) {
            throw Damage.at(page, "level=" + this.level + ", expected " + level);
        }
    }

    /**
     * Asks for the lines that hold most slots and heads before the header has said how many there are: memory answers
     * them together, not one after the other. In a million records that is a fifth of the time of a lookup.
     */
    private void touch() {
        final ByteBuffer bytes = base;
        final int from = at + NodeLayout.SLOTS;
        if (size >= TOUCHED_BYTES + NodeLayout.SLOTS) {
            int sum = 0;
            for (int line = 0; line < TOUCHED_BYTES; line += LINE_BYTES) {
                sum += bytes.get(from + line);
            }
            touched = sum; // a use, or the loads would be left out
        }
    }

    /** Whether records are here, not children. */
    final boolean isLeaf() {
        return level == 0;
    }

    /** The first slot with a key to compare: that of a branch's first cell is smaller than all. */
    final int firstKey() {
        return level == 0 ? 0 : 1;
    }

    /** The slot of a key, which is selected then; or the complement of the slot it would have. */
    final int search(Key key) {
        int low = level == 0 ? 0 : 1;
        int high = count;
        if (prefixOfKeys && prefix > 0 && low < high) {
            int order = comparePrefix(key);
            if (order != 0) {
                return order < 0 ? ~low : ~high;
            }
        }
        int found = lowerBound(key.head(prefix), low, high);
        if (found < high && base.getLong(heads + (found << 3)) >>> 1 == key.head(prefix) >>> 1) {
            return searchTies(key, found, high);
        }
        return ~found;
    }

    /**
     * The first slot in {@code [low, high)} whose head, without its last bit, is not below this one. Halves until some
     * cache lines are left, then looks at one head in each of these lines at once, then at the heads in one line: loads
     * that do not wait for one another nor for a guess of the processor. Without the last bit a difference has the sign
     * of the comparison.
     */
    private int lowerBound(long head, int low, int high) {
        final ByteBuffer bytes = base;
        final int from = heads;
        final long half = head >>> 1;
        while (high - low > 64) {
            int middle = low + high >>> 1;
            if ((bytes.getLong(from + (middle << 3)) >>> 1) < half) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        int lines = 0;
        for (int i = from + (low + 7 << 3), end = from + (high << 3); i < end; i += 64) {
            lines += (int) ((bytes.getLong(i) >>> 1) - half >>> 63);
        }
        low += lines << 3;
        int end = Math.min(low + 8, high);
        int below = 0;
        for (int i = low; i < end; i++) {
            below += (int) ((bytes.getLong(from + (i << 3)) >>> 1) - half >>> 63);
        }
        return low + below;
    }

    /** Searches among heads that may be equal to the key's: only the keys themselves tell. */
    private int searchTies(Key key, int low, int high) {
        final ByteBuffer bytes = base;
        final int from = heads;
        final long head = key.head(prefix);
        int middle = low;
        while (low < high) {
            int order = Long.compareUnsigned(head, bytes.getLong(from + (middle << 3)));
            if (order == 0) {
                order = compare(key, middle);
                if (order == 0) {
                    return middle;
                }
            }
            if (order > 0) {
                low = middle + 1;
            } else {
                high = middle;
            }
            middle = low + high >>> 1;
        }
        return ~low;
    }

    private int comparePrefix(Key key) {
        select(count - 1);
        if (keyLength < prefix) {
            throw Damage.at(page, "prefix=" + prefix + " but the last key has " + keyLength + " bytes");
        }
        return key.compareToPrefix(base, keyAt(), prefix);
    }

    /** Order of a key against the one in a slot, which is selected. */
    final int compare(Key key, int slot) {
        select(slot);
        return key.compareTo(base, keyAt(), keyLength);
    }

    /** The slot of the child that a key belongs to. */
    final int childSlot(Key key) {
        int found = search(key);
        return found >= 0 ? found : ~found - 1;
    }

    /** Makes the cell of a slot, which must be below {@link #count}, the selected one. */
    final void select(int slot) {
        int start = base.getShort(at + NodeLayout.slot(slot)) & 0xFFFF;
        if (start < NodeLayout.SLOTS || start > size - NodeLayout.CELL_HEADER) {
            throw Damage.at(page, "slot=" + slot + " cell=" + start);
        }
        int word = base.getInt(at + start);
        cell = start;
        keyLength = word & NodeLayout.KEY_MASK;
        form = word >>> NodeLayout.KEY_BITS & 3;
        valueLength = word >>> 16;
        if (start + NodeLayout.CELL_HEADER + keyLength + valueLength > size) {
            throw Damage.at(page, "slot=" + slot + " cell=" + start + " bytes=" + cellBytes() + " leave the page");
        }
    }

    /** Where, in {@link #base}, the selected key is. */
    final int keyAt() {
        return at + cell + NodeLayout.CELL_HEADER;
    }

    /** Where, in {@link #base}, the selected value is. */
    final int valueAt() {
        return at + cell + NodeLayout.CELL_HEADER + keyLength;
    }

    /** Bytes of the selected cell. */
    final int cellBytes() {
        return NodeLayout.CELL_HEADER + keyLength + valueLength;
    }

    /** The page of the child in a slot, which is selected. */
    final long child(int slot) {
        select(slot);
        if (valueLength != Long.BYTES) {
            throw Damage.at(page, "slot=" + slot + " of a branch holds " + valueLength + " bytes, no child");
        }
        return base.getLong(valueAt());
    }

    /** Copies the key of a slot, which is selected. */
    final void key(int slot, Key into) {
        select(slot);
        into.set(base, keyAt(), keyLength);
    }

    /** Copies the fence below all keys; empty if there is none. */
    final void lowFence(Key into) {
        int low = lowLength();
        into.set(base, fence(low + highLength()), low);
    }

    /** Copies the fence above all keys; empty if there is none. */
    final void highFence(Key into) {
        int high = highLength();
        into.set(base, fence(high), high);
    }

    private int fence(int bytesToEnd) {
        if (bytesToEnd > size - NodeLayout.SLOTS) {
            throw Damage.at(page, "fences of " + bytesToEnd + " bytes");
        }
        return at + size - bytesToEnd;
    }

    final int lowLength() {
        return base.getShort(at + NodeLayout.LOW) & 0xFFFF;
    }

    final int highLength() {
        return base.getShort(at + NodeLayout.HIGH) & 0xFFFF;
    }

    /** Whether a key lies between the fences. */
    final boolean covers(Key key) {
        int high = highLength();
        int low = lowLength();
        if (high > 0 && key.compareTo(base, fence(high), high) >= 0) {
            return false;
        }
        return low == 0 || key.compareTo(base, fence(low + high), low) >= 0;
    }

    /** Whether a key lies between the fences or is the high one, where what belongs here ends. */
    final boolean reaches(Key key) {
        int high = highLength();
        return covers(key) || high > 0 && key.compareTo(base, fence(high), high) == 0;
    }

    /** Bytes that cells, slots, heads and fences take, as the header has it. */
    final int used() {
        int free = base.getInt(at + NodeLayout.CELLS) - NodeLayout.arraysEnd(count) + base.getInt(at + NodeLayout.DEAD);
        return size - NodeLayout.SLOTS - free;
    }

    /** Bytes of all cells, as the header has it. */
    final int liveBytes() {
        return size
                - lowLength()
                - highLength()
                - base.getInt(at + NodeLayout.CELLS)
                - base.getInt(at + NodeLayout.DEAD);
    }

    /** Bytes of the cells in slots {@code [from, to)}. */
    final int cellsBytes(int from, int to) {
        int sum = 0;
        for (int slot = from; slot < to; slot++) {
            select(slot);
            sum += cellBytes();
        }
        return sum;
    }
}

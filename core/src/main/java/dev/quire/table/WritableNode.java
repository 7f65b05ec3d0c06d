package dev.quire.table;

import java.nio.ByteBuffer;

/**
 * A page of a tree, to be changed in place. Callers see to it that what they put in {@linkplain #fits fits}; a page
 * whose own counts turn out to be wrong is {@link Damage}, found before anything outside of it is written.
 */
final class WritableNode extends Node {

    private int cells;
    private int dead;
    private int fences;

    /** Takes over the page that {@link #ref} leads to; it must have been asked for to be changed. */
    void openToChange(long page, int pageSize, int level) {
        open(page, pageSize, level);
        cells = base.getInt(at + NodeLayout.CELLS);
        dead = base.getInt(at + NodeLayout.DEAD);
        fences = lowLength() + highLength();
        int end = size - fences;
        if (cells < NodeLayout.arraysEnd(count) || cells > end || dead < 0 || dead > end - cells) {
            throw Damage.at(page, "cells=" + cells + " dead=" + dead + " fences=" + fences + " count=" + count);
        }
    }

    /** Makes the page an empty node; {@link #ref} must lead to it. An empty fence is none. */
    void reset(long page, int level, Key low, Key high) {
        this.page = page;
        base = ref.base;
        at = ref.offset;
        size = ref.length;
        this.level = level;
        prefixOfKeys = low.isEmpty() || high.isEmpty();
        fences = low.length + high.length;
        if (NodeLayout.SLOTS + fences > size) {
            throw Damage.at(page, "fences of " + fences + " bytes");
        }
        base.put(at + NodeLayout.LEVEL, (byte) level);
        base.put(at + NodeLayout.FLAGS, (byte) (prefixOfKeys ? NodeLayout.PREFIX_OF_KEYS : 0));
        base.putShort(at + NodeLayout.LOW, (short) low.length);
        base.putShort(at + NodeLayout.HIGH, (short) high.length);
        base.putShort(at + NodeLayout.HIGH + Short.BYTES, (short) 0);
        base.putInt(at + NodeLayout.DEAD + Integer.BYTES, 0);
        base.putLong(at + NodeLayout.SLOTS - Long.BYTES, 0);
        base.put(at + size - fences, low.bytes, 0, low.length);
        base.put(at + size - high.length, high.bytes, 0, high.length);
        setPrefix(prefixOfKeys ? 0 : low.commonWith(high));
        setCount(0);
        setCells(size - fences, 0);
    }

    /** Bytes that cells may still take, slots and heads included, once the page is compacted. */
    int free() {
        return cells - NodeLayout.arraysEnd(count) + dead;
    }

    /** Whether a cell of {@code cellBytes} finds room. */
    boolean fits(int cellBytes) {
        return cellBytes + NodeLayout.arrayGrowth(count) <= free();
    }

    /** Whether the value in the selected cell may be replaced by one that makes the cell {@code cellBytes} long. */
    boolean fitsInstead(int cellBytes) {
        return cellBytes <= free() + cellBytes();
    }

    /** Puts a cell in front of {@code slot}; it must {@linkplain #fits fit}. */
    void insert(int slot, Key key, int form, byte[] value, int valueOffset, int valueLength, TreeScratch scratch) {
        int bytes = NodeLayout.CELL_HEADER + key.length + valueLength;
        if (bytes + NodeLayout.arrayGrowth(count) > cells - NodeLayout.arraysEnd(count)) {
            compact(-1, scratch);
            if (bytes + NodeLayout.arrayGrowth(count) > cells - NodeLayout.arraysEnd(count)) {
                throw Damage.at(page, "less room than dead=" + dead + " promised");
            }
        }
        if (prefixOfKeys) {
            adaptPrefix(key);
        }
        openSlot(slot);
        place(slot, key, form, value, valueOffset, valueLength);
        base.putLong(heads + Long.BYTES * slot, key.head(prefix));
    }

    /** Writes a cell at the low end of the cells and lets the slot point there. */
    private void place(int slot, Key key, int form, byte[] value, int valueOffset, int valueLength) {
        int start = cells - (NodeLayout.CELL_HEADER + key.length + valueLength);
        base.putInt(at + start, key.length | form << NodeLayout.KEY_BITS | valueLength << 16);
        base.put(at + start + NodeLayout.CELL_HEADER, key.bytes, 0, key.length);
        base.put(at + start + NodeLayout.CELL_HEADER + key.length, value, valueOffset, valueLength);
        base.putShort(at + NodeLayout.slot(slot), (short) start);
        setCells(start, dead);
    }

    /** Makes sure that a key which is about to come in begins with the prefix. */
    private void adaptPrefix(Key key) {
        if (key.isEmpty()) {
            return;
        }
        if (count <= firstKey()) {
            setPrefix(key.length);
            return;
        }
        select(count - 1);
        int common = key.commonWith(base, keyAt(), Math.min(prefix, keyLength));
        if (common < prefix) {
            setPrefix(common);
            writeHeads();
        }
    }

    /** Writes every head anew, after the prefix has changed. */
    private void writeHeads() {
        for (int slot = firstKey(); slot < count; slot++) {
            select(slot);
            base.putLong(heads + Long.BYTES * slot, head());
        }
    }

    /** The head of the selected key. */
    private long head() {
        int length = keyLength - prefix;
        int from = keyAt() + prefix;
        if (length >= Long.BYTES) {
            return Long.reverseBytes(base.getLong(from));
        }
        long head = 0;
        for (int i = 0; i < length; i++) {
            head |= (base.get(from + i) & 0xFFL) << 56 - Byte.SIZE * i;
        }
        return head;
    }

    /** Makes room for a slot and its head; both arrays may move. */
    private void openSlot(int slot) {
        int to = at + NodeLayout.heads(count + 1);
        move(heads + Long.BYTES * slot, to + Long.BYTES * (slot + 1), Long.BYTES * (count - slot));
        move(heads, to, Long.BYTES * slot);
        int slots = at + NodeLayout.slot(slot);
        move(slots, slots + Short.BYTES, Short.BYTES * (count - slot));
        setCount(count + 1);
    }

    /** Removes the cells of slots {@code [from, to)}. */
    void remove(int from, int to) {
        int left = count - (to - from);
        if (left == 0) {
            setCount(0);
            setCells(size - fences, 0);
            return;
        }
        for (int slot = from; slot < to; slot++) {
            select(slot);
            release(cellBytes());
        }
        int slots = at + NodeLayout.SLOTS;
        move(slots + Short.BYTES * to, slots + Short.BYTES * from, Short.BYTES * (count - to));
        int target = at + NodeLayout.heads(left);
        move(heads, target, Long.BYTES * from);
        move(heads + Long.BYTES * to, target + Long.BYTES * from, Long.BYTES * (count - to));
        setCount(left);
    }

    /** Gives the bytes of the selected cell, or its last ones, up. */
    private void release(int bytes) {
        if (bytes == cellBytes() && cell == cells) {
            setCells(cells + bytes, dead);
        } else {
            setCells(cells, dead + bytes);
        }
        if (dead > size - fences - cells || cells > size - fences) {
            throw Damage.at(page, "cells lie over one another");
        }
    }

    /** Replaces the value in a slot; it must {@linkplain #fitsInstead fit}. In place if it is no longer than before. */
    void replace(int slot, Key key, int form, byte[] value, int valueOffset, int valueLength, TreeScratch scratch) {
        select(slot);
        if (valueLength <= this.valueLength) {
            base.put(valueAt(), value, valueOffset, valueLength);
            if (valueLength != this.valueLength || form != this.form) {
                base.putInt(at + cell, keyLength | form << NodeLayout.KEY_BITS | valueLength << 16);
                setCells(cells, dead + this.valueLength - valueLength);
            }
            return;
        }
        int bytes = NodeLayout.CELL_HEADER + keyLength + valueLength;
        if (bytes <= cells - NodeLayout.arraysEnd(count)) {
            release(cellBytes());
        } else {
            compact(slot, scratch);
            if (bytes > cells - NodeLayout.arraysEnd(count)) {
                throw Damage.at(page, "less room than dead=" + dead + " promised");
            }
        }
        place(slot, key, form, value, valueOffset, valueLength);
    }

    /** Makes the key of a branch's first cell, which lost its left neighbours, smaller than all. */
    void dropFirstKey() {
        long child = child(0);
        base.putInt(at + cell, Long.BYTES << 16);
        base.putLong(at + cell + NodeLayout.CELL_HEADER, child);
        base.putLong(heads, 0);
        setCells(cells, dead + keyLength);
    }

    /** Pushes the cells together at their high end, all but that of slot {@code without}. */
    private void compact(int without, TreeScratch memory) {
        ByteBuffer scratch = memory.spare();
        scratch.put(0, base, at, size);
        int floor = NodeLayout.arraysEnd(count);
        int end = size - fences;
        for (int slot = 0; slot < count; slot++) {
            if (slot == without) {
                continue;
            }
            int start = scratch.getShort(NodeLayout.slot(slot)) & 0xFFFF;
            int word = start <= size - NodeLayout.CELL_HEADER ? scratch.getInt(start) : -1;
            int bytes = NodeLayout.CELL_HEADER + (word & NodeLayout.KEY_MASK) + (word >>> 16);
            end -= bytes;
            if (end < floor || start + bytes > size) {
                throw Damage.at(page, "its cells do not fit it");
            }
            base.put(at + end, scratch, start, bytes);
            base.putShort(at + NodeLayout.slot(slot), (short) end);
        }
        setCells(end, 0);
    }

    /** Appends cells of another node, which must lie behind all that are here; {@link #finish} must follow. */
    void append(Node source, int from, int to) {
        for (int slot = from; slot < to; slot++) {
            source.select(slot);
            int bytes = source.cellBytes();
            int start = startOfNext(bytes);
            base.put(at + start, source.base, source.at + source.cell, bytes);
            base.putShort(at + NodeLayout.slot(count), (short) start);
            count++;
        }
    }

    /** Appends a child behind all cells that are here; {@link #finish} must follow. */
    void append(Key key, long child) {
        int start = startOfNext(NodeLayout.CELL_HEADER + key.length + Long.BYTES);
        base.putInt(at + start, key.length | Long.BYTES << 16);
        base.put(at + start + NodeLayout.CELL_HEADER, key.bytes, 0, key.length);
        base.putLong(at + start + NodeLayout.CELL_HEADER + key.length, child);
        base.putShort(at + NodeLayout.slot(count), (short) start);
        count++;
    }

    private int startOfNext(int bytes) {
        cells -= bytes;
        if (cells < NodeLayout.arraysEnd(count + 1)) {
            throw Damage.at(page, "cells do not fit the page they are moved to");
        }
        return cells;
    }

    /** Ends a series of {@link #append}: writes counts, prefix and heads. */
    void finish() {
        setCount(count);
        setCells(cells, 0);
        int first = firstKey();
        if (prefixOfKeys && first < count) {
            select(count - 1);
            int last = keyAt();
            int most = keyLength;
            select(first);
            int common = 0;
            while (common < Math.min(most, keyLength) && base.get(last + common) == base.get(keyAt() + common)) {
                common++;
            }
            setPrefix(common);
        }
        if (first == 1 && count > 0) {
            base.putLong(heads, 0);
        }
        writeHeads();
    }

    private void setCount(int count) {
        this.count = count;
        heads = at + NodeLayout.heads(count);
        base.putShort(at + NodeLayout.COUNT, (short) count);
    }

    private void setCells(int cells, int dead) {
        this.cells = cells;
        this.dead = dead;
        base.putInt(at + NodeLayout.CELLS, cells);
        base.putInt(at + NodeLayout.DEAD, dead);
    }

    private void setPrefix(int prefix) {
        this.prefix = prefix;
        base.putShort(at + NodeLayout.PREFIX, (short) prefix);
    }

    private void move(int from, int to, int bytes) {
        if (bytes > 0 && from != to) {
            base.put(to, base, from, bytes);
        }
    }
}

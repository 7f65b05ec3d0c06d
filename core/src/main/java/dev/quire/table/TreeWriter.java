package dev.quire.table;

import dev.quire.io.LimitException;
import dev.quire.io.QuireError;
import dev.quire.io.page.PageLayout;
import dev.quire.pages.PageWriter;
import org.agrona.DirectBuffer;

/**
 * Changes a tree within the one write transaction. Keys and values are copied; where they come from may be a view of
 * the same tree. Nothing is allocated on the heap by a put that fits its page. Not for several threads.
 *
 * <p>A fault, be it of the disk, of a limit or of what the pages hold, may end a method in the middle of a change to
 * several pages. The tree {@linkplain #isWhole is not whole} then: every later change is refused, and the transaction
 * must not be committed. Every method may raise {@link dev.quire.io.CorruptionException}.
 */
public final class TreeWriter {

    private static final int ATTEMPTS_MAX = 8 * NodeLayout.LEVEL_MAX;

    private final PageWriter writer;
    private final Tree tree;
    private final TreeEdit edit;
    private final Balance balance;
    private final Splits splits;
    private final Merges merges;
    private final RangeRemoval ranges;
    private final Key key = new Key();
    private final Key end = new Key();
    private final ValueSource source = new ValueSource();

    private long lastLeaf = -1; // where the last record came in, to tell a row of them
    private int lastSlot;

    /** Changes the tree whose root is in page {@code root}. */
    public TreeWriter(PageWriter writer, long root) {
        this(writer, root, new TreeScratch(writer.pageSize()));
    }

    /** The same with memory shared with others that are not at work at the same time. */
    public TreeWriter(PageWriter writer, long root, TreeScratch scratch) {
        if (scratch.pageSize != writer.pageSize()) {
            throw new IllegalArgumentException(
                    "scratchPageSize=" + scratch.pageSize + " pageSize=" + writer.pageSize());
        }
        this.writer = writer;
        tree = new Tree(writer, root);
        tree.changeable = true;
        edit = new TreeEdit(writer, tree, scratch);
        balance = new Balance(edit);
        splits = new Splits(edit);
        merges = new Merges(edit);
        ranges = new RangeRemoval(edit, merges);
    }

    /** Makes a tree without entries; returns the page of its root. */
    public static long create(PageWriter writer) {
        WritableNode node = new WritableNode();
        long root = writer.allocate(PageLayout.TYPE_LEAF, node.ref);
        node.reset(root, 0, new Key(), new Key());
        return root;
    }

    /** The same tree, to be read within this transaction; its cursors keep their places while it is changed. */
    public Tree tree() {
        return tree;
    }

    /**
     * Begins anew, after the transaction before has ended in whatever way and its {@link PageWriter} stands for another
     * one: writers may be kept from one transaction to the next.
     */
    public void reset() {
        edit.end();
        lastLeaf = -1;
        tree.changes++;
    }

    /** Whether no method was cut short in the middle of a change: if not, the transaction must not be committed. */
    public boolean isWhole() {
        return !edit.isTorn();
    }

    /**
     * Puts a value, in the place of another one if the key has one.
     *
     * @return whether the key is new
     * @throws IllegalArgumentException if the key is empty
     * @throws LimitException if the key is longer than {@link Tree#keyBytesMax} ({@code KEY_TOO_BIG}) or the value
     *     longer than {@link Tree#valueBytesMax}
     */
    public boolean put(byte[] key, byte[] value) {
        this.key.set(key, 0, tree.checkKey(key.length));
        source.set(value);
        return put();
    }

    /** The same for key and value in buffers; a value may have 0 bytes. */
    public boolean put(
            DirectBuffer key, int keyOffset, int keyLength, DirectBuffer value, int valueOffset, int valueLength) {
        this.key.set(key, keyOffset, tree.checkKey(keyLength));
        source.set(value, valueOffset, valueLength);
        return put();
    }

    /**
     * Puts a value, if the key has none.
     *
     * @return whether it was put
     */
    public boolean putIfAbsent(byte[] key, byte[] value) {
        return !contains(key) && put(key, value);
    }

    /** The same for key and value in buffers. */
    public boolean putIfAbsent(
            DirectBuffer key, int keyOffset, int keyLength, DirectBuffer value, int valueOffset, int valueLength) {
        this.key.set(key, keyOffset, tree.checkKey(keyLength));
        return !contains() && put(key, keyOffset, keyLength, value, valueOffset, valueLength);
    }

    /**
     * Deletes a key.
     *
     * @return whether it was there
     */
    public boolean delete(byte[] key) {
        this.key.set(key, 0, tree.checkKey(key.length));
        return delete();
    }

    /** The same for a key in a buffer. */
    public boolean delete(DirectBuffer key, int offset, int length) {
        this.key.set(key, offset, tree.checkKey(length));
        return delete();
    }

    /**
     * Deletes all keys from {@code from} up to, not including, {@code to}; null is no bound on that side.
     *
     * @return how many there were
     */
    public long deleteRange(byte[] from, byte[] to) {
        key.clear();
        end.clear();
        if (from != null) {
            key.set(from, 0, tree.checkKey(from.length));
        }
        if (to != null) {
            end.set(to, 0, tree.checkKey(to.length));
        }
        return deleteRange();
    }

    /** The same for keys in buffers; a null buffer is no bound on that side. */
    public long deleteRange(
            DirectBuffer from, int fromOffset, int fromLength, DirectBuffer to, int toOffset, int toLength) {
        key.clear();
        end.clear();
        if (from != null) {
            key.set(from, fromOffset, tree.checkKey(fromLength));
        }
        if (to != null) {
            end.set(to, toOffset, tree.checkKey(toLength));
        }
        return deleteRange();
    }

    /** Deletes all entries; returns how many there were. */
    public long clear() {
        return deleteRange((byte[]) null, null);
    }

    /** Deletes all entries and frees the root: neither this nor the tree may be used any more. */
    public void drop() {
        clear();
        edit.begin(); // and no end: nothing may follow
        writer.free(tree.root);
    }

    private boolean contains(byte[] key) {
        this.key.set(key, 0, tree.checkKey(key.length));
        return contains();
    }

    private boolean contains() {
        checkWhole();
        try {
            edit.descend(key);
            return edit.node.search(key) >= 0;
        } catch (IndexOutOfBoundsException fault) {
            throw Damage.from(edit.node.page, fault);
        }
    }

    private boolean put() {
        try {
            checkWhole();
            if (NodeLayout.CELL_HEADER + key.length + (long) source.length > NodeLayout.cellBytesMax(tree.pageSize)) {
                return putLong();
            }
            byte[] value = source.array;
            if (value == null) {
                value = edit.scratch.chunk();
                source.copy(0, value, source.length);
            }
            return place(ValueLayout.INLINE, value, 0, source.length);
        } finally {
            source.clear();
        }
    }

    private boolean putLong() {
        if (source.length > ValueLayout.VALUE_BYTES_MAX) {
            String message = "valueLength=" + source.length + " valueBytesMax=" + ValueLayout.VALUE_BYTES_MAX;
            throw new LimitException(QuireError.RECORD_TOO_BIG, null, message, null);
        }
        Extents extents = edit.extents;
        extents.write(source);
        try {
            return place(extents.form, extents.reference, 0, extents.referenceBytes);
        } catch (RuntimeException fault) {
            extents.discard(fault);
            throw fault;
        }
    }

    /** Puts what the cell of a record is to hold, splitting pages until it fits. */
    private boolean place(int form, byte[] value, int offset, int length) {
        try {
            int cellBytes = NodeLayout.CELL_HEADER + key.length + length;
            for (int attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
                edit.descend(key);
                WritableNode leaf = leafToChange();
                int slot = leaf.search(key);
                if (slot >= 0 && leaf.fitsInstead(cellBytes)) {
                    replace(leaf, slot, form, value, offset, length);
                    return false;
                }
                if (slot < 0 && leaf.fits(cellBytes)) {
                    insert(leaf, ~slot, form, value, offset, length);
                    return true;
                }
                makeRoom(leaf, slot, cellBytes, attempt == 0);
            }
        } catch (IndexOutOfBoundsException fault) {
            throw Damage.from(edit.target.page, fault);
        }
        throw Damage.at(tree.root, "no split makes room");
    }

    /** Makes more room where a record is to go; the way there must be gone again then. */
    private void makeRoom(Node leaf, int slot, int cellBytes, boolean first) {
        Splits.Row row = slot < 0 ? row(leaf, ~slot) : Splits.Row.NONE;
        if (row != Splits.Row.NONE || !first || !balance.share()) {
            splits.splitLeaf(key, slot < 0 ? ~slot : -1, cellBytes, row);
        }
    }

    /** The leaf at the end of the way; its copy was verified, so now it counts that the key belongs there. */
    private WritableNode leafToChange() {
        WritableNode leaf = edit.target;
        edit.change(leaf, edit.path.pages[edit.path.leaf], 0);
        edit.checkFences(leaf, key);
        return leaf;
    }

    private void replace(WritableNode leaf, int slot, int form, byte[] value, int offset, int length) {
        edit.extents.doom(leaf);
        edit.begin();
        leaf.replace(slot, key, form, value, offset, length, edit.scratch);
        edit.extents.keep();
        edit.end();
        edit.extents.freeDoomed();
    }

    private void insert(WritableNode leaf, int slot, int form, byte[] value, int offset, int length) {
        edit.begin();
        leaf.insert(slot, key, form, value, offset, length, edit.scratch);
        edit.extents.keep();
        edit.end();
        lastLeaf = leaf.page;
        lastSlot = slot;
    }

    /** Whether a record that finds no room continues a row. */
    private Splits.Row row(Node leaf, int slot) {
        boolean near = leaf.page == lastLeaf;
        if (near && slot == lastSlot + 1 || slot == leaf.count && leaf.highLength() == 0) {
            return Splits.Row.UPWARD;
        }
        boolean downward = near && slot == lastSlot || slot == 0 && leaf.lowLength() == 0;
        return downward ? Splits.Row.DOWNWARD : Splits.Row.NONE;
    }

    private boolean delete() {
        checkWhole();
        try {
            edit.descend(key);
            edit.checkFences(edit.node, key);
            if (edit.node.search(key) < 0) {
                return false;
            }
            TreePath path = edit.path;
            WritableNode leaf = leafToChange();
            int slot = leaf.search(key);
            if (slot < 0) {
                throw Damage.at(leaf.page, "a key is gone from the page that is to be changed");
            }
            edit.extents.doom(leaf);
            edit.begin();
            leaf.remove(slot, slot + 1);
            if (path.leaf > 0 && leaf.count == 0) {
                merges.removeLeaf();
            } else if (path.leaf > 0 && Merges.isUnderfull(leaf)) {
                merges.settle(path.leaf, false);
            }
            edit.end();
            edit.extents.freeDoomed();
            return true;
        } catch (IndexOutOfBoundsException fault) {
            throw Damage.from(edit.target.page, fault);
        }
    }

    private long deleteRange() {
        checkWhole();
        if (!key.isEmpty() && !end.isEmpty() && key.compareTo(end) >= 0) {
            return 0;
        }
        try {
            return ranges.remove(key, end);
        } catch (IndexOutOfBoundsException fault) {
            throw Damage.from(edit.target.page, fault);
        }
    }

    private void checkWhole() {
        if (edit.isTorn()) {
            throw new IllegalStateException("an earlier fault ended a change of several pages half way: abort");
        }
    }
}

package dev.quire.table;

import dev.quire.io.BytesView;
import org.agrona.DirectBuffer;

/**
 * A place in a {@link Tree}, moved in the order of the keys. It stands on an entry, between two after an exact search
 * that failed or after its entry was deleted, before the first or behind the last. A new one stands before the first.
 *
 * <p>Views of key and value are views of the page: valid until the tree is changed or the transaction ends. In the
 * transaction that changes the tree, a cursor finds its key again at its next use. Steps allocate nothing. Not for
 * several threads. Every method may raise {@link dev.quire.io.CorruptionException}.
 */
public final class TreeCursor {

    private enum State {
        BEFORE,
        ON,
        BETWEEN,
        AFTER
    }

    private final Tree tree;
    private final Node node = new Node();
    private final TreePath path = new TreePath();
    private final TreeValue value = new TreeValue();
    private final Key key = new Key(); // what was sought; while the tree may change, where the cursor is
    private final Key bound = new Key();

    private State state = State.BEFORE;
    private int slot; // the entry; while BETWEEN, the one behind
    private long changes;

    TreeCursor(Tree tree) {
        this.tree = tree;
    }

    /**
     * Stands before the first entry again. Must be called when the tree's {@link dev.quire.pages.PageReader} stands for
     * another transaction than before: cursors may be kept from one to the next.
     */
    public void reset() {
        state = State.BEFORE;
    }

    /** Whether the cursor stands on an entry. */
    public boolean isOn() {
        refresh();
        return state == State.ON;
    }

    /** Moves to the first entry; false if there is none. */
    public boolean first() {
        return edge(false);
    }

    /** Moves to the last entry; false if there is none. */
    public boolean last() {
        return edge(true);
    }

    /** Moves to the next entry; false if there is none: the cursor is behind the last then. */
    public boolean next() {
        refresh();
        try {
            boolean moved = state == State.ON && slot + 1 < node.count ? on(slot + 1) : nextSlowly();
            return moved && remember();
        } catch (IndexOutOfBoundsException fault) {
            throw Damage.from(node.page, fault);
        }
    }

    /** Moves to the previous entry; false if there is none: the cursor is before the first then. */
    public boolean previous() {
        refresh();
        try {
            boolean moved = state == State.ON && slot > 0 ? on(slot - 1) : previousSlowly();
            return moved && remember();
        } catch (IndexOutOfBoundsException fault) {
            throw Damage.from(node.page, fault);
        }
    }

    /** Moves to the first entry whose key is at least this one; false if there is none. */
    public boolean seek(byte[] key) {
        this.key.set(key, 0, tree.checkKey(key.length));
        return seekCeiling();
    }

    /** The same for a key in a buffer. */
    public boolean seek(DirectBuffer key, int offset, int length) {
        this.key.set(key, offset, tree.checkKey(length));
        return seekCeiling();
    }

    /** Moves to this key; false if it is not there: the cursor is where it would be then. */
    public boolean seekExact(byte[] key) {
        this.key.set(key, 0, tree.checkKey(key.length));
        return locate();
    }

    /** The same for a key in a buffer. */
    public boolean seekExact(DirectBuffer key, int offset, int length) {
        this.key.set(key, offset, tree.checkKey(length));
        return locate();
    }

    /** Moves to the last entry whose key is at most this one; false if there is none. */
    public boolean seekFloor(byte[] key) {
        return seekExact(key) || previous();
    }

    /** The same for a key in a buffer. */
    public boolean seekFloor(DirectBuffer key, int offset, int length) {
        return seekExact(key, offset, length) || previous();
    }

    /** Moves to the last entry whose key is below this one; false if there is none. */
    public boolean seekLower(byte[] key) {
        seekExact(key);
        return previous();
    }

    /** The same for a key in a buffer. */
    public boolean seekLower(DirectBuffer key, int offset, int length) {
        seekExact(key, offset, length);
        return previous();
    }

    /**
     * Points at the key.
     *
     * @throws IllegalStateException if the cursor is not on an entry
     */
    public void key(BytesView into) {
        checkOn();
        into.point(node.base, node.keyAt(), node.keyLength);
    }

    /** The key, in an array of its own. */
    public byte[] keyBytes() {
        checkOn();
        byte[] bytes = new byte[node.keyLength];
        node.base.get(node.keyAt(), bytes);
        return bytes;
    }

    /** Bytes of the key. */
    public int keyLength() {
        checkOn();
        return node.keyLength;
    }

    /**
     * Points at the whole value, if it is not longer than an extent; else see {@link #value()}.
     *
     * @throws IllegalStateException if the cursor is not on an entry, or if the value has several parts
     */
    public void value(BytesView into) {
        checkOn();
        if (node.form == ValueLayout.INLINE) {
            into.point(node.base, node.valueAt(), node.valueLength);
        } else {
            value().view(into);
        }
    }

    /** The value: the same object at every call, to be used before the cursor moves. */
    public TreeValue value() {
        checkOn();
        try {
            value.set(tree.reader, node);
            return value;
        } catch (IndexOutOfBoundsException fault) {
            throw Damage.from(node.page, fault);
        }
    }

    /** Bytes of the value, 0 to 1 GiB. */
    public int valueLength() {
        checkOn();
        return node.form == ValueLayout.INLINE ? node.valueLength : value().length();
    }

    private void checkOn() {
        refresh();
        if (state != State.ON) {
            throw new IllegalStateException("the cursor is not on an entry: " + state);
        }
    }

    /** Stands on an entry of the leaf. */
    private boolean on(int slot) {
        node.select(slot);
        this.slot = slot;
        if (state != State.ON) {
            state = State.ON; // only if it must be, see PageRef.set
        }
        return true;
    }

    private boolean off(State state) {
        this.state = state;
        return false;
    }

    /** Keeps the key of the entry, if it might change its place. */
    private boolean remember() {
        if (tree.changeable) {
            key.set(node.base, node.keyAt(), node.keyLength);
        }
        return true;
    }

    private boolean nextSlowly() {
        return switch (state) {
            case ON -> nextLeaf();
            case BETWEEN -> on(slot);
            case BEFORE -> descend(tree.root, 0, -1, false);
            case AFTER -> false;
        };
    }

    private boolean previousSlowly() {
        return switch (state) {
            case ON, BETWEEN -> slot > 0 ? on(slot - 1) : previousLeaf();
            case BEFORE -> false;
            case AFTER -> descend(tree.root, 0, -1, true);
        };
    }

    private boolean edge(boolean last) {
        try {
            changes = tree.changes;
            return descend(tree.root, 0, -1, last) && remember();
        } catch (IndexOutOfBoundsException fault) {
            throw Damage.from(node.page, fault);
        }
    }

    private boolean seekCeiling() {
        if (locate()) {
            return true;
        }
        return next();
    }

    /** Goes to {@link #key}, or to where it would be. */
    private boolean locate() {
        try {
            changes = tree.changes;
            return locateIn();
        } catch (IndexOutOfBoundsException fault) {
            throw Damage.from(node.page, fault);
        }
    }

    private boolean locateIn() {
        state = State.BEFORE;
        long page = tree.root;
        int level = -1;
        int depth = 0;
        while (true) {
            open(page, depth, level);
            if (node.isLeaf()) {
                break;
            }
            int child = node.childSlot(key);
            path.slots[depth++] = child;
            page = node.child(child);
            level = node.level - 1;
        }
        path.leaf = depth;
        int found = node.search(key);
        slot = found >= 0 ? found : ~found;
        if (found >= 0) {
            state = State.ON;
            return true;
        }
        if (slot == node.count && !(node.count > 0 ? nextLeaf() : emptyLeaf(State.AFTER))) {
            return false;
        }
        state = State.BETWEEN;
        return false;
    }

    /** Only a root may be a leaf without entries. */
    private boolean emptyLeaf(State state) {
        if (path.leaf > 0) {
            throw Damage.at(node.page, "an empty leaf");
        }
        return off(state);
    }

    private boolean nextLeaf() {
        node.key(node.count - 1, bound);
        state = State.AFTER; // also after a fault on the way: the node is no leaf then
        int depth = path.leaf - 1;
        for (; depth >= 0; depth--) {
            open(path.pages[depth], depth, path.leaf - depth);
            if (path.slots[depth] + 1 < node.count) {
                break;
            }
        }
        if (depth < 0) {
            return false;
        }
        long child = node.child(++path.slots[depth]);
        descend(child, depth + 1, node.level - 1, false);
        if (bound.compareTo(node.base, node.keyAt(), node.keyLength) >= 0) {
            state = State.AFTER;
            throw Damage.at(node.page, "its first key is not above the last key of the leaf before it");
        }
        return true;
    }

    private boolean previousLeaf() {
        node.key(0, bound);
        state = State.BEFORE;
        int depth = path.leaf - 1;
        while (depth >= 0 && path.slots[depth] == 0) {
            depth--;
        }
        if (depth < 0) {
            return false;
        }
        open(path.pages[depth], depth, path.leaf - depth);
        int left = --path.slots[depth];
        if (left >= node.count) {
            throw Damage.at(node.page, "count=" + node.count + ", was above " + left);
        }
        descend(node.child(left), depth + 1, node.level - 1, true);
        if (bound.compareTo(node.base, node.keyAt(), node.keyLength) <= 0) {
            state = State.BEFORE;
            throw Damage.at(node.page, "its last key is not below the first key of the leaf behind it");
        }
        return true;
    }

    /** Goes down along the first or last children to an entry; false if the tree is empty. */
    private boolean descend(long page, int depth, int level, boolean last) {
        state = last ? State.BEFORE : State.AFTER;
        open(page, depth, level);
        while (!node.isLeaf()) {
            int child = last ? node.count - 1 : 0;
            path.slots[depth++] = child;
            open(node.child(child), depth, node.level - 1);
        }
        path.leaf = depth;
        if (node.count == 0) {
            return emptyLeaf(last ? State.BEFORE : State.AFTER);
        }
        return on(last ? node.count - 1 : 0);
    }

    private void open(long page, int depth, int level) {
        path.pages[depth] = page;
        tree.reader.read(page, node.ref);
        node.open(page, tree.pageSize, level);
    }

    /** Finds the place again after the tree was changed. */
    private void refresh() {
        if (changes == tree.changes) {
            return;
        }
        changes = tree.changes;
        if (state == State.ON || state == State.BETWEEN) {
            locate();
        }
    }
}

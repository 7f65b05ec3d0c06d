package dev.quire.table;

import dev.quire.io.page.PageLayout;
import java.util.Arrays;
import java.util.function.Consumer;

/** Holds one page of a tree against {@link NodeLayout} and against what its parent says belongs there. */
final class NodeCheck {

    private final Node node;
    private final Consumer<String> fault;
    private final Key key = new Key();
    private final Key previous = new Key();
    private final Key low = new Key();
    private final Key high = new Key();

    NodeCheck(Node node, Consumer<String> fault) {
        this.node = node;
        this.fault = fault;
    }

    /** Checks everything in the page; {@code below} and {@code above} are the bounds in the parent, empty for none. */
    void check(boolean root, Key below, Key above) {
        int type = node.base.get(node.at + PageLayout.TYPE_OFFSET);
        int expected = node.isLeaf() ? PageLayout.TYPE_LEAF : PageLayout.TYPE_BRANCH;
        if (!root && type != expected) {
            fault.accept("type=" + type + " but level=" + node.level);
        }
        int flags = node.base.get(node.at + NodeLayout.FLAGS) & ~NodeLayout.PREFIX_OF_KEYS;
        int zero = node.base.getShort(node.at + NodeLayout.HIGH + Short.BYTES)
                | node.base.getInt(node.at + NodeLayout.DEAD + Integer.BYTES);
        if ((flags | zero) != 0 || node.base.getLong(node.at + NodeLayout.SLOTS - Long.BYTES) != 0) {
            fault.accept("not zero where nothing is defined");
        }
        if (!root && node.count == 0) {
            fault.accept("an empty leaf");
        }
        node.lowFence(low);
        node.highFence(high);
        fence("low", low, below);
        fence("high", high, above);
        prefix();
        for (int slot = 0; slot < node.count; slot++) {
            slot(slot, below, above);
        }
        area();
    }

    /** A fence may be missing where it found no room, but it must not be another one. */
    private void fence(String side, Key fence, Key bound) {
        if (!fence.isEmpty() && fence.compareTo(bound) != 0) {
            fault.accept("its " + side + " fence of " + fence.length + " bytes is not the bound in its parent");
        }
    }

    private void prefix() {
        boolean ofKeys = low.isEmpty() || high.isEmpty();
        if (ofKeys != node.prefixOfKeys) {
            fault.accept("prefixOfKeys=" + node.prefixOfKeys + " with fences of " + low.length + ", " + high.length);
        } else if (!ofKeys && node.prefix != low.commonWith(high)) {
            fault.accept("prefix=" + node.prefix + " but the fences have " + low.commonWith(high) + " in common");
        }
    }

    private void slot(int slot, Key below, Key above) {
        node.key(slot, key);
        long head = node.base.getLong(node.heads + Long.BYTES * slot);
        if (slot < node.firstKey()) {
            if (!key.isEmpty() || head != 0) {
                fault.accept("the first key of a branch has " + key.length + " bytes");
            }
        } else {
            order(slot, below, above);
            if (head != key.head(node.prefix)) {
                fault.accept("slot=" + slot + ": its head is not its key's");
            }
            previous.set(key);
        }
        if (node.isLeaf() ? node.cellBytes() > NodeLayout.cellBytesMax(node.size) : !isChild()) {
            fault.accept("slot=" + slot + ": form=" + node.form + " valueLength=" + node.valueLength);
        }
    }

    private void order(int slot, Key below, Key above) {
        if (key.isEmpty() || key.length > NodeLayout.keyBytesMax(node.size)) {
            fault.accept("slot=" + slot + ": keyLength=" + key.length);
        }
        if (key.length < node.prefix || slot > node.firstKey() && key.commonWith(previous) < node.prefix) {
            fault.accept("slot=" + slot + ": its key does not have the prefix of " + node.prefix);
        }
        if (slot > node.firstKey() && previous.compareTo(key) >= 0) {
            fault.accept("slot=" + slot + ": its key is not above the one before");
        }
        // no key of a branch is a child's bound twice: it must lie above the lower one
        int lowest = node.isLeaf() ? 0 : 1;
        if (!below.isEmpty() && key.compareTo(below) < lowest || !above.isEmpty() && key.compareTo(above) >= 0) {
            fault.accept("slot=" + slot + ": its key does not belong here");
        }
    }

    private boolean isChild() {
        return node.valueLength == Long.BYTES && node.form == ValueLayout.INLINE;
    }

    /** Cells must lie in their area, apart from one another, and leave as many bytes as are counted dead. */
    private void area() {
        int cells = node.base.getInt(node.at + NodeLayout.CELLS);
        int dead = node.base.getInt(node.at + NodeLayout.DEAD);
        int end = node.size - low.length - high.length;
        if (cells < NodeLayout.arraysEnd(node.count) || cells > end) {
            fault.accept("cells=" + cells + " with count=" + node.count + ", fences at " + end);
            return;
        }
        long[] places = new long[node.count];
        for (int slot = 0; slot < node.count; slot++) {
            node.select(slot);
            places[slot] = (long) node.cell << Integer.SIZE | node.cellBytes();
        }
        Arrays.sort(places);
        int free = cells;
        int live = 0;
        for (long place : places) {
            int start = (int) (place >>> Integer.SIZE);
            if (start < free) {
                fault.accept("a cell at " + start + " lies before " + free);
            }
            live += (int) place;
            free = start + (int) place;
        }
        if (free > end || end - cells - live != dead) {
            fault.accept("dead=" + dead + " but " + (end - cells - live) + " are, cells end at " + free + " of " + end);
        }
    }
}

package dev.quire.table;

/**
 * Deletes everything between two keys. What lies between whole is dropped page by page without a look at the records,
 * but for their number and their extents; only the two leaves at the ends are changed.
 */
final class RangeRemoval {

    private final TreeEdit edit;
    private final Merges merges;
    private final Key none = new Key();
    private final Key last = new Key();
    private long removed;

    RangeRemoval(TreeEdit edit, Merges merges) {
        this.edit = edit;
        this.merges = merges;
    }

    /**
     * Deletes the records of keys {@code [from, to)}; an empty key is no bound.
     *
     * @return how many
     */
    long remove(Key from, Key to) {
        removed = 0;
        last.clear();
        edit.begin();
        if (removeIn(edit.tree.root, -1, from, to)) {
            edit.emptyRoot();
        } else {
            settle(from, false);
            settle(to, true);
        }
        edit.end();
        return removed;
    }

    /** Merges along the way to one end of the gap. */
    private void settle(Key end, boolean last) {
        if (end.isEmpty()) {
            edit.descendToEnd(last);
        } else {
            edit.descend(end);
        }
        merges.settle(edit.path.leaf, true);
        edit.begin();
    }

    /** Deletes within one subtree; whether nothing is left of it but the page at its top. */
    private boolean removeIn(long page, int level, Key from, Key to) {
        Node node = edit.node;
        edit.read(node, page, level);
        if (node.isLeaf()) {
            return removeInLeaf(page, from, to);
        }
        int top = node.level;
        int count = node.count;
        int first = from.isEmpty() ? 0 : node.childSlot(from);
        int end = to.isEmpty() ? count - 1 : childBelow(to);
        long firstPage = node.child(first);
        long endPage = node.child(end);
        int dropFrom = first;
        int dropTo = end + 1;
        if (first > end) {
            return false;
        }
        if (first == end) {
            dropTo = removeChild(firstPage, top - 1, from, to) ? dropTo : first;
        } else {
            dropFrom = from.isEmpty() || removeChild(firstPage, top - 1, from, none) ? first : first + 1;
            int middle = from.isEmpty() ? first : first + 1;
            drop(page, top, middle, to.isEmpty() ? end + 1 : end);
            dropTo = to.isEmpty() || removeChild(endPage, top - 1, none, to) ? end + 1 : end;
        }
        if (dropFrom == 0 && dropTo == count) {
            return true;
        }
        if (dropFrom < dropTo) {
            merges.removeChildren(page, top, dropFrom, dropTo);
        }
        return false;
    }

    /** The last child that may hold keys below {@code to}. */
    private int childBelow(Key to) {
        int found = edit.node.search(to);
        return found >= 0 ? found - 1 : ~found - 1;
    }

    /** Deletes in a child; if nothing is left, frees its page, too. */
    private boolean removeChild(long page, int level, Key from, Key to) {
        boolean empty = removeIn(page, level, from, to);
        if (empty) {
            edit.writer.free(page);
        }
        return empty;
    }

    private boolean removeInLeaf(long page, Key from, Key to) {
        WritableNode leaf = edit.target;
        edit.change(leaf, page, 0);
        int start = from.isEmpty() ? 0 : slot(leaf, from);
        int end = to.isEmpty() ? leaf.count : slot(leaf, to);
        if (start < end) {
            count(leaf, start, end);
            leaf.remove(start, end);
        }
        return leaf.count == 0;
    }

    private static int slot(Node leaf, Key key) {
        int found = leaf.search(key);
        return found >= 0 ? found : ~found;
    }

    /** Counts records that go and frees their extents. Their order bears out that no page is met twice. */
    private void count(Node leaf, int start, int end) {
        if (!last.isEmpty() && leaf.compare(last, start) >= 0) {
            throw Damage.at(leaf.page, "its keys are not above those of the leaf before it");
        }
        for (int slot = start; slot < end; slot++) {
            leaf.select(slot);
            edit.extents.free(leaf);
        }
        leaf.key(end - 1, last);
        removed += end - start;
    }

    /** Drops the subtrees of children {@code [from, to)} of a branch. */
    private void drop(long branch, int level, int from, int to) {
        for (int slot = from; slot < to; slot++) {
            edit.read(edit.node, branch, level);
            drop(edit.node.child(slot), level - 1);
        }
    }

    private void drop(long page, int level) {
        edit.read(edit.node, page, level);
        int count = edit.node.count;
        if (level > 0) {
            drop(page, level, 0, count);
        } else if (count > 0) {
            count(edit.node, 0, count);
        } else {
            throw Damage.at(page, "an empty leaf");
        }
        edit.writer.free(page);
    }
}

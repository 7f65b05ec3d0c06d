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
        int first = from.isEmpty() ? 0 : node.childSlot(from);
        int end = to.isEmpty() ? node.count - 1 : childBelow(to);
        if (first >= end) {
            boolean empty = removeChild(node.child(first), top - 1, from, to);
            return empty && removeChildren(page, top, first, first + 1);
        }
        edit.change(edit.target, page, top);
        long firstPage = edit.target.child(first);
        long endPage = edit.target.child(end);
        int dropFrom = from.isEmpty() ? first : first + 1;
        int dropTo = to.isEmpty() ? end + 1 : end;
        boolean firstGone = from.isEmpty() || removeChild(firstPage, top - 1, from, none);
        drop(page, top, dropFrom, dropTo);
        boolean endGone = to.isEmpty() || removeChild(endPage, top - 1, none, to);
        return removeChildren(page, top, firstGone ? first : first + 1, endGone ? end + 1 : end);
    }

    /** Removes children {@code [from, to)}, whose pages are gone, from a branch; whether these are all it has. */
    private boolean removeChildren(long page, int level, int from, int to) {
        edit.read(edit.node, page, level);
        if (to - from == edit.node.count) {
            return true;
        }
        if (from < to) {
            merges.removeChildren(page, level, from, to);
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
        if (!from.isEmpty() && !leaf.reaches(from) || !to.isEmpty() && !leaf.reaches(to)) {
            throw Damage.at(page, "an end of the range was led here that does not lie between the fences");
        }
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

    /**
     * Drops a subtree. A page that leads to others is copied first, as if to be changed, because the copy is verified:
     * what is freed must not rest on a load from a map.
     */
    private void drop(long page, int level) {
        Node node = edit.node;
        edit.read(node, page, level);
        int count = node.count;
        if (level > 0) {
            edit.change(edit.target, page, level);
            drop(page, level, 0, count);
        } else if (count == 0) {
            throw Damage.at(page, "an empty leaf");
        } else if (refers(node)) {
            edit.change(edit.target, page, level);
            count(edit.target, 0, count);
        } else {
            count(node, 0, count);
        }
        edit.writer.free(page);
    }

    private static boolean refers(Node leaf) {
        for (int slot = 0; slot < leaf.count; slot++) {
            leaf.select(slot);
            if (leaf.form != ValueLayout.INLINE) {
                return true;
            }
        }
        return false;
    }
}

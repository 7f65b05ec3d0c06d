package dev.quire.table;

/**
 * Gives room back: a page that fell under a quarter takes its neighbour over, or is taken over, when both fit one page;
 * a leaf without records goes at once, and with it every branch that led to nothing else; a root with a single child
 * takes over what that one holds.
 */
final class Merges {

    private static final int UNDERFLOW_DIVISOR = 4;
    private static final int RESERVE_DIVISOR =
            8; // room left in a merged page, so that the next record does not split it

    private final TreeEdit edit;
    private final Key low = new Key();
    private final Key high = new Key();
    private final Key separator = new Key();

    Merges(TreeEdit edit) {
        this.edit = edit;
    }

    /** Whether a node is so empty that it should be merged. */
    static boolean isUnderfull(Node node) {
        return node.used() < (node.size - NodeLayout.SLOTS) / UNDERFLOW_DIVISOR;
    }

    /**
     * Merges what is underfull on the way, from {@code depth} upward.
     *
     * @param all whether to look at every level, not only at those above a merge
     */
    void settle(int depth, boolean all) {
        edit.begin();
        TreePath path = edit.path;
        for (int at = depth; at > 0; at--) {
            int level = path.leaf - at;
            edit.read(edit.node, path.pages[at], level);
            boolean merged = isUnderfull(edit.node) && mergeWithNeighbour(at, level);
            if (!merged && !all) {
                break;
            }
        }
        edit.pullUp();
        edit.end();
    }

    private boolean mergeWithNeighbour(int depth, int level) {
        TreePath path = edit.path;
        int slot = path.slots[depth - 1];
        long parent = path.pages[depth - 1];
        edit.read(edit.parent, parent, level + 1);
        if (slot + 1 < edit.parent.count && merge(parent, slot, level)) {
            return true;
        }
        return slot > 0 && merge(parent, slot - 1, level);
    }

    /** Merges the children in a slot of the parent, which was read, and in the next, if they fit one page. */
    private boolean merge(long parentPage, int slot, int level) {
        WritableNode parent = edit.parent;
        long leftPage = parent.child(slot);
        parent.key(slot + 1, separator);
        long rightPage = parent.child(slot + 1);
        Node left = edit.node;
        edit.read(left, leftPage, level);
        edit.read(edit.right, rightPage, level);
        int moved = level == 0 ? 0 : separator.length;
        int fences = left.lowLength() + edit.right.highLength();
        int bytes = NodeLayout.arraysEnd(left.count + edit.right.count) + moved + fences;
        bytes += left.liveBytes() + edit.right.liveBytes();
        if (bytes > left.size - left.size / RESERVE_DIVISOR) {
            return false;
        }
        edit.change(parent, parentPage, level + 1);
        WritableNode target = edit.target;
        edit.change(target, leftPage, level);
        edit.change(edit.right, rightPage, level); // verifies what is moved
        edit.keepCopy(target);
        edit.copy.lowFence(low);
        edit.right.highFence(high);
        target.reset(leftPage, level, low, high);
        target.append(edit.copy, 0, edit.copy.count);
        if (level == 0) {
            target.append(edit.right, 0, edit.right.count);
        } else {
            target.append(separator, edit.right.child(0));
            target.append(edit.right, 1, edit.right.count);
        }
        target.finish();
        edit.writer.free(rightPage);
        parent.remove(slot + 1, slot + 2);
        return true;
    }

    /** Takes the leaf at the end of the way, which holds nothing any more, out of the tree. */
    void removeLeaf() {
        edit.begin();
        TreePath path = edit.path;
        int depth = path.leaf - 1;
        while (depth >= 0) {
            edit.read(edit.node, path.pages[depth], path.leaf - depth);
            if (edit.node.count > 1) {
                break;
            }
            depth--;
        }
        for (int below = path.leaf; below > Math.max(depth, 0); below--) {
            edit.writer.free(path.pages[below]);
        }
        if (depth < 0) {
            edit.emptyRoot();
            edit.end();
            return;
        }
        int slot = path.slots[depth];
        removeChildren(path.pages[depth], path.leaf - depth, slot, slot + 1);
        settle(depth, false);
    }

    /**
     * Removes children {@code [from, to)}, whose pages are gone already, but never all. The neighbour on the left, else
     * the one on the right, takes over what belonged to them.
     */
    void removeChildren(long page, int level, int from, int to) {
        WritableNode branch = edit.parent;
        edit.change(branch, page, level);
        long neighbour;
        if (from > 0) {
            if (to < branch.count) {
                branch.key(to, separator);
            } else {
                branch.highFence(separator);
            }
            neighbour = branch.child(from - 1);
            branch.remove(from, to);
        } else {
            branch.lowFence(separator);
            neighbour = branch.child(to);
            branch.remove(0, to);
            branch.dropFirstKey();
        }
        edit.stretch(neighbour, level - 1, separator, from > 0);
    }
}

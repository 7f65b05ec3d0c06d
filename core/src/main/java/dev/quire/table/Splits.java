package dev.quire.table;

/**
 * Makes room: splits one page of the way to a leaf, or, where there is no room for another child, the one above it. The
 * caller goes down from the root again, until its record fits. So every step leaves a whole tree behind, and no step
 * knows of more than three pages.
 *
 * <p>Where a page is split depends on where records come in. In the middle of nowhere both halves get the same bytes.
 * In a row, upward or downward, the page is cut where the row has come to, so that what lies behind it stays full.
 */
final class Splits {

    /** Where a record comes in that belongs to a row. */
    enum Row {
        NONE,
        UPWARD,
        DOWNWARD
    }

    private static final int FEW_DIVISOR = 8;

    private final TreeEdit edit;
    private final Key none = new Key();
    private final Key left = new Key();
    private final Key right = new Key();
    private final Key separator = new Key();

    Splits(TreeEdit edit) {
        this.edit = edit;
    }

    /**
     * Splits the leaf at the end of the way, for a record that is to come in, or a page above.
     *
     * @param slot of the record; negative if its key is there already
     */
    void splitLeaf(Key key, int slot, int cellBytes, Row row) {
        int depth = edit.path.leaf;
        if (depth == 0) {
            edit.pushDown();
            return;
        }
        WritableNode leaf = edit.target;
        edit.change(leaf, edit.path.pages[depth], 0);
        edit.keepCopy(leaf);
        Node all = edit.copy;
        if (all.count + (slot < 0 ? 0 : 1) < 2) {
            throw Damage.at(all.page, "a full leaf of count=" + all.count);
        }
        int cut = slot < 0 ? half(all, -1, 0) : cut(all, slot, cellBytes, row);
        separate(key, slot, cut);
        int step = leftExcess(from(slot, cut)) > 0 ? -1 : 1;
        while (leftExcess(from(slot, cut)) > 0 || rightExcess(from(slot, cut)) > 0) {
            cut += step;
            if (cut < 1 || cut > all.count) {
                throw Damage.at(all.page, "no cut makes two pages of it");
            }
            separate(key, slot, cut);
        }
        split(depth, from(slot, cut), row);
    }

    /** Finds the separator for a cut. */
    private void separate(Key key, int slot, int cut) {
        key(edit.copy, cut - 1, key, slot, left);
        key(edit.copy, cut, key, slot, right);
        separator.setBetween(left, right);
    }

    /** How many of the cells that are there stay to the left of a cut. */
    private static int from(int slot, int cut) {
        return slot >= 0 && slot < cut ? cut - 1 : cut;
    }

    /** By how much the left side, without the new record, overflows: its new fence may be longer than the old. */
    private int leftExcess(int cells) {
        return excess(0, cells, edit.copy.lowLength());
    }

    private int rightExcess(int from) {
        return excess(from, edit.copy.count, edit.copy.highLength());
    }

    private int excess(int from, int to, int fence) {
        Node all = edit.copy;
        return NodeLayout.arraysEnd(to - from) + all.cellsBytes(from, to) + fence + separator.length - all.size;
    }

    /** Copies the key at an index of the leaf as it would be with the new one in its slot. */
    private static void key(Node all, int index, Key added, int slot, Key into) {
        if (index == slot) {
            into.set(added);
        } else {
            all.key(slot >= 0 && index > slot ? index - 1 : index, into);
        }
    }

    /**
     * How many records, the new one among them, stay to the left. Where a row runs into others, these get a page of
     * their own, or every page of the row would have to carry them; only a few are carried along.
     */
    private static int cut(Node all, int slot, int cellBytes, Row row) {
        return switch (row) {
            case NONE -> half(all, slot, cellBytes);
            case UPWARD -> isFew(all, all.count - slot) && slot > 0 ? slot : slot + 1;
            case DOWNWARD -> isFew(all, slot) && slot < all.count ? slot + 1 : slot;
        };
    }

    private static boolean isFew(Node all, int records) {
        return records <= all.count / FEW_DIVISOR;
    }

    /** The cut that makes both sides most alike, at least one cell on either. */
    private static int half(Node all, int slot, int cellBytes) {
        int entry = Short.BYTES + Long.BYTES;
        int count = slot < 0 ? all.count : all.count + 1;
        int total = all.cellsBytes(0, all.count) + cellBytes + entry * count;
        int before = 0;
        for (int cut = 1; cut < count; cut++) {
            int index = cut - 1;
            int bytes = cellBytes;
            if (index != slot) {
                int cell = slot >= 0 && index > slot ? index - 1 : index;
                bytes = all.cellsBytes(cell, cell + 1);
            }
            int after = before + entry + bytes;
            if (2 * after >= total) {
                return cut > 1 && total - 2 * before < 2 * after - total ? cut - 1 : cut;
            }
            before = after;
        }
        return count - 1;
    }

    private void splitBranch(int depth, Row row) {
        if (depth == 0) {
            edit.pushDown();
            return;
        }
        WritableNode branch = edit.target;
        edit.change(branch, edit.path.pages[depth], edit.path.leaf - depth);
        edit.keepCopy(branch);
        Node all = edit.copy;
        if (all.count < 2) {
            throw Damage.at(all.page, "a full branch of count=" + all.count);
        }
        int from = row == Row.NONE ? half(all, -1, 0) : Math.min(edit.path.slots[depth] + 1, all.count - 1);
        all.key(from, separator);
        split(depth, from, row);
    }

    /** Moves the cells from {@code from} on, which were copied, to a new page on the right, if the parent has room. */
    private void split(int depth, int from, Row row) {
        int above = depth - 1;
        int level = edit.path.leaf - depth;
        WritableNode parent = edit.parent;
        edit.change(parent, edit.path.pages[above], level + 1);
        if (!parent.fits(NodeLayout.CELL_HEADER + separator.length + Long.BYTES)) {
            splitBranch(above, row);
            return;
        }
        WritableNode target = edit.target;
        Node all = edit.copy;
        all.lowFence(left);
        all.highFence(right);
        long page = edit.allocate(edit.right, level);
        edit.begin();
        edit.right.reset(page, level, separator, right);
        if (level == 0) {
            edit.right.append(all, from, all.count);
        } else {
            edit.right.append(none, all.child(from));
            edit.right.append(all, from + 1, all.count);
        }
        edit.right.finish();
        target.reset(target.page, level, left, separator);
        target.append(all, 0, from);
        target.finish();
        edit.insertChild(parent, edit.path.slots[above] + 1, separator, page);
        if (from > 0 && from < all.count) {
            edit.end(); // else the record that is to come in ends it: a leaf must not stay empty
        }
    }
}

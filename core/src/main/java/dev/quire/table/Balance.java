package dev.quire.table;

/**
 * Before a leaf is split: if the one beside it has room, both share what they hold. Leaves that are filled at random
 * come to hold four fifths of a page, not two thirds, for a write to a neighbour that a split would have caused later.
 */
final class Balance {

    private static final int ROOM_DIVISOR = 4; // with less of its page free, a neighbour is left alone

    private final TreeEdit edit;
    private final Node beside = new Node();
    private final Key low = new Key();
    private final Key high = new Key();
    private final Key left = new Key();
    private final Key right = new Key();
    private final Key separator = new Key();

    Balance(TreeEdit edit) {
        this.edit = edit;
    }

    /**
     * Shares records between the leaf at the end of the way, which is full, and a neighbour; false if that is no use.
     */
    boolean share() {
        TreePath path = edit.path;
        int above = path.leaf - 1;
        if (above < 0) {
            return false;
        }
        Node parent = edit.parent;
        edit.read(parent, path.pages[above], 1);
        int slot = path.slots[above];
        if (slot + 1 < parent.count && hasRoom(parent.child(slot + 1))) {
            return share(path.pages[above], slot);
        }
        return slot > 0 && hasRoom(parent.child(slot - 1)) && share(path.pages[above], slot - 1);
    }

    private boolean hasRoom(long page) {
        edit.read(edit.node, page, 0);
        int payload = edit.node.size - NodeLayout.SLOTS;
        return edit.node.used() <= payload - payload / ROOM_DIVISOR;
    }

    /** Shares between the children in a slot and the next, if their fences and the parent's separator find room. */
    private boolean share(long parentPage, int slot) {
        WritableNode parent = edit.parent;
        WritableNode one = edit.target;
        WritableNode two = edit.right;
        edit.change(parent, parentPage, 1);
        edit.change(one, parent.child(slot), 0);
        edit.change(two, parent.child(slot + 1), 0);
        Node first = edit.copy;
        Node second = beside;
        edit.keepCopy(first, one, edit.scratch.copy());
        edit.keepCopy(second, two, edit.scratch.spare());
        first.lowFence(low);
        second.highFence(high);
        int cells = first.count + second.count;
        int cut = half(first, second);
        key(first, second, cut - 1, left);
        key(first, second, cut, right);
        separator.setBetween(left, right);
        parent.select(slot + 1);
        boolean fits = separator.length - parent.keyLength <= parent.free();
        if (!fits || bytes(first, second, 0, cut) > one.size || bytes(first, second, cut, cells) > one.size) {
            return false;
        }
        edit.begin();
        one.reset(one.page, 0, low, separator);
        two.reset(two.page, 0, separator, high);
        move(first, second, 0, cut, one);
        move(first, second, cut, cells, two);
        parent.remove(slot + 1, slot + 2);
        edit.insertChild(parent, slot + 1, separator, two.page);
        edit.end();
        return true;
    }

    /** How many of all records go to the left, so that either side has the same bytes. */
    private static int half(Node first, Node second) {
        int total = first.liveBytes() + second.liveBytes();
        int before = 0;
        int cells = first.count + second.count;
        for (int cut = 1; cut < cells; cut++) {
            before += cellBytes(first, second, cut - 1);
            if (2 * before >= total) {
                return cut;
            }
        }
        return cells - 1;
    }

    private static int cellBytes(Node first, Node second, int index) {
        boolean inFirst = index < first.count;
        (inFirst ? first : second).select(inFirst ? index : index - first.count);
        return (inFirst ? first : second).cellBytes();
    }

    private static void key(Node first, Node second, int index, Key into) {
        if (index < first.count) {
            first.key(index, into);
        } else {
            second.key(index - first.count, into);
        }
    }

    /** Bytes that a page of records {@code [from, to)} takes. */
    private int bytes(Node first, Node second, int from, int to) {
        int sum = NodeLayout.arraysEnd(to - from) + separator.length + (from == 0 ? low.length : high.length);
        for (int index = from; index < to; index++) {
            sum += cellBytes(first, second, index);
        }
        return sum;
    }

    private static void move(Node first, Node second, int from, int to, WritableNode into) {
        int count = first.count;
        into.append(first, Math.min(from, count), Math.min(to, count));
        into.append(second, Math.max(from, count) - count, Math.max(to, count) - count);
        into.finish();
    }
}

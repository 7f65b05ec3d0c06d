package dev.quire.table;

import dev.quire.io.page.PageLayout;
import dev.quire.pages.PageWriter;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * What the parts of a {@link TreeWriter} share: the tree, the way to the leaf at work, nodes to read and to change
 * through, and whether a change is under way. Nodes are reused; who calls somebody must expect its nodes to have moved.
 */
final class TreeEdit {

    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    final PageWriter writer;
    final Tree tree;
    final TreeScratch scratch;
    final TreePath path = new TreePath();
    final Extents extents;

    /** For reading on the way. */
    final Node node = new Node();

    /** The leaf, or the node that is rebuilt. */
    final WritableNode target = new WritableNode();

    /** The page beside it. */
    final WritableNode right = new WritableNode();

    /** The page above both. */
    final WritableNode parent = new WritableNode();

    /** A copy of what a page held before it was rebuilt. */
    final Node copy = new Node();

    private final byte[] child = new byte[Long.BYTES];
    private final Key none = new Key();
    private final Key low = new Key();
    private final Key high = new Key();
    private boolean torn;

    TreeEdit(PageWriter writer, Tree tree, TreeScratch scratch) {
        this.writer = writer;
        this.tree = tree;
        this.scratch = scratch;
        extents = new Extents(writer, scratch);
    }

    /** From here on the tree is not whole. */
    void begin() {
        torn = true;
        tree.changes++;
    }

    /** The tree is whole again. */
    void end() {
        torn = false;
    }

    boolean isTorn() {
        return torn;
    }

    void read(Node into, long page, int level) {
        writer.read(page, into.ref);
        into.open(page, tree.pageSize, level);
    }

    void change(WritableNode into, long page, int level) {
        writer.modify(page, into.ref);
        into.openToChange(page, tree.pageSize, level);
    }

    /** Copies a page to scratch memory, so that it can be rebuilt from there. */
    void keepCopy(Node source) {
        keepCopy(copy, source, scratch.copy());
    }

    void keepCopy(Node into, Node source, ByteBuffer memory) {
        memory.put(0, source.base, source.at, source.size);
        into.ref.set(memory, 0, source.size);
        into.open(source.page, tree.pageSize, source.level);
    }

    /** Goes from the root to the leaf that a key belongs to; {@link #path} tells how, {@link #node} is the leaf. */
    void descend(Key key) {
        int depth = 0;
        path.pages[0] = tree.root;
        read(node, tree.root, -1);
        while (!node.isLeaf()) {
            depth = step(node.childSlot(key), depth);
        }
        path.leaf = depth;
    }

    /** The same towards one end of the tree. */
    void descendToEnd(boolean last) {
        int depth = 0;
        path.pages[0] = tree.root;
        read(node, tree.root, -1);
        while (!node.isLeaf()) {
            depth = step(last ? node.count - 1 : 0, depth);
        }
        path.leaf = depth;
    }

    private int step(int slot, int depth) {
        long page = node.child(slot);
        path.slots[depth] = slot;
        path.pages[depth + 1] = page;
        read(node, page, node.level - 1);
        return depth + 1;
    }

    /** The wrong leaf must not be changed, whatever led to it. */
    void checkFences(Node leaf, Key key) {
        if (!leaf.covers(key)) {
            throw Damage.at(leaf.page, "a key was led here that does not lie between the fences");
        }
    }

    /** Allocates a page for a node. */
    long allocate(Node into, int level) {
        return writer.allocate(level == 0 ? PageLayout.TYPE_LEAF : PageLayout.TYPE_BRANCH, into.ref);
    }

    /** Puts a child into a branch, which has room for it. */
    void insertChild(WritableNode branch, int slot, Key key, long page) {
        LONG.set(child, 0, page);
        branch.insert(slot, key, ValueLayout.INLINE, child, 0, child.length, scratch);
    }

    /** Makes the root a leaf without entries. */
    void emptyRoot() {
        writer.modify(tree.root, target.ref);
        target.reset(tree.root, 0, none, none);
    }

    /** Puts what the root holds into a new page, which becomes its only child. */
    void pushDown() {
        change(parent, tree.root, -1);
        int level = parent.level;
        if (level == NodeLayout.LEVEL_MAX) {
            throw Damage.at(tree.root, "level=" + level);
        }
        long child = allocate(target, level);
        begin();
        copyPayload(parent, target);
        parent.reset(tree.root, level + 1, none, none);
        parent.append(none, child);
        parent.finish();
        end();
    }

    /** While the root has a single child, takes over what that one holds. */
    void pullUp() {
        read(node, tree.root, -1);
        while (!node.isLeaf() && node.count == 1) {
            long child = node.child(0);
            read(node, child, node.level - 1);
            change(right, child, node.level); // verifies what is copied
            writer.modify(tree.root, target.ref);
            copyPayload(right, target);
            writer.free(child);
            read(node, tree.root, -1);
        }
    }

    /** Everything but the header of the page, which is the engine's. */
    private static void copyPayload(Node from, Node to) {
        int start = PageLayout.HEADER_BYTES;
        int source = from.ref.offset + start;
        to.ref.base.put(to.ref.offset + start, from.ref.base, source, from.ref.length - start);
    }

    /**
     * Stretches a subtree over keys that its neighbour had: moves the fence on one side, down to the leaf. Where the
     * new fence finds no room there is none from then on.
     */
    void stretch(long page, int level, Key bound, boolean upward) {
        while (true) {
            read(node, page, level); // what is no node must not even be copied to be changed
            change(target, page, level);
            keepCopy(target);
            copy.lowFence(low);
            copy.highFence(high);
            Key fence = upward ? high : low;
            fence.set(bound.length - fence.length <= target.free() ? bound : none);
            target.reset(page, level, low, high);
            target.append(copy, 0, copy.count);
            target.finish();
            if (level-- == 0) {
                return;
            }
            page = target.child(upward ? target.count - 1 : 0);
        }
    }
}

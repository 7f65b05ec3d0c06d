package dev.quire.table;

import dev.quire.io.LimitException;
import dev.quire.io.QuireError;
import dev.quire.pages.PageReader;
import java.util.Objects;
import org.agrona.DirectBuffer;

/**
 * An ordered tree of byte keys and byte values, as one transaction sees it. Keys are ordered as unsigned bytes; of two
 * that begin alike the shorter comes first. Lookups allocate nothing. Not for several threads, like its transaction.
 *
 * <p>Every method may raise {@link dev.quire.io.CorruptionException}, whatever stands in the pages: a damaged tree ends
 * a lookup, never the process.
 *
 * <p>Nothing is kept from one call to the next: a tree may be kept for the next transaction, if its reader stands for
 * that one then.
 */
public final class Tree {

    final PageReader reader;
    final long root;
    final int pageSize;

    /** Counts what its {@link TreeWriter} does, so that cursors notice; stays 0 without one. */
    long changes;

    /** Whether there is a writer, so that cursors must remember where they are. */
    boolean changeable;

    private final Node node = new Node();
    private final Key key = new Key();

    /** The tree whose root is in page {@code root} of {@code reader}. Reads nothing yet. */
    public Tree(PageReader reader, long root) {
        this.reader = Objects.requireNonNull(reader);
        this.root = root;
        pageSize = reader.pageSize();
    }

    /** The longest key that a tree in pages of {@code pageSize} bytes takes, in bytes: an eighth of a page, less 32. */
    public static int keyBytesMax(int pageSize) {
        return NodeLayout.keyBytesMax(pageSize);
    }

    /** The longest value that any tree takes, in bytes. */
    public static int valueBytesMax() {
        return ValueLayout.VALUE_BYTES_MAX;
    }

    /**
     * The most bytes of a record, key and value together, that are kept in a leaf. A longer record keeps its value in
     * extents of its own.
     */
    public static int inlineBytesMax(int pageSize) {
        return NodeLayout.cellBytesMax(pageSize) - NodeLayout.CELL_HEADER;
    }

    /** The page of the root; it stays the same while the tree lives. */
    public long root() {
        return root;
    }

    /**
     * Looks a key up.
     *
     * @param into the value, if there is one; unchanged if not
     * @return whether the key is there
     * @throws IllegalArgumentException if the key is empty
     * @throws LimitException if it is longer than {@link #keyBytesMax}
     */
    public boolean find(byte[] key, TreeValue into) {
        return find(key, 0, key.length, into);
    }

    /** The same for a key in the middle of an array. */
    public boolean find(byte[] key, int offset, int length, TreeValue into) {
        this.key.set(key, offset, checkKey(length));
        return find(into);
    }

    /** The same for a key in a buffer. */
    public boolean find(DirectBuffer key, int offset, int length, TreeValue into) {
        this.key.set(key, offset, checkKey(length));
        return find(into);
    }

    /** A cursor that is before the first entry. */
    public TreeCursor cursor() {
        return new TreeCursor(this);
    }

    private boolean find(TreeValue into) {
        try {
            if (!descend()) {
                return false;
            }
            into.set(reader, node);
            return true;
        } catch (IndexOutOfBoundsException fault) {
            throw Damage.from(node.page, fault);
        }
    }

    /** From the root to the key's leaf and its cell, which is selected then. */
    private boolean descend() {
        long page = root;
        int level = -1;
        while (true) {
            reader.read(page, node.ref);
            node.open(page, pageSize, level);
            if (node.isLeaf()) {
                return node.search(key) >= 0;
            }
            page = node.child(node.childSlot(key));
            level = node.level - 1;
        }
    }

    /** The length of a key, after the check that every key passes. */
    int checkKey(int length) {
        if (length <= 0) {
            throw new IllegalArgumentException("keyLength=" + length + ", must be at least 1");
        }
        if (length > NodeLayout.keyBytesMax(pageSize)) {
            throw new LimitException(
                    QuireError.KEY_TOO_BIG,
                    null,
                    "keyLength=" + length + " keyBytesMax=" + NodeLayout.keyBytesMax(pageSize),
                    null);
        }
        return length;
    }
}

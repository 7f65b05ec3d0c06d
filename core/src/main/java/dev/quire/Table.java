package dev.quire;

import dev.quire.io.BytesView;
import dev.quire.table.Tree;
import dev.quire.table.TreeValue;
import org.agrona.DirectBuffer;

/**
 * Keys in unsigned byte order, each with a value, as one transaction sees them; lives as long as that transaction and
 * belongs to its thread. A lookup and a step of a cursor allocate nothing.
 *
 * <p>A key has 1 byte up to {@link #keyBytesMax}, a value 0 bytes up to 1 GiB. Every lookup may raise
 * {@link dev.quire.io.CorruptionException} for a page that does not verify, and {@link dev.quire.io.LimitException}
 * ({@code KEY_TOO_BIG}) for a key that no table could hold.
 */
public class Table {

    final Transaction tx;
    final Tree tree;
    private final String name;
    private final int keyBytesMax;
    private final TreeValue found = new TreeValue();
    private final Value value;
    private boolean dropped;

    Table(Transaction tx, Tree tree, String name, int pageBytes) {
        this.tx = tx;
        this.tree = tree;
        this.name = name;
        this.keyBytesMax = Tree.keyBytesMax(pageBytes);
        this.value = new Value(tx, found);
    }

    /** Refuses when the transaction has ended or the table was dropped in it. */
    final void check() {
        tx.check();
        if (dropped) {
            throw new IllegalStateException("table=" + name + " was dropped");
        }
    }

    /** Its pages belong to others from now on. */
    final void dropped() {
        dropped = true;
    }

    /** Its name. */
    public final String name() {
        return name;
    }

    /** Longest key in bytes: an eighth of a page, less 32. */
    public final int keyBytesMax() {
        return keyBytesMax;
    }

    /**
     * Points {@code into} at the value of {@code key}, in place.
     *
     * @return whether the key is there; if not, {@code into} is left alone
     * @throws IllegalStateException if the value is longer than one view can be, about 1 MiB: use {@link #find}
     */
    public final boolean get(byte[] key, BytesView into) {
        check();
        try {
            boolean there = tree.find(key, found);
            if (there) {
                found.view(into);
            }
            return there;
        } catch (InternalError e) {
            throw tx.poisoned(e);
        }
    }

    /** The same for a key in a buffer. */
    public final boolean get(DirectBuffer key, int offset, int length, BytesView into) {
        check();
        try {
            boolean there = tree.find(key, offset, length, found);
            if (there) {
                found.view(into);
            }
            return there;
        } catch (InternalError e) {
            throw tx.poisoned(e);
        }
    }

    /** The value of {@code key} in an array of its own, null if the key is not there. */
    public final byte[] get(byte[] key) {
        check();
        try {
            return tree.find(key, found) ? found.toBytes() : null;
        } catch (InternalError e) {
            throw tx.poisoned(e);
        }
    }

    /** The value of {@code key} of any length; null if the key is not there. The same object at every call. */
    public final Value find(byte[] key) {
        check();
        try {
            return tree.find(key, found) ? value : null;
        } catch (InternalError e) {
            throw tx.poisoned(e);
        }
    }

    /** Whether the key is there. */
    public final boolean contains(byte[] key) {
        return find(key) != null;
    }

    /** A cursor before the first entry. */
    public final Cursor cursor() {
        check();
        return new Cursor(this, tree.cursor());
    }
}

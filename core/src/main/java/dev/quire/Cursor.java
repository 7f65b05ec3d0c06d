package dev.quire;

import dev.quire.io.BytesView;
import dev.quire.table.TreeCursor;
import org.agrona.DirectBuffer;

/**
 * A place in a table, moved in key order in both directions. Every move says whether there is an entry to stand on. In
 * a write transaction the cursor keeps its place, by key, while the table is changed. A step allocates nothing.
 */
public final class Cursor {

    private final Table table;
    private final Transaction tx;
    private final TreeCursor cursor;

    Cursor(Table table, TreeCursor cursor) {
        this.table = table;
        this.tx = table.tx;
        this.cursor = cursor;
    }

    private void check() {
        table.check();
    }

    /** Moves to the first entry. */
    public boolean first() {
        check();
        try {
            return cursor.first();
        } catch (InternalError e) {
            throw tx.poisoned(e);
        }
    }

    /** Moves to the last entry. */
    public boolean last() {
        check();
        try {
            return cursor.last();
        } catch (InternalError e) {
            throw tx.poisoned(e);
        }
    }

    /** Moves to the next entry; a new cursor to the first. */
    public boolean next() {
        check();
        try {
            return cursor.next();
        } catch (InternalError e) {
            throw tx.poisoned(e);
        }
    }

    /** Moves to the entry before. */
    public boolean previous() {
        check();
        try {
            return cursor.previous();
        } catch (InternalError e) {
            throw tx.poisoned(e);
        }
    }

    /** Moves to the first entry whose key is at least {@code key}. */
    public boolean seek(byte[] key) {
        check();
        try {
            return cursor.seek(key);
        } catch (InternalError e) {
            throw tx.poisoned(e);
        }
    }

    /** The same for a key in a buffer. */
    public boolean seek(DirectBuffer key, int offset, int length) {
        check();
        try {
            return cursor.seek(key, offset, length);
        } catch (InternalError e) {
            throw tx.poisoned(e);
        }
    }

    /**
     * Moves to the entry of exactly this key; if there is none, {@link #next} and {@link #previous} go from its place.
     */
    public boolean seekExact(byte[] key) {
        check();
        try {
            return cursor.seekExact(key);
        } catch (InternalError e) {
            throw tx.poisoned(e);
        }
    }

    /** Moves to the last entry whose key is at most {@code key}. */
    public boolean seekFloor(byte[] key) {
        check();
        try {
            return cursor.seekFloor(key);
        } catch (InternalError e) {
            throw tx.poisoned(e);
        }
    }

    /** Moves to the last entry whose key is below {@code key}. */
    public boolean seekLower(byte[] key) {
        check();
        try {
            return cursor.seekLower(key);
        } catch (InternalError e) {
            throw tx.poisoned(e);
        }
    }

    /** Points at the key, in place. */
    public void key(BytesView into) {
        check();
        try {
            cursor.key(into);
        } catch (InternalError e) {
            throw tx.poisoned(e);
        }
    }

    /** The key in an array of its own. */
    public byte[] key() {
        check();
        return tx.reading(cursor::keyBytes);
    }

    /** Points at the value, in place; longer than about 1 MiB it takes {@link #value()}. */
    public void value(BytesView into) {
        check();
        try {
            cursor.value(into);
        } catch (InternalError e) {
            throw tx.poisoned(e);
        }
    }

    /** The value, of any length. */
    public Value value() {
        check();
        try {
            return new Value(tx, cursor.value());
        } catch (InternalError e) {
            throw tx.poisoned(e);
        }
    }

    /** Bytes of the value. */
    public int valueLength() {
        check();
        try {
            return cursor.valueLength();
        } catch (InternalError e) {
            throw tx.poisoned(e);
        }
    }
}

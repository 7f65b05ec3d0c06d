package dev.quire;

import dev.quire.table.TreeWriter;
import java.util.function.Supplier;
import org.agrona.DirectBuffer;

/**
 * A table to be changed. Keys and values are copied; where they come from may be a view of the same table. Views,
 * values and lookups of before a change end with it.
 */
public final class WritableTable extends Table {

    private final TreeWriter writer;

    WritableTable(WriteTransaction tx, TreeWriter writer, String name, int pageBytes) {
        super(tx, writer.tree(), name, pageBytes);
        this.writer = writer;
    }

    /**
     * Puts a value, in the place of another one if the key has one.
     *
     * @return whether the key is new
     * @throws dev.quire.io.LimitException {@code KEY_TOO_BIG}; {@code TRANSACTION_TOO_LONG} or {@code OUT_OF_MEMORY}
     *     when the memory for changes is spent
     */
    public boolean put(byte[] key, byte[] value) {
        check();
        try {
            return writer.put(key, value);
        } catch (InternalError e) {
            throw tx.poisoned(e);
        }
    }

    /** The same for key and value in buffers. */
    public boolean put(
            DirectBuffer key, int keyOffset, int keyLength, DirectBuffer value, int valueOffset, int valueLength) {
        check();
        try {
            return writer.put(key, keyOffset, keyLength, value, valueOffset, valueLength);
        } catch (InternalError e) {
            throw tx.poisoned(e);
        }
    }

    /** Puts a value if the key has none; returns whether it did. */
    public boolean putIfAbsent(byte[] key, byte[] value) {
        return guarded(() -> writer.putIfAbsent(key, value));
    }

    /** Deletes a key; returns whether it was there. */
    public boolean delete(byte[] key) {
        check();
        try {
            return writer.delete(key);
        } catch (InternalError e) {
            throw tx.poisoned(e);
        }
    }

    /** The same for a key in a buffer. */
    public boolean delete(DirectBuffer key, int offset, int length) {
        check();
        try {
            return writer.delete(key, offset, length);
        } catch (InternalError e) {
            throw tx.poisoned(e);
        }
    }

    /** Deletes all keys from {@code from} up to, not including, {@code to}; null is no bound. Returns how many. */
    public long deleteRange(byte[] from, byte[] to) {
        return guarded(() -> writer.deleteRange(from, to));
    }

    /** Deletes all entries; returns how many there were. */
    public long clear() {
        return guarded(writer::clear);
    }

    /** Whether no change was cut short by an error. */
    boolean isWhole() {
        return writer.isWhole();
    }

    private <T> T guarded(Supplier<T> task) {
        check();
        try {
            return task.get();
        } catch (InternalError e) {
            throw tx.poisoned(e);
        }
    }
}

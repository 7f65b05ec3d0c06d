package dev.quire;

import dev.quire.io.BytesView;
import dev.quire.table.TreeValue;
import java.nio.ByteBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * A value of any length where it stands: up to about 1 MiB one view, beyond that a sequence of them. Good until the
 * next lookup or step, the next change, or the end of the transaction.
 */
public final class Value {

    private final Transaction tx;
    private final TreeValue value;

    Value(Transaction tx, TreeValue value) {
        this.tx = tx;
        this.value = value;
    }

    /** Bytes, 0 to 1 GiB. */
    public int length() {
        tx.check();
        return value.length();
    }

    /** How many views it takes to see all of it. */
    public int parts() {
        tx.check();
        return value.parts();
    }

    /** Points at one of the {@link #parts()}, which follow one another without a gap. */
    public void part(int index, BytesView into) {
        tx.check();
        try {
            value.part(index, into);
        } catch (InternalError e) {
            throw tx.poisoned(e);
        }
    }

    /** Copies {@code bytes} bytes from {@code from} on. */
    public void copy(int from, byte[] target, int targetOffset, int bytes) {
        tx.check();
        try {
            value.copy(from, target, targetOffset, bytes);
        } catch (InternalError e) {
            throw tx.poisoned(e);
        }
    }

    /** The same into a buffer, at {@code targetOffset}; its position stays. */
    public void copy(int from, ByteBuffer target, int targetOffset, int bytes) {
        tx.check();
        try {
            value.copy(from, target, targetOffset, bytes);
        } catch (InternalError e) {
            throw tx.poisoned(e);
        }
    }

    /** The same into a buffer of Agrona. */
    public void copy(int from, MutableDirectBuffer target, int targetOffset, int bytes) {
        tx.check();
        try {
            value.copy(from, target, targetOffset, bytes);
        } catch (InternalError e) {
            throw tx.poisoned(e);
        }
    }

    /** All of it in an array of its own. */
    public byte[] toBytes() {
        byte[] bytes = new byte[length()];
        copy(0, bytes, 0, bytes.length);
        return bytes;
    }
}

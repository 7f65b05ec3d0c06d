package dev.quire.table;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.agrona.DirectBuffer;

/**
 * A copy of a key, to be compared with those in pages. Reused: it grows to the longest key it has held. A copy of 16
 * bytes costs a few nanoseconds, and what is compared cannot change or move while a tree is changed.
 */
final class Key {

    private static final VarHandle BIG_ENDIAN_LONG =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    byte[] bytes = new byte[64]; // 8 zeros always follow the last byte
    int length;

    void set(byte[] source, int offset, int bytesCount) {
        reserve(bytesCount);
        System.arraycopy(source, offset, bytes, 0, bytesCount);
        end(bytesCount);
    }

    void set(DirectBuffer source, int offset, int bytesCount) {
        reserve(bytesCount);
        source.getBytes(offset, bytes, 0, bytesCount);
        end(bytesCount);
    }

    void set(ByteBuffer source, int offset, int bytesCount) {
        reserve(bytesCount);
        source.get(offset, bytes, 0, bytesCount);
        end(bytesCount);
    }

    void set(Key source) {
        set(source.bytes, 0, source.length);
    }

    void clear() {
        end(0);
    }

    /** Length 0: as a fence, none; as the key of a branch's first cell, smaller than all. */
    boolean isEmpty() {
        return length == 0;
    }

    /**
     * The shortest key that parts two: above {@code left}, at most {@code right}.
     *
     * @param left below {@code right}
     */
    void setBetween(Key left, Key right) {
        set(right.bytes, 0, Math.min(left.commonWith(right) + 1, right.length));
    }

    /** Bytes that both begin with. */
    int commonWith(Key that) {
        int mismatch = Arrays.mismatch(bytes, 0, length, that.bytes, 0, that.length);
        return mismatch < 0 ? length : mismatch;
    }

    /** Bytes, out of the first {@code most}, that this and a key in a page begin with. */
    int commonWith(ByteBuffer base, int at, int most) {
        int end = Math.min(length, most);
        int i = 0;
        while (i < end && bytes[i] == base.get(at + i)) {
            i++;
        }
        return i;
    }

    /** What the heads of a node hold for this key: see {@link NodeLayout}. */
    long head(int prefix) {
        return prefix < length ? (long) BIG_ENDIAN_LONG.get(bytes, prefix) : 0;
    }

    int compareTo(Key that) {
        return Arrays.compareUnsigned(bytes, 0, length, that.bytes, 0, that.length);
    }

    /** Unsigned lexicographic order against a key in a page; of two that begin alike the shorter comes first. */
    int compareTo(ByteBuffer base, int at, int otherLength) {
        int order = compare(base, at, Math.min(length, otherLength));
        return order != 0 ? order : length - otherLength;
    }

    /** The same against all keys that begin with these bytes: 0 if this one does, too. */
    int compareToPrefix(ByteBuffer base, int at, int prefix) {
        int order = compare(base, at, Math.min(length, prefix));
        return order != 0 || length >= prefix ? order : -1;
    }

    /** Order of the first {@code common} bytes; the last eight are compared again rather than one by one. */
    private int compare(ByteBuffer base, int at, int common) {
        int last = common - Long.BYTES;
        if (last < 0) {
            return compareBytes(base, at, common);
        }
        for (int i = 0; i < last; i += Long.BYTES) {
            long mine = (long) BIG_ENDIAN_LONG.get(bytes, i);
            long theirs = Long.reverseBytes(base.getLong(at + i));
            if (mine != theirs) {
                return Long.compareUnsigned(mine, theirs);
            }
        }
        return Long.compareUnsigned(
                (long) BIG_ENDIAN_LONG.get(bytes, last), Long.reverseBytes(base.getLong(at + last)));
    }

    private int compareBytes(ByteBuffer base, int at, int common) {
        for (int i = 0; i < common; i++) {
            int difference = (bytes[i] & 0xFF) - (base.get(at + i) & 0xFF);
            if (difference != 0) {
                return difference;
            }
        }
        return 0;
    }

    private void reserve(int bytesCount) {
        if (bytesCount > bytes.length - Long.BYTES) {
            bytes = new byte[Math.max(bytesCount + Long.BYTES, 2 * bytes.length)];
        }
    }

    private void end(int bytesCount) {
        length = bytesCount;
        BIG_ENDIAN_LONG.set(bytes, bytesCount, 0L);
    }
}

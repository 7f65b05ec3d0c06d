package dev.quire.io;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * Bytes of a page, for reading in place: base buffer, offset and length, every index checked against the length. To
 * users it is an Agrona {@link DirectBuffer}, so that SBE codecs and Agrona code read pages without a copy; it hands
 * out neither the memory behind it nor its address.
 *
 * <p>Numbers are little-endian unless an order is given, on every machine. Nothing here allocates, but for the methods
 * that return a {@link String} or a buffer. A view belongs to one thread at a time, like the transaction it came from.
 * Once {@linkplain #revoke revoked} every use is an {@link IllegalStateException}; an index out of range is an
 * {@link IndexOutOfBoundsException}.
 */
public sealed class BytesView extends UnwrappableView permits MutableBytesView {

    private static final int REVOKED = -1; // a length that no access fits into, so that one comparison checks both

    /** What a revoked view shows to a thread that it does not belong to and that has passed the check before. */
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0).order(ByteOrder.LITTLE_ENDIAN);

    ByteBuffer base;
    int offset;
    int length = REVOKED;

    /** A view of nothing: point it first. */
    public BytesView() {}

    /**
     * Points the view at {@code length} bytes at {@code offset} of {@code base}, which must be little-endian. Its
     * position and limit are neither used nor changed; the limit must not lie before the end of the view.
     */
    @SuppressWarnings("ReferenceEquality")
    public void point(ByteBuffer base, int offset, int length) {
        if ((offset | length) < 0 || offset > base.limit() - length) {
            throw new IllegalArgumentException("offset=" + offset + " length=" + length + " limit=" + base.limit());
        }
        assert base.order() == ByteOrder.LITTLE_ENDIAN : "view of a big-endian buffer";
        if (this.base != base) {
            this.base = base; // only if it must be, see PageRef.set
        }
        this.offset = offset;
        this.length = length;
    }

    /** Cuts the view off from its memory: every later use fails. Doing it twice does nothing. */
    public final void revoke() {
        base = NOTHING;
        length = REVOKED;
    }

    /** Whether the view points at bytes. */
    public final boolean isLive() {
        return length != REVOKED;
    }

    /**
     * The same bytes as a read-only little-endian {@link ByteBuffer}, from its position to its limit. Allocates two
     * small objects. It is not cut off with the view: after the transaction it reads undefined bytes of live memory.
     */
    public final ByteBuffer asReadOnlyByteBuffer() {
        int size = capacity();
        return base.slice(offset, size).asReadOnlyBuffer().order(ByteOrder.LITTLE_ENDIAN);
    }

    /** The index in the base of {@code bytes} bytes at {@code index}, checked. */
    final int at(int index, int bytes) {
        if ((index | bytes) < 0 || index > length - bytes) {
            throw outOfRange(index, bytes);
        }
        return offset + index;
    }

    private RuntimeException outOfRange(int index, int bytes) {
        if (length == REVOKED) {
            return new IllegalStateException("view used after its transaction ended");
        }
        return new IndexOutOfBoundsException("index=" + index + " length=" + bytes + " capacity=" + length);
    }

    @Override
    public final int capacity() {
        if (length == REVOKED) {
            throw outOfRange(0, 0);
        }
        return length;
    }

    @Override
    public final void checkLimit(int limit) {
        at(0, limit);
    }

    @Override
    public final void boundsCheck(int index, int length) {
        at(index, length);
    }

    @Override
    public final byte getByte(int index) {
        return checked(index, Byte.BYTES).get(offset + index);
    }

    /** The base, after the check: with the index it makes one load. */
    private ByteBuffer checked(int index, int bytes) {
        at(index, bytes);
        return base;
    }

    @Override
    public final short getShort(int index) {
        return checked(index, Short.BYTES).getShort(offset + index);
    }

    @Override
    public final short getShort(int index, ByteOrder order) {
        short value = getShort(index);
        return order == ByteOrder.LITTLE_ENDIAN ? value : Short.reverseBytes(value);
    }

    @Override
    public final char getChar(int index) {
        return checked(index, Character.BYTES).getChar(offset + index);
    }

    @Override
    public final char getChar(int index, ByteOrder order) {
        char value = getChar(index);
        return order == ByteOrder.LITTLE_ENDIAN ? value : Character.reverseBytes(value);
    }

    @Override
    public final int getInt(int index) {
        return checked(index, Integer.BYTES).getInt(offset + index);
    }

    @Override
    public final int getInt(int index, ByteOrder order) {
        int value = getInt(index);
        return order == ByteOrder.LITTLE_ENDIAN ? value : Integer.reverseBytes(value);
    }

    @Override
    public final long getLong(int index) {
        return checked(index, Long.BYTES).getLong(offset + index);
    }

    @Override
    public final long getLong(int index, ByteOrder order) {
        long value = getLong(index);
        return order == ByteOrder.LITTLE_ENDIAN ? value : Long.reverseBytes(value);
    }

    @Override
    public final float getFloat(int index) {
        return Float.intBitsToFloat(getInt(index));
    }

    @Override
    public final float getFloat(int index, ByteOrder order) {
        return Float.intBitsToFloat(getInt(index, order));
    }

    @Override
    public final double getDouble(int index) {
        return Double.longBitsToDouble(getLong(index));
    }

    @Override
    public final double getDouble(int index, ByteOrder order) {
        return Double.longBitsToDouble(getLong(index, order));
    }

    @Override
    public final void getBytes(int index, byte[] target) {
        getBytes(index, target, 0, target.length);
    }

    @Override
    public final void getBytes(int index, byte[] target, int targetOffset, int bytes) {
        checked(index, bytes).get(offset + index, target, targetOffset, bytes);
    }

    @Override
    public final void getBytes(int index, MutableDirectBuffer target, int targetIndex, int bytes) {
        int from = at(index, bytes);
        if (target instanceof MutableBytesView view) {
            view.base.put(view.at(targetIndex, bytes), base, from, bytes);
        } else {
            ForeignBuffers.copy(this, index, target, targetIndex, bytes);
        }
    }

    @Override
    public final void getBytes(int index, ByteBuffer target, int bytes) {
        getBytes(index, target, target.position(), bytes);
        target.position(target.position() + bytes);
    }

    @Override
    public final void getBytes(int index, ByteBuffer target, int targetOffset, int bytes) {
        target.put(targetOffset, checked(index, bytes), offset + index, bytes);
    }

    @Override
    public final int parseNaturalIntAscii(int index, int length) {
        return AsciiNumbers.parseNaturalInt(this, index, length);
    }

    @Override
    public final long parseNaturalLongAscii(int index, int length) {
        return AsciiNumbers.parseNaturalLong(this, index, length);
    }

    @Override
    public final int parseIntAscii(int index, int length) {
        return AsciiNumbers.parseInt(this, index, length);
    }

    @Override
    public final long parseLongAscii(int index, int length) {
        return AsciiNumbers.parseLong(this, index, length);
    }

    @Override
    public final String getStringAscii(int index) {
        return getStringAscii(index, getInt(index));
    }

    @Override
    public final String getStringAscii(int index, ByteOrder order) {
        return getStringAscii(index, getInt(index, order));
    }

    @Override
    public final String getStringAscii(int index, int length) {
        return getStringWithoutLengthAscii(index + STR_HEADER_LEN, length);
    }

    @Override
    public final int getStringAscii(int index, Appendable target) {
        return getStringAscii(index, getInt(index), target);
    }

    @Override
    public final int getStringAscii(int index, Appendable target, ByteOrder order) {
        return getStringAscii(index, getInt(index, order), target);
    }

    @Override
    public final int getStringAscii(int index, int length, Appendable target) {
        return getStringWithoutLengthAscii(index + STR_HEADER_LEN, length, target);
    }

    @Override
    public final String getStringWithoutLengthAscii(int index, int length) {
        return new String(copy(index, length), StandardCharsets.US_ASCII);
    }

    @Override
    public final int getStringWithoutLengthAscii(int index, int length, Appendable target) {
        at(index, length);
        try {
            for (int i = 0; i < length; i++) {
                target.append((char) getByte(index + i));
            }
            return length;
        } catch (IOException fault) {
            throw new UncheckedIOException(fault);
        }
    }

    @Override
    public final String getStringUtf8(int index) {
        return getStringUtf8(index, getInt(index));
    }

    @Override
    public final String getStringUtf8(int index, ByteOrder order) {
        return getStringUtf8(index, getInt(index, order));
    }

    @Override
    public final String getStringUtf8(int index, int length) {
        return getStringWithoutLengthUtf8(index + STR_HEADER_LEN, length);
    }

    @Override
    public final String getStringWithoutLengthUtf8(int index, int length) {
        return new String(copy(index, length), StandardCharsets.UTF_8);
    }

    /** Checked before anything is allocated: a length out of the page may be any number. */
    private byte[] copy(int index, int length) {
        at(index, length);
        byte[] bytes = new byte[length];
        getBytes(index, bytes, 0, length);
        return bytes;
    }

    /** Unsigned and lexicographic; of two that begin alike the shorter comes first. */
    @Override
    public final int compareTo(DirectBuffer that) {
        int mine = capacity();
        int common = Math.min(mine, that.capacity());
        int i = 0;
        for (; i <= common - Long.BYTES; i += Long.BYTES) {
            long left = getLong(i, ByteOrder.BIG_ENDIAN);
            long right = that.getLong(i, ByteOrder.BIG_ENDIAN);
            if (left != right) {
                return Long.compareUnsigned(left, right);
            }
        }
        for (; i < common; i++) {
            int order = Byte.compareUnsigned(getByte(i), that.getByte(i));
            if (order != 0) {
                return order;
            }
        }
        return Integer.compare(mine, that.capacity());
    }

    /** Whether the other is a view, too, of the same bytes; views that point at nothing equal only themselves. */
    @Override
    public final boolean equals(Object other) {
        if (this == other) {
            return true;
        }
        return other instanceof BytesView view && isLive() && length == view.length && compareTo(view) == 0;
    }

    /** Of the bytes, so it changes with them and walks over all of them. */
    @Override
    public final int hashCode() {
        int hash = 1;
        for (int i = 0; i < length; i++) {
            hash = 31 * hash + getByte(i);
        }
        return hash;
    }

    @Override
    public final String toString() {
        return isLive() ? "BytesView length=" + length : "BytesView revoked";
    }
}

package dev.quire.io;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * Bytes of a page that a write transaction may change in place: its private frame. Everything said of {@link BytesView}
 * holds; it never grows.
 */
public final class MutableBytesView extends BytesView implements MutableDirectBuffer {

    /** A view of nothing: point it first. */
    public MutableBytesView() {}

    /** {@inheritDoc} The base must be writable. */
    @Override
    public void point(ByteBuffer base, int offset, int length) {
        if (base.isReadOnly()) {
            throw new IllegalArgumentException("a mutable view of a read-only buffer");
        }
        super.point(base, offset, length);
    }

    @Override
    public boolean isExpandable() {
        return false;
    }

    private ByteBuffer target(int index, int bytes) {
        at(index, bytes);
        return base;
    }

    @Override
    public void setMemory(int index, int bytes, byte value) {
        int at = at(index, bytes);
        long eight = (value & 0xFFL) * 0x0101_0101_0101_0101L;
        int end = at + bytes;
        for (; at <= end - Long.BYTES; at += Long.BYTES) {
            base.putLong(at, eight);
        }
        for (; at < end; at++) {
            base.put(at, value);
        }
    }

    @Override
    public void putByte(int index, byte value) {
        target(index, Byte.BYTES).put(offset + index, value);
    }

    @Override
    public void putShort(int index, short value) {
        target(index, Short.BYTES).putShort(offset + index, value);
    }

    @Override
    public void putShort(int index, short value, ByteOrder order) {
        putShort(index, order == ByteOrder.LITTLE_ENDIAN ? value : Short.reverseBytes(value));
    }

    @Override
    public void putChar(int index, char value) {
        target(index, Character.BYTES).putChar(offset + index, value);
    }

    @Override
    public void putChar(int index, char value, ByteOrder order) {
        putChar(index, order == ByteOrder.LITTLE_ENDIAN ? value : Character.reverseBytes(value));
    }

    @Override
    public void putInt(int index, int value) {
        target(index, Integer.BYTES).putInt(offset + index, value);
    }

    @Override
    public void putInt(int index, int value, ByteOrder order) {
        putInt(index, order == ByteOrder.LITTLE_ENDIAN ? value : Integer.reverseBytes(value));
    }

    @Override
    public void putLong(int index, long value) {
        target(index, Long.BYTES).putLong(offset + index, value);
    }

    @Override
    public void putLong(int index, long value, ByteOrder order) {
        putLong(index, order == ByteOrder.LITTLE_ENDIAN ? value : Long.reverseBytes(value));
    }

    @Override
    public void putFloat(int index, float value) {
        putInt(index, Float.floatToRawIntBits(value));
    }

    @Override
    public void putFloat(int index, float value, ByteOrder order) {
        putInt(index, Float.floatToRawIntBits(value), order);
    }

    @Override
    public void putDouble(int index, double value) {
        putLong(index, Double.doubleToRawLongBits(value));
    }

    @Override
    public void putDouble(int index, double value, ByteOrder order) {
        putLong(index, Double.doubleToRawLongBits(value), order);
    }

    @Override
    public void putBytes(int index, byte[] source) {
        putBytes(index, source, 0, source.length);
    }

    @Override
    public void putBytes(int index, byte[] source, int sourceOffset, int bytes) {
        target(index, bytes).put(offset + index, source, sourceOffset, bytes);
    }

    @Override
    public void putBytes(int index, ByteBuffer source, int bytes) {
        putBytes(index, source, source.position(), bytes);
        source.position(source.position() + bytes);
    }

    @Override
    public void putBytes(int index, ByteBuffer source, int sourceIndex, int bytes) {
        target(index, bytes).put(offset + index, source, sourceIndex, bytes);
    }

    @Override
    public void putBytes(int index, DirectBuffer source, int sourceIndex, int bytes) {
        if (source instanceof BytesView view) {
            view.getBytes(sourceIndex, this, index, bytes);
        } else {
            at(index, bytes);
            ForeignBuffers.copy(source, sourceIndex, this, index, bytes);
        }
    }

    @Override
    public int putNaturalIntAscii(int index, int value) {
        return AsciiNumbers.putNatural(this, index, value);
    }

    @Override
    public int putNaturalLongAscii(int index, long value) {
        return AsciiNumbers.putNatural(this, index, value);
    }

    @Override
    public int putIntAscii(int index, int value) {
        return AsciiNumbers.put(this, index, value);
    }

    @Override
    public int putLongAscii(int index, long value) {
        return AsciiNumbers.put(this, index, value);
    }

    @Override
    public void putNaturalPaddedIntAscii(int index, int length, int value) {
        AsciiNumbers.putPadded(this, index, length, value);
    }

    @Override
    public int putNaturalIntAsciiFromEnd(int value, int endExclusive) {
        return AsciiNumbers.putFromEnd(this, value, endExclusive);
    }

    @Override
    public int putStringAscii(int index, String value) {
        return putStringAscii(index, (CharSequence) value);
    }

    @Override
    public int putStringAscii(int index, CharSequence value) {
        return putStringAscii(index, value, ByteOrder.LITTLE_ENDIAN);
    }

    @Override
    public int putStringAscii(int index, String value, ByteOrder order) {
        return putStringAscii(index, (CharSequence) value, order);
    }

    @Override
    public int putStringAscii(int index, CharSequence value, ByteOrder order) {
        int chars = value == null ? 0 : value.length();
        at(index, Math.addExact(STR_HEADER_LEN, chars));
        putInt(index, chars, order);
        return STR_HEADER_LEN + putStringWithoutLengthAscii(index + STR_HEADER_LEN, value);
    }

    @Override
    public int putStringWithoutLengthAscii(int index, String value) {
        return putStringWithoutLengthAscii(index, (CharSequence) value);
    }

    @Override
    public int putStringWithoutLengthAscii(int index, CharSequence value) {
        return putStringWithoutLengthAscii(index, value, 0, value == null ? 0 : value.length());
    }

    @Override
    public int putStringWithoutLengthAscii(int index, String value, int valueOffset, int length) {
        return putStringWithoutLengthAscii(index, (CharSequence) value, valueOffset, length);
    }

    @Override
    public int putStringWithoutLengthAscii(int index, CharSequence value, int valueOffset, int length) {
        int chars = value == null ? 0 : Math.min(value.length() - valueOffset, length);
        at(index, chars);
        for (int i = 0; i < chars; i++) {
            char c = value.charAt(valueOffset + i);
            putByte(index + i, (byte) (c > 127 ? '?' : c));
        }
        return chars;
    }

    @Override
    public int putStringUtf8(int index, String value) {
        return putStringUtf8(index, value, ByteOrder.LITTLE_ENDIAN);
    }

    @Override
    public int putStringUtf8(int index, String value, ByteOrder order) {
        return putStringUtf8(index, value, order, Integer.MAX_VALUE);
    }

    @Override
    public int putStringUtf8(int index, String value, int maxEncodedLength) {
        return putStringUtf8(index, value, ByteOrder.LITTLE_ENDIAN, maxEncodedLength);
    }

    @Override
    public int putStringUtf8(int index, String value, ByteOrder order, int maxEncodedLength) {
        byte[] encoded = encode(value);
        if (encoded.length > maxEncodedLength) {
            throw new IllegalArgumentException(
                    "encodedLength=" + encoded.length + " maxEncodedLength=" + maxEncodedLength);
        }
        at(index, Math.addExact(STR_HEADER_LEN, encoded.length));
        putInt(index, encoded.length, order);
        putBytes(index + STR_HEADER_LEN, encoded);
        return STR_HEADER_LEN + encoded.length;
    }

    @Override
    public int putStringWithoutLengthUtf8(int index, String value) {
        byte[] encoded = encode(value);
        putBytes(index, encoded);
        return encoded.length;
    }

    private static byte[] encode(String value) {
        return value == null ? new byte[0] : value.getBytes(StandardCharsets.UTF_8);
    }
}

package dev.quire.io;

import org.agrona.AsciiNumberFormatException;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/** Decimal numbers in ASCII, as the buffer interfaces of Agrona want them; written to be right rather than fast. */
final class AsciiNumbers {

    private AsciiNumbers() {}

    static int parseNaturalInt(DirectBuffer buffer, int index, int length) {
        return narrow(parseNaturalLong(buffer, index, length), index, length);
    }

    static int parseInt(DirectBuffer buffer, int index, int length) {
        return narrow(parseLong(buffer, index, length), index, length);
    }

    private static int narrow(long value, int index, int length) {
        if (value != (int) value) {
            throw malformed("int overflow", index, length);
        }
        return (int) value;
    }

    static long parseNaturalLong(DirectBuffer buffer, int index, int length) {
        return -parseNegative(buffer, index, length, true);
    }

    static long parseLong(DirectBuffer buffer, int index, int length) {
        buffer.boundsCheck(index, length);
        if (length > 1 && buffer.getByte(index) == '-') {
            return parseNegative(buffer, index + 1, length - 1, false);
        }
        return parseNaturalLong(buffer, index, length);
    }

    /** Minus the digits: there is one more negative number than positive ones, and {@code positive} excludes it. */
    private static long parseNegative(DirectBuffer buffer, int index, int length, boolean positive) {
        buffer.boundsCheck(index, length);
        if (length == 0) {
            throw malformed("no digits", index, length);
        }
        long limit = positive ? -Long.MAX_VALUE : Long.MIN_VALUE;
        long value = 0;
        for (int i = index; i < index + length; i++) {
            int digit = buffer.getByte(i) - '0';
            if (digit < 0 || digit > 9) {
                throw malformed("not a digit at " + i, index, length);
            }
            if (value < limit / 10 || value * 10 < limit + digit) {
                throw malformed("long overflow", index, length);
            }
            value = value * 10 - digit;
        }
        return value;
    }

    private static AsciiNumberFormatException malformed(String why, int index, int length) {
        return new AsciiNumberFormatException(why + ": index=" + index + " length=" + length);
    }

    /** The bytes written. */
    static int putNatural(MutableDirectBuffer buffer, int index, long value) {
        if (value < 0) {
            throw new IllegalArgumentException("value=" + value);
        }
        return put(buffer, index, value);
    }

    static int put(MutableDirectBuffer buffer, int index, long value) {
        String digits = Long.toString(value);
        buffer.boundsCheck(index, digits.length());
        for (int i = 0; i < digits.length(); i++) {
            buffer.putByte(index + i, (byte) digits.charAt(i));
        }
        return digits.length();
    }

    /** Fills exactly {@code length} bytes, with zeros in front. */
    static void putPadded(MutableDirectBuffer buffer, int index, int length, int value) {
        String digits = Integer.toString(value);
        if (value < 0 || digits.length() > length) {
            throw new NumberFormatException("value=" + value + " length=" + length);
        }
        buffer.boundsCheck(index, length);
        int zeros = length - digits.length();
        buffer.setMemory(index, zeros, (byte) '0');
        put(buffer, index + zeros, value);
    }

    /** The index of the first digit. */
    static int putFromEnd(MutableDirectBuffer buffer, int value, int endExclusive) {
        if (value < 0) {
            throw new IllegalArgumentException("value=" + value);
        }
        int index = endExclusive - Integer.toString(value).length();
        put(buffer, index, value);
        return index;
    }
}

package dev.quire.io.log;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A log sequence number: a place in a log stream, as one long that orders by plain comparison.
 *
 * <pre>
 *   63 62                             32 31                              0
 *  +--+---------------------------------+---------------------------------+
 *  | 0|   generation, from 1            |   byte offset in that file      |
 *  +--+---------------------------------+---------------------------------+
 * </pre>
 *
 * The sign bit stays clear so that signed comparison is the order of the log. A number means nothing outside its
 * stream.
 */
public final class Lsn {

    /** No place: below every place of every stream. */
    public static final long NONE = 0;

    private static final int OFFSET_BITS = 32;
    private static final long OFFSET_MASK = 0xFFFF_FFFFL;

    private static final Pattern TEXT = Pattern.compile("(\\d{1,10}):0x([0-9a-fA-F]{1,8})");
    private static final int HEX = 16;

    private Lsn() {}

    /**
     * The place at {@code offset} in {@code generation}.
     *
     * @throws IllegalArgumentException if either is negative
     */
    public static long of(int generation, int offset) {
        if (generation < 0 || offset < 0) {
            throw new IllegalArgumentException("generation=" + generation + " offset=" + offset);
        }
        return (long) generation << OFFSET_BITS | offset;
    }

    /** The generation that {@code lsn} lies in; 0 for {@link #NONE}. */
    public static int generation(long lsn) {
        return (int) (lsn >>> OFFSET_BITS);
    }

    /** The byte offset of {@code lsn} in its generation. */
    public static int offset(long lsn) {
        return (int) (lsn & OFFSET_MASK);
    }

    /**
     * The place that {@link #toString(long)} has written so.
     *
     * @throws IllegalArgumentException if it is none
     */
    public static long parse(String text) {
        Matcher parts = TEXT.matcher(text);
        if (!parts.matches()) {
            throw new IllegalArgumentException("lsn=" + text);
        }
        return of(Integer.parseInt(parts.group(1)), Integer.parseInt(parts.group(2), HEX));
    }

    /** For people: {@code 3:0x1200} is offset 0x1200 in generation 3. */
    public static String toString(long lsn) {
        return generation(lsn) + ":0x" + Integer.toHexString(offset(lsn));
    }
}

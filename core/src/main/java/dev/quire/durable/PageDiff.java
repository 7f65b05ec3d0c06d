package dev.quire.durable;

import java.nio.ByteBuffer;

/**
 * Finds the bytes of a page that differ from what it was made from, and writes them as ranges into a record. Compares
 * eight bytes at a time; two ranges less than sixteen equal bytes apart become one, because a range costs four.
 */
final class PageDiff {

    private static final int STEP = Long.BYTES;
    private static final int GAP_STEPS = 2;

    private PageDiff() {}

    /**
     * Appends to {@code out} at its position the ranges of {@code [from, to)} in which the page differs from its base.
     * Offsets in the ranges count from {@code origin}.
     */
    static void ranges(
            ByteBuffer page,
            int pageOffset,
            ByteBuffer base,
            int baseOffset,
            int from,
            int to,
            int origin,
            ByteBuffer out) {
        int at = from;
        while (at < to) {
            while (at < to && page.getLong(pageOffset + at) == base.getLong(baseOffset + at)) {
                at += STEP;
            }
            if (at < to) {
                int end = runEnd(page, pageOffset, base, baseOffset, at, to);
                emit(page, pageOffset, at, end, origin, out);
                at = end;
            }
        }
    }

    /** The same against a base of zeros. */
    static void rangesOverZero(ByteBuffer page, int pageOffset, int from, int to, int origin, ByteBuffer out) {
        int at = from;
        while (at < to) {
            while (at < to && page.getLong(pageOffset + at) == 0) {
                at += STEP;
            }
            if (at < to) {
                int end = runEndOverZero(page, pageOffset, at, to);
                emit(page, pageOffset, at, end, origin, out);
                at = end;
            }
        }
    }

    private static int runEnd(ByteBuffer page, int pageOffset, ByteBuffer base, int baseOffset, int start, int to) {
        int end = start + STEP;
        int equal = 0;
        for (int at = end; at < to && equal < GAP_STEPS; at += STEP) {
            if (page.getLong(pageOffset + at) == base.getLong(baseOffset + at)) {
                equal++;
            } else {
                equal = 0;
                end = at + STEP;
            }
        }
        return end;
    }

    private static int runEndOverZero(ByteBuffer page, int pageOffset, int start, int to) {
        int end = start + STEP;
        int zero = 0;
        for (int at = end; at < to && zero < GAP_STEPS; at += STEP) {
            if (page.getLong(pageOffset + at) == 0) {
                zero++;
            } else {
                zero = 0;
                end = at + STEP;
            }
        }
        return end;
    }

    private static void emit(ByteBuffer page, int pageOffset, int from, int to, int origin, ByteBuffer out) {
        int length = to - from;
        int position = out.position();
        out.putShort(position, (short) (from - origin));
        out.putShort(position + 2, (short) length);
        out.put(position + RecordLayout.RANGE_HEADER_BYTES, page, pageOffset + from, length);
        out.position(position + RecordLayout.RANGE_HEADER_BYTES + length);
    }
}

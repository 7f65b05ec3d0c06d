package dev.quire.cli;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Draws bytes field by field: what has a name on lines of its own, the rest in rows, many rows of zeros as one line.
 */
final class Drawing {

    private static final int ZERO_ROWS_MAX = 2;

    private final RawBytes bytes;
    private final long base;
    private final StringBuilder text = new StringBuilder();
    private final List<RawBytes.Row> rows = new ArrayList<>();
    private int next;

    /** {@code base}: what the first byte's place is called. */
    Drawing(RawBytes bytes, long base) {
        this.bytes = bytes;
        this.base = base;
    }

    /** The next {@code length} bytes, or what there is of them, under a name. */
    Drawing field(int length, String name) {
        int end = Math.min(bytes.length(), next + length);
        boolean first = true;
        while (next < end) {
            int zeros = zeroRows(next, end);
            if (zeros > ZERO_ROWS_MAX) {
                zeros(zeros, first ? name : "");
            } else {
                int count = Math.min(RawBytes.ROW_BYTES, end - next);
                String comment = (first ? name + ' ' : "") + '|' + characters(next, count) + '|';
                rows.add(new RawBytes.Row(next, count, comment));
                next += count;
            }
            first = false;
        }
        return this;
    }

    /** Everything up to {@code offset}. */
    Drawing upTo(int offset, String name) {
        return field(Math.max(0, offset - next), name);
    }

    @Override
    public String toString() {
        flush();
        return text.toString();
    }

    private void zeros(int count, String name) {
        flush();
        text.append(String.format("%08x ", base + next))
                .append(count * RawBytes.ROW_BYTES)
                .append(" bytes of zero");
        text.append(name.isEmpty() ? "" : " # " + name).append('\n');
        next += count * RawBytes.ROW_BYTES;
    }

    private int zeroRows(int from, int end) {
        int at = from;
        while (at < end && bytes.u8(at) == 0) {
            at++;
        }
        return (at - from) / RawBytes.ROW_BYTES;
    }

    private String characters(int from, int count) {
        byte[] seen = bytes.copy(from, count);
        for (int i = 0; i < count; i++) {
            seen[i] = seen[i] < ' ' || seen[i] == 0x7F ? (byte) '.' : seen[i];
        }
        return new String(seen, StandardCharsets.US_ASCII);
    }

    private void flush() {
        text.append(bytes.draw(base, rows));
        rows.clear();
    }
}

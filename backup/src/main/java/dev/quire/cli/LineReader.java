package dev.quire.cli;

import dev.quire.io.QuireError;
import dev.quire.io.QuireException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/**
 * Lines of {@code key TAB value}, as bytes: everything before the first tab is the key, everything behind it up to
 * the line
 * feed is the value, a carriage return too. The last line need not end. One thread.
 */
final class LineReader {

    private static final int BUFFER_BYTES = 256 << 10;

    private final InputStream in;
    private final String name;
    private final int keyBytesMax;
    private final int valueBytesMax;
    private final byte[] buffer = new byte[BUFFER_BYTES];
    private int at;
    private int end;
    private byte[] line = new byte[BUFFER_BYTES];
    private int length;
    private int tab;
    private long number;

    LineReader(InputStream in, String name, int keyBytesMax, int valueBytesMax) {
        this.in = in;
        this.name = name;
        this.keyBytesMax = keyBytesMax;
        this.valueBytesMax = valueBytesMax;
    }

    /**
     * Goes to the next line; false behind the last.
     *
     * @throws QuireException naming the line, if it has no tab, or no key, or is too long
     */
    boolean next() throws IOException {
        length = 0;
        tab = -1;
        number++;
        boolean ended = false;
        while (!ended && (at < end || fill())) {
            int stop = at;
            while (stop < end && buffer[stop] != '\n') {
                stop++;
            }
            take(at, stop);
            ended = stop < end;
            at = ended ? stop + 1 : stop;
        }
        if (!ended && length == 0) {
            return false;
        }
        if (tab < 0) {
            throw new QuireException(QuireError.INVALID_PARAMETER, where() + ": there is no tab");
        }
        Loader.checkKey(tab, keyBytesMax, where());
        return true;
    }

    byte[] key() {
        return Arrays.copyOf(line, tab);
    }

    byte[] value() {
        return Arrays.copyOfRange(line, tab + 1, length);
    }

    /** The line, for messages. */
    String where() {
        return name + ":" + number;
    }

    private boolean fill() throws IOException {
        at = 0;
        end = Math.max(0, in.read(buffer));
        return end > 0;
    }

    private void take(int from, int to) {
        long needed = (long) length + to - from;
        long most = tab < 0 ? (long) keyBytesMax + 1 + valueBytesMax : tab + 1L + valueBytesMax;
        if (needed > most) {
            throw Sources.tooLong(where(), valueBytesMax);
        }
        if (needed > line.length) {
            line = Arrays.copyOf(line, (int) Math.max(needed, Math.min(most, 2L * line.length)));
        }
        System.arraycopy(buffer, from, line, length, to - from);
        for (int i = length; tab < 0 && i < needed; i++) {
            tab = line[i] == '\t' ? i : -1;
        }
        length = (int) needed;
    }
}

package dev.quire.cli;

import dev.quire.io.LimitException;
import dev.quire.io.QuireError;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/** Reads what may be too long, within a limit that is found out before memory is. */
final class Sources {

    private static final int FIRST_BYTES = 16 << 10;

    /** The stream of a file takes as much memory outside the heap as is asked for at once. */
    private static final int PIECE_BYTES_MAX = 1 << 20;

    private Sources() {}

    /**
     * All of a stream.
     *
     * @param name of it, for the message
     * @throws LimitException {@code RECORD_TOO_BIG} if there are more than {@code bytesMax}, {@code OUT_OF_MEMORY} if
     * the
     *     heap is too small for them
     */
    static byte[] read(InputStream in, int bytesMax, String name) throws IOException {
        return read(in, bytesMax, name, FIRST_BYTES);
    }

    /** The same for a stream that probably has {@code bytesExpected}. */
    static byte[] read(InputStream in, int bytesMax, String name, long bytesExpected) throws IOException {
        if (bytesExpected > bytesMax) {
            throw tooLong(name, bytesMax);
        }
        try {
            byte[] bytes = new byte[(int) bytesExpected];
            int count = 0;
            while (true) {
                int piece = Math.min(PIECE_BYTES_MAX, bytes.length - count);
                int got = in.readNBytes(bytes, count, piece);
                count += got;
                if (got < piece) {
                    return Arrays.copyOf(bytes, count);
                }
                if (count < bytes.length) {
                    continue;
                }
                int next = in.read();
                if (next < 0) {
                    return bytes;
                }
                if (count == bytesMax) {
                    throw tooLong(name, bytesMax);
                }
                bytes = Arrays.copyOf(bytes, (int) Math.min(bytesMax, 2L * count + FIRST_BYTES));
                bytes[count++] = (byte) next;
            }
        } catch (OutOfMemoryError e) {
            String what = name + ": the value does not fit the Java heap; give java a larger -Xmx";
            throw new LimitException(QuireError.OUT_OF_MEMORY, null, what, e);
        }
    }

    /** For a value that is longer than can be put. */
    static LimitException tooLong(String name, int bytesMax) {
        String what = name + ": longer than a value may be, limit=" + Amounts.bytes(bytesMax)
                + "; it is 1 GiB, or half of --memory";
        return new LimitException(QuireError.RECORD_TOO_BIG, null, what, null);
    }
}

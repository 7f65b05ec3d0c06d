package dev.quire.cli;

import java.io.Reader;

/** Bytes of any length as the text of {@link Escapes}, a piece at a time: a value may be a gigabyte. One thread. */
final class EscapedReader extends Reader {

    private static final int PIECE_BYTES = 64 << 10;

    /** Where the bytes come from. */
    @FunctionalInterface
    interface Source {
        /**
         * Copies {@code bytes} bytes from {@code from} on to the start of {@code target}, behind {@code
         * targetOffset}.
         */
        void copy(int from, byte[] target, int targetOffset, int bytes);
    }

    private final Source source;
    private final int length;
    private final byte[] piece;
    private final StringBuilder text = new StringBuilder();
    private int next;
    private int kept;
    private int given;

    EscapedReader(Source source, int length) {
        this.source = source;
        this.length = length;
        this.piece = new byte[Math.min(length, PIECE_BYTES)];
    }

    @Override
    public int read(char[] into, int offset, int count) {
        while (given == text.length()) {
            if (next == length) {
                return -1;
            }
            fill();
        }
        int chars = Math.min(count, text.length() - given);
        text.getChars(given, given + chars, into, offset);
        given += chars;
        return chars;
    }

    private void fill() {
        text.setLength(0);
        given = 0;
        int bytes = Math.min(piece.length - kept, length - next);
        source.copy(next, piece, kept, bytes);
        next += bytes;
        int count = kept + bytes;
        int taken = Escapes.append(piece, count, next == length, text);
        kept = count - taken;
        System.arraycopy(piece, taken, piece, 0, kept);
    }

    @Override
    public void close() {
        // there is nothing to close
    }
}

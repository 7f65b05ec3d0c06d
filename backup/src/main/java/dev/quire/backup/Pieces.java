package dev.quire.backup;

import dev.quire.io.Progress;
import dev.quire.io.StoreFile;

/** A file of the log, copied from its beginning, in pieces: no faster than wanted, and no further. */
final class Pieces {

    private static final int UNIT_BYTES = 4096;

    private Pieces() {}

    /** Told behind each piece. */
    @FunctionalInterface
    interface Piece {
        void moved(long end, long bytes);
    }

    /** Copies {@code [0, end)}; {@code done} is told of each piece. */
    static void copy(StoreFile from, StoreFile to, long end, Progress progress, Piece done) {
        long at = 0;
        while (at < end) {
            long piece = Math.min(end - at, progress.limit().piece(PageCopy.UNIT_BYTES, UNIT_BYTES));
            progress.pace(Progress.Phase.LOG, piece);
            from.transferTo(at, piece, to, at);
            at += piece;
            done.moved(at, piece);
        }
    }
}

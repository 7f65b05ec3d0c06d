package dev.quire.backup;

import dev.quire.io.Progress;
import dev.quire.io.QuireError;
import dev.quire.io.QuireException;
import dev.quire.io.StoreFile;
import java.nio.ByteBuffer;

/**
 * A file that arrives from its beginning to its end: written where it belongs, no faster than wanted. What nobody uses
 * stays a hole.
 */
final class ArrivingFile implements BackupOffer.Target {

    private final StoreFile file;
    private final ExternalFile expected;
    private final Progress progress;
    private final Progress.Phase phase;
    private final Pieces.Piece moved;
    private long position;

    /** Into a new file, which it does not close; {@code moved} is told of each piece. */
    ArrivingFile(StoreFile file, ExternalFile expected, Progress progress, Progress.Phase phase, Pieces.Piece moved) {
        this.file = file;
        this.expected = expected;
        this.progress = progress;
        this.phase = phase;
        this.moved = moved;
    }

    @Override
    public void zeros(long bytes) {
        checkRoom(bytes);
        position += bytes;
    }

    @Override
    public void bytes(ByteBuffer bytes) {
        checkRoom(bytes.remaining());
        while (bytes.hasRemaining()) {
            int piece = (int)
                    Math.min(bytes.remaining(), progress.limit().piece(LocalOffer.PIECE_BYTES, expected.unitBytes()));
            progress.pace(phase, piece);
            file.write(bytes.slice(bytes.position(), piece), position);
            bytes.position(bytes.position() + piece);
            position += piece;
            moved.moved(position, piece);
        }
    }

    /** All of it must be there. */
    void end() {
        if (position != expected.bytes()) {
            throw wrong("ends");
        }
    }

    private void checkRoom(long bytes) {
        if (bytes < 0 || bytes > expected.bytes() - position) {
            throw wrong("goes on");
        }
    }

    private QuireException wrong(String how) {
        return new QuireException(
                QuireError.INVALID_BACKUP,
                file.path(),
                how + " at " + position + ", and has bytes=" + expected.bytes() + " by what was said of it",
                null);
    }
}

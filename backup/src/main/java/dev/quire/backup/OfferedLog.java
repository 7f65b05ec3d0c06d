package dev.quire.backup;

import dev.quire.io.Checksum;
import dev.quire.io.OperationEvent.Subject;
import dev.quire.io.Storage;
import dev.quire.io.StoreFile;
import dev.quire.io.log.GenerationStart;
import dev.quire.io.log.LogFiles;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A closed generation of the log, up to where it was closed. Nobody writes to it any more, and while it is pinned it
 * stays; so it is verified whole before its first byte leaves, and read as it is then. Between two reads no file is
 * open: nothing is left over of a series that nobody ends.
 */
final class OfferedLog extends OfferedFile {

    /** A multiple of the unit. */
    private static final int NOTED_BYTES = 256 << 10;

    private final Storage storage;
    private final Path source;
    private final int generation;
    private final GenerationStart next;
    private final VerifiedLog verified;
    private final ReentrantLock lock = new ReentrantLock();
    private int[] sums;

    /** The generation before {@code next}. */
    OfferedLog(Storage storage, Path log, String id, GenerationStart next, VerifiedLog verified) {
        super(
                id + '.' + LogFiles.name(next.previous().generation()),
                next.previous().closingOffset(),
                UNIT_BYTES);
        this.storage = storage;
        this.generation = next.previous().generation();
        this.source = LogFiles.path(log, generation);
        this.next = next;
        this.verified = verified;
    }

    @Override
    Subject subject(long bytes) {
        return Subject.log(source, bytes, generation, generation);
    }

    @Override
    void read(ByteBuffer into, long position, long end) {
        int[] expected = sums();
        into.clear().limit((int) Math.min(into.capacity(), end - position));
        int wanted = into.limit();
        try (StoreFile file = storage.open(source, Storage.Access.READ)) {
            if (file.read(into, position) < wanted) {
                throw VerifiedLog.fault(source, "is cut off: it was longer when it was verified", null);
            }
        }
        into.flip();
        for (int at = 0; at < wanted; at += UNIT_BYTES) {
            int unit = (int) ((position + at) / UNIT_BYTES);
            if (Checksum.crc32c(into, at, Math.min(UNIT_BYTES, wanted - at)) != expected[unit]) {
                throw VerifiedLog.fault(source, "is not what it was when it was verified, at " + (position + at), null);
            }
        }
    }

    /** What leaves is compared with these, which were noted before all of it was verified: so it is what verified. */
    private int[] sums() {
        lock.lock();
        try {
            if (sums == null) {
                int[] noted = noted();
                verified.verify(source, generation, next);
                sums = noted;
            }
            return sums;
        } finally {
            lock.unlock();
        }
    }

    private int[] noted() {
        long bytes = file().bytes();
        int[] noted = new int[(int) ((bytes + UNIT_BYTES - 1) / UNIT_BYTES)];
        ByteBuffer piece = ByteBuffer.allocateDirect(NOTED_BYTES);
        try (StoreFile file = storage.open(source, Storage.Access.READ)) {
            for (long position = 0; position < bytes; position += piece.limit()) {
                piece.clear().limit((int) Math.min(NOTED_BYTES, bytes - position));
                if (file.read(piece, position) < piece.limit()) {
                    throw VerifiedLog.fault(source, "is cut off, expected bytes=" + bytes, null);
                }
                for (int at = 0; at < piece.limit(); at += UNIT_BYTES) {
                    noted[(int) ((position + at) / UNIT_BYTES)] =
                            Checksum.crc32c(piece, at, Math.min(UNIT_BYTES, piece.limit() - at));
                }
            }
        }
        return noted;
    }
}

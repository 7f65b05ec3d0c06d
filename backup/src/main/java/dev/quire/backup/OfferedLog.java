package dev.quire.backup;

import dev.quire.io.Storage;
import dev.quire.io.StoreFile;
import dev.quire.io.log.GenerationStart;
import dev.quire.io.log.LogFiles;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/**
 * A closed generation of the log, up to where it was closed. Nobody writes to it any more, and while it is pinned it
 * stays; so it is verified whole before its first byte leaves, and read as it is then. Between two reads no file is
 * open: nothing is left over of a series that nobody ends.
 */
final class OfferedLog extends OfferedFile {

    private final Storage storage;
    private final Path source;
    private final int generation;
    private final GenerationStart next;
    private final VerifiedLog verified;

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
    void read(ByteBuffer into, long position, long end) {
        verified.verify(source, generation, next);
        into.clear().limit((int) Math.min(into.capacity(), end - position));
        int wanted = into.limit();
        try (StoreFile file = storage.open(source, Storage.Access.READ)) {
            if (file.read(into, position) < wanted) {
                throw VerifiedLog.fault(source, "is cut off: it was longer when it was verified", null);
            }
        }
        into.flip();
    }
}

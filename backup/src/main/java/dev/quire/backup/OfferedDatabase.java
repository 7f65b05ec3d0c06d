package dev.quire.backup;

import dev.quire.durable.BackupSession;
import dev.quire.io.OperationEvent.Subject;
import dev.quire.io.page.DatabaseHeader;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;

/**
 * A database as a file of a backup: its header as of R0, the pages that were in use then, zeros in the places of the
 * others; it ends behind the last page in use. What leaves was verified in memory of ours.
 */
final class OfferedDatabase extends OfferedFile {

    /** Header and shadow. */
    private static final int HEADER_PAGES = 2;

    private final Path origin;
    private final DatabaseHeader header;
    private final int pageSize;
    private final UsageMap use;
    private final VerifiedPages pages;

    OfferedDatabase(BackupSession session, BackupSession.Source source, UsageMap use, BadPages bad, String id) {
        super(
                id + '.' + source.attachment().name() + ".qdb",
                Math.max(HEADER_PAGES, use.end()) * source.file().pageSize(),
                source.file().pageSize());
        this.origin = source.file().file().path();
        this.header = CopiedHeader.of(source, session);
        this.pageSize = source.file().pageSize();
        this.use = use;
        this.pages = new VerifiedPages(session, source, use, bad);
    }

    @Override
    Subject subject(long bytes) {
        return Subject.file(origin, bytes);
    }

    /** An extent must fit. */
    @Override
    int pieceBytes() {
        return PIECE_BYTES;
    }

    @Override
    void read(ByteBuffer into, long position, long end) {
        into.clear().order(ByteOrder.LITTLE_ENDIAN);
        long page = position / pageSize;
        long free = freeBytes(position);
        if (page < HEADER_PAGES) {
            header.encode(into.limit(pageSize), page);
        } else if (free > 0) {
            VerifiedPages.zero(into.limit((int) Math.min(free, into.capacity())), 0, into.limit());
        } else {
            pages.read(into, page, (end + pageSize - 1) / pageSize);
        }
    }

    @Override
    long freeBytes(long position) {
        long page = position / pageSize;
        return page < HEADER_PAGES || use.at(page) != UsageMap.FREE
                ? 0
                : (use.nextUsed(page, use.end()) - page) * pageSize;
    }
}

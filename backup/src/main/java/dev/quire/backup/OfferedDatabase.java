package dev.quire.backup;

import dev.quire.durable.BackupSession;
import dev.quire.durable.RangeLatch;
import dev.quire.io.CorruptionException;
import dev.quire.io.QuireError;
import dev.quire.io.StorageFaultException;
import dev.quire.io.StoreFile;
import dev.quire.io.page.DatabaseHeader;
import dev.quire.io.page.PageRangeVerifier;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * A database as a file of a backup: its header as of R0, the pages that were in use then, zeros in the places of the
 * others; it ends behind the last page in use. Pages are read into memory of ours while the latch keeps the checkpoint
 * from writing them, and are verified there when it is free again: whatever becomes of them then, nobody waits for it.
 *
 * <p>A page that does not verify is read once more. If it still does not, it goes as it is, for the log may hold an
 * image of it: it is remembered, and judged when the log was read.
 */
final class OfferedDatabase extends OfferedFile {

    /** The most that is read under the latch at once. */
    private static final int LATCHED_BYTES = 256 << 10;

    /** Header and shadow. */
    private static final int HEADER_PAGES = 2;

    private final StoreFile source;
    private final RangeLatch latch;
    private final DatabaseHeader header;
    private final int pageSize;
    private final UsageMap use;
    private final PageRangeVerifier verifier;
    private final BadPages bad;

    OfferedDatabase(BackupSession session, BackupSession.Source source, UsageMap use, BadPages bad, String id) {
        super(
                id + '.' + source.attachment().name() + ".qdb",
                Math.max(HEADER_PAGES, use.end()) * source.file().pageSize(),
                source.file().pageSize());
        this.source = source.file().file();
        this.latch = session.latch();
        this.header = CopiedHeader.of(source, session);
        this.pageSize = source.file().pageSize();
        this.use = use;
        this.bad = bad;
        this.verifier = new PageRangeVerifier(pageSize, source.file().signature(), use, this.source.path());
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
            zero(into, 0, (int) Math.min(free, into.capacity()));
            into.limit((int) Math.min(free, into.capacity()));
        } else {
            readUsed(into, page, (end + pageSize - 1) / pageSize);
        }
    }

    @Override
    long freeBytes(long position) {
        long page = position / pageSize;
        return page < HEADER_PAGES || use.at(page) != UsageMap.FREE
                ? 0
                : (use.nextUsed(page, use.end()) - page) * pageSize;
    }

    /** From the head of the extent that {@code page} is in, for only whole ones can be judged. */
    private void readUsed(ByteBuffer into, long page, long wantedEnd) {
        long head = page;
        while (use.at(head) == UsageMap.INSIDE && page - head < into.capacity() / pageSize - 1) {
            head--;
        }
        if (use.at(head) != UsageMap.HEAD) {
            head = page; // no extent begins there: the map is damaged, which is found below
        }
        long most = use.nextFree(page, Math.min(use.end(), head + into.capacity() / pageSize));
        long to = Math.max(Math.min(most, wantedEnd), Math.min(most, head + use.span(head)));
        fill(into, head, to);
        into.position(0).limit((int) (to - head) * pageSize);
        long first = head;
        long judged = verifier.verify(into, head, (at, pages, fault) -> again(into, first, at, pages, fault));
        into.limit((int) (judged - head) * pageSize).position((int) (page - head) * pageSize);
    }

    private void fill(ByteBuffer into, long from, long to) {
        try {
            latched(into, 0, from, to);
        } catch (StorageFaultException fault) {
            for (long page = from; page < to; ) { // what of it is hit?
                long next = Math.min(to, page + use.span(page));
                readOrBlank(into, from, page, next);
                page = next;
            }
        }
    }

    private void readOrBlank(ByteBuffer into, long first, long from, long to) {
        int offset = (int) (from - first) * pageSize;
        try {
            latched(into, offset, from, to);
        } catch (StorageFaultException fault) {
            zero(into, offset, (int) (to - from) * pageSize);
        }
    }

    private void again(ByteBuffer into, long first, long page, int pages, CorruptionException fault) {
        ByteBuffer one = into.duplicate().order(ByteOrder.LITTLE_ENDIAN);
        int offset = (int) (page - first) * pageSize;
        try {
            latched(one, offset, page, page + pages);
            one.position(offset).limit(offset + pages * pageSize);
            verifier.verify(one, page, (at, count, still) -> bad.add(at, still));
        } catch (StorageFaultException unreadable) {
            fault.addSuppressed(unreadable);
            bad.add(page, fault);
        }
    }

    private void latched(ByteBuffer into, int offset, long from, long to) {
        int length = (int) (to - from) * pageSize;
        for (int done = 0; done < length; done += LATCHED_BYTES) {
            int piece = Math.min(LATCHED_BYTES, length - done);
            into.limit(offset + done + piece).position(offset + done);
            latch.copying();
            try {
                if (source.read(into, from * pageSize + done) < piece) {
                    throw new StorageFaultException(
                            QuireError.READ_VERIFY_FAILURE, source.path(), "is cut off before page " + to, null);
                }
            } finally {
                latch.copied();
            }
        }
    }

    private static void zero(ByteBuffer into, int offset, int length) {
        for (int i = 0; i < length; i += Long.BYTES) {
            into.putLong(offset + i, 0);
        }
    }
}

package dev.quire.backup;

import dev.quire.durable.BackupSession;
import dev.quire.durable.RangeLatch;
import dev.quire.io.CorruptionException;
import dev.quire.io.QuireError;
import dev.quire.io.StorageFaultException;
import dev.quire.io.StoreFile;
import dev.quire.io.page.PageLayout;
import dev.quire.io.page.PageRangeVerifier;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.atomic.LongAdder;

/**
 * The pages of a database that were in use as of R0, read into memory of ours while the latch keeps the checkpoint from
 * writing them, and verified there when it is free again: whatever becomes of them then, nobody waits for it.
 *
 * <p>A page that does not verify is read once more. If it still does not, it goes as it is, for the log may hold an
 * image of it: it is remembered, and judged when the log was read. Engine threads.
 */
final class VerifiedPages {

    /** The most that is read under the latch at once. */
    private static final int LATCHED_BYTES = 256 << 10;

    private final StoreFile source;
    private final RangeLatch latch;
    private final int pageSize;
    private final UsageMap use;
    private final PageRangeVerifier verifier;
    private final BadPages bad;
    private final LongAdder readTwice = new LongAdder();

    VerifiedPages(BackupSession session, BackupSession.Source source, UsageMap use, BadPages bad) {
        this.source = source.file().file();
        this.latch = session.latch();
        this.pageSize = source.file().pageSize();
        this.use = use;
        this.bad = bad;
        this.verifier = new PageRangeVerifier(pageSize, source.file().signature(), use, this.source.path());
    }

    /**
     * Leaves in {@code into} what stands from {@code page} on, one page or extent at least, up to the next free page.
     * Read from the head of the extent that it is in, for only whole ones can be judged.
     *
     * @param into of {@link PageLayout#EXTENT_BYTES_MAX} at least, cleared here
     * @param page in use
     * @param wantedEnd pages behind it are read only where an extent reaches across it
     */
    void read(ByteBuffer into, long page, long wantedEnd) {
        into.clear().order(ByteOrder.LITTLE_ENDIAN);
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

    /** How many pages and extents verified only when they were read a second time. */
    long readTwice() {
        return readTwice.sum();
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
            boolean[] stillBad = new boolean[1];
            verifier.verify(one, page, (at, count, still) -> {
                stillBad[0] = true;
                bad.add(at, still);
            });
            if (!stillBad[0]) {
                readTwice.increment();
            }
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

    static void zero(ByteBuffer into, int offset, int length) {
        for (int i = 0; i < length; i += Long.BYTES) {
            into.putLong(offset + i, 0);
        }
    }
}

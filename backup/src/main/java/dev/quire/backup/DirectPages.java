package dev.quire.backup;

import dev.quire.durable.BackupSession;
import dev.quire.io.Progress;
import dev.quire.io.StoreFile;
import dev.quire.io.page.PageLayout;
import java.nio.ByteBuffer;

/**
 * Moves pages of one database through memory, where they are verified, and past the system's cache. A commit waits
 * until the disk has what was handed to it before: so it waits for one unit at most, and for no note of the file system
 * about files that grow. One engine thread.
 */
final class DirectPages {

    /** With half of it the disk is not used well, with more the wait of a commit grows. */
    private static final int UNIT_BYTES = 512 << 10;

    private final VerifiedPages pages;
    private final ArrivedPages arrived;
    private final ByteBuffer memory;
    private final int pageSize;

    /** With memory of {@link #memory}. */
    DirectPages(BackupSession session, PageCopy.Copied copied, ByteBuffer memory) {
        this.arrived = copied.arrived();
        this.pages = new VerifiedPages(session, copied.source(), copied.use(), arrived.bad());
        this.memory = memory;
        this.pageSize = copied.source().file().pageSize();
    }

    /** Memory for the pages of one database after the other. */
    static ByteBuffer memory() {
        return ByteBuffer.allocateDirect(PageLayout.EXTENT_BYTES_MAX + StoreFile.DIRECT_UNIT_BYTES)
                .alignedSlice(StoreFile.DIRECT_UNIT_BYTES);
    }

    /**
     * Moves what begins at {@code page}, which may lie inside of an extent. An extent is read and verified whole, but
     * written no more at once than {@code progress} allows.
     *
     * @return the page behind
     */
    long move(long page, Progress progress) {
        int piece = (int) progress.limit().piece(UNIT_BYTES, pageSize);
        pages.read(memory, page, page + piece / pageSize);
        int end = memory.limit();
        long at = page;
        while (memory.position() < end) {
            memory.limit(Math.min(end, memory.position() + piece));
            progress.pace(Progress.Phase.PAGES, memory.remaining()); // with nothing in hand
            at = write(at);
        }
        return at;
    }

    /** How many pages and extents verified only when they were read a second time. */
    long readTwice() {
        return pages.readTwice();
    }

    private long write(long page) {
        long cached = 0;
        long end = page + memory.remaining() / pageSize;
        if (!arrived.target().writeDirect(memory, page * pageSize)) {
            cached = memory.remaining();
            arrived.target().write(memory, page * pageSize);
        }
        arrived.arrivedVerified(end, cached);
        return end;
    }
}

package dev.quire.pages;

import dev.quire.io.page.PageFile;
import dev.quire.io.page.PageHeader;
import dev.quire.io.page.PageLayout;
import dev.quire.io.page.PageRef;

/**
 * The pages of a database as of one commit. The owner keeps a slot of {@link ReaderSlots} as long as it reads.
 *
 * <p>The fast path is the common one: the two bits say that the page was verified and that its newest version is in the
 * file, so its place in the map is all there is to find. Everything else is in {@link #readSlowly}.
 */
public final class SnapshotPages implements PageReader {

    private final DatabasePages database;
    private final PageFile file;
    private final int pageSize;
    private long snapshot;

    /** Reads {@code database} as of {@code snapshot}. */
    public SnapshotPages(DatabasePages database, long snapshot) {
        this.database = database;
        this.file = database.file();
        this.pageSize = file.pageSize();
        this.snapshot = snapshot;
    }

    /** Reads as of another commit from now on. */
    public void snapshot(long commit) {
        this.snapshot = commit;
    }

    @Override
    public int pageSize() {
        return pageSize;
    }

    @Override
    public void read(long page, PageRef into) {
        if (!file.findSettled(page, into)) {
            readSlowly(page, into);
        } else if (into.base.getShort(into.offset + PageLayout.PAGES_OFFSET) != 1) {
            file.findExtent(page, PageHeader.pages(into.base, into.offset), into);
        }
    }

    /**
     * Judges the page anew if this snapshot sees the one in the file, however often it was read before.
     *
     * @throws dev.quire.io.CorruptionException if it does not verify
     */
    public void verify(long page) {
        Frame frame = (file.state(page) & PageFile.VERSIONED) == 0
                ? null
                : database.table().at(page, snapshot);
        if (frame == null) {
            file.verify(page);
        }
    }

    private void readSlowly(long page, PageRef into) {
        int state = file.state(page);
        if ((state & PageFile.VERSIONED) != 0) {
            Frame frame = database.table().at(page, snapshot);
            if (frame != null && !frame.isCovered()) {
                into.set(frame.readable, frame.offset, frame.length);
                return;
            }
        }
        if ((state & PageFile.VERIFIED) == 0) {
            file.verify(page);
        }
        file.find(page, into);
        if (PageHeader.pages(into.base, into.offset) != 1) {
            file.findExtent(page, PageHeader.pages(into.base, into.offset), into);
        }
    }
}

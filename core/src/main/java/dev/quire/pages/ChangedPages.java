package dev.quire.pages;

import dev.quire.io.LimitException;
import dev.quire.io.QuireError;
import dev.quire.io.page.PageFile;
import dev.quire.io.page.PageHeader;
import dev.quire.io.page.PageLayout;
import dev.quire.io.page.PageRef;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import org.agrona.collections.Long2ObjectHashMap;

/**
 * The pages of one database that the write transaction has changed: private copies in frames, which become the newest
 * versions when it commits and are forgotten when it does not. Everything else is read as of the newest commit.
 *
 * <p>One for each database, used again by every write transaction: its map keeps its size. Used by the holder of the
 * writer lock alone.
 */
public final class ChangedPages implements PageWriter {

    /** Of the heap, so that a budget larger than that does not end in an {@link OutOfMemoryError} for everybody. */
    private static final long DRAFT_BYTES_MAX = Runtime.getRuntime().maxMemory() / 4;

    private final DatabasePages database;
    private final Versions versions;
    private final Long2ObjectHashMap<Frame> frames = new Long2ObjectHashMap<>();
    private final AllocationMaps maps;
    private final PageRef scratch = new PageRef();
    private MemoryPressure pressure = length -> null;
    private long bytesMax = Long.MAX_VALUE;
    private long bytes;
    private long draftBytes;
    private long endPage;

    /** Asked for a frame when there is none: may force, write a checkpoint and wait. */
    @FunctionalInterface
    public interface MemoryPressure {
        /** A frame of {@code length} bytes, or null when there is none to be had. */
        Frame relieve(int length);
    }

    ChangedPages(DatabasePages database, Versions versions) {
        this.database = database;
        this.versions = versions;
        this.maps = new AllocationMaps(this);
    }

    /** Starts a transaction. {@code bytesMax} bounds the frames of this database. */
    public void begin(MemoryPressure onPressure, long transactionBytesMax) {
        pressure = onPressure;
        bytesMax = transactionBytesMax;
        endPage = database.file().pageCount();
    }

    /** Whether the transaction changed nothing here. */
    public boolean isEmpty() {
        return frames.isEmpty();
    }

    /** The changed pages in page order: the order in which they are logged. */
    public List<Frame> inOrder() {
        List<Frame> ordered = new ArrayList<>(frames.values());
        ordered.sort(Comparator.comparingLong(Frame::page));
        return ordered;
    }

    /** The page behind the last one that the database must have when this transaction commits. */
    public long endPage() {
        return endPage;
    }

    /**
     * Heap memory of a page for the user to write into. It is no frame, since he may keep it longer than that would be
     * his; but it counts like one, for the transaction and for the budget.
     *
     * @throws LimitException {@code TRANSACTION_TOO_LONG} or {@code OUT_OF_MEMORY}; nothing has changed
     */
    public ByteBuffer draft(int length) {
        if (draftBytes + length > DRAFT_BYTES_MAX) {
            String what = "pages to be written into may take a quarter of the heap in a database, bytes="
                    + DRAFT_BYTES_MAX + "; the transaction has " + draftBytes;
            throw new LimitException(QuireError.OUT_OF_MEMORY, null, what, null);
        }
        versions.pool().give(newFrame(length)); // refuses, waits and makes room as for a page
        ByteBuffer draft = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
        versions.pool().charge(length);
        draftBytes += length;
        bytes += length;
        return draft;
    }

    /** Nobody writes into that much of what {@link #draft} gave any more. */
    public void draftsGone(long length) {
        versions.pool().charge(-length);
        draftBytes -= length;
        bytes -= length;
    }

    /** Forgets everything: the transaction was aborted. */
    public void abort() {
        for (Frame frame : frames.values()) {
            versions.pool().give(frame);
        }
        maps.abort();
        clear();
    }

    /** The frames are published and belong to the version table now. */
    public void committed() {
        maps.commit();
        clear();
    }

    @Override
    public int pageSize() {
        return database.file().pageSize();
    }

    @Override
    public void read(long page, PageRef into) {
        Frame frame = frames.get(page);
        show(page, frame == null ? newest(page) : frame, into);
    }

    /** The newest committed version in memory that has bytes of its own; null if those in the file are the newest. */
    private Frame newest(long page) {
        boolean versioned = (database.file().state(page) & PageFile.VERSIONED) != 0;
        Frame frame = versioned ? database.table().newest(page) : null;
        return frame == null || frame.isCovered() ? null : frame;
    }

    private void show(long page, Frame frame, PageRef into) {
        if (frame == null) {
            readFile(page, into);
        } else {
            into.set(frame.readable, frame.offset, frame.length);
        }
    }

    @Override
    public void modify(long page, PageRef into) {
        Frame frame = frames.get(page);
        if (frame == null) {
            frame = copy(page);
        }
        into.set(frame.writable, frame.offset, frame.length);
    }

    @Override
    public long allocate(int type, PageRef into) {
        return allocate(1, type, into);
    }

    @Override
    public long allocateExtent(int pages, PageRef into) {
        if (pages < 1 || pages > extentPagesMax()) {
            throw new IllegalArgumentException("pages=" + pages + " extentPagesMax=" + extentPagesMax());
        }
        return allocate(pages, PageLayout.TYPE_EXTENT, into);
    }

    /** Memory comes first: a page marked as taken for which there is none would stay so if the transaction commits. */
    private long allocate(int pages, int type, PageRef into) {
        Frame frame = newFrame(pages * pageSize());
        long page;
        try {
            page = maps.allocate(pages);
        } catch (RuntimeException | Error e) {
            versions.pool().give(frame);
            throw e;
        }
        install(blank(frame, page, type, pages), into);
        return page;
    }

    @Override
    public int extentPagesMax() {
        return PageLayout.EXTENT_BYTES_MAX / pageSize();
    }

    @Override
    public void free(long page) {
        read(page, scratch);
        int pages = scratch.length / pageSize();
        maps.free(page, pages);
        Frame frame = frames.remove(page);
        if (frame != null) {
            release(frame);
        }
    }

    /**
     * Whether a page that exists is in use as a single page. A free one may look as sound as ever: freeing does not
     * touch it.
     */
    public boolean isAllocated(long page) {
        return maps.isPage(page);
    }

    /** What {@link AllocationMaps} has set aside at {@code page} is a map itself. */
    void installMap(long page) {
        install(blank(newFrame(pageSize()), page, PageLayout.TYPE_ALLOCATION, 1), scratch);
    }

    /** The transaction needs the file to reach at least to {@code end}. */
    void reach(long end) {
        endPage = Math.max(endPage, end);
    }

    Collection<Frame> frames() {
        return frames.values();
    }

    private void readFile(long page, PageRef into) {
        PageFile file = database.file();
        if ((file.state(page) & PageFile.VERIFIED) == 0) {
            file.verify(page);
        }
        file.find(page, into);
        if (PageHeader.pages(into.base, into.offset) != 1) {
            file.findExtent(page, PageHeader.pages(into.base, into.offset), into);
        }
    }

    private Frame copy(long page) {
        // The base is looked up once: a checkpoint may drop it from the table meanwhile, and then its bytes, which are
        // not
        // sealed, must not be taken for those of the file.
        Frame base = newest(page);
        show(page, base, scratch);
        if (scratch.length != pageSize()) {
            throw new IllegalStateException("an extent cannot be modified: page=" + page);
        }
        Frame frame = newFrame(scratch.length);
        frame.writable.put(frame.offset, scratch.base, scratch.offset, scratch.length);
        if (base == null) {
            // A mapped load may return garbage without an error on some JVMs: what is to be changed is judged as
            // copied.
            PageHeader.verify(
                    frame.writable,
                    frame.offset,
                    frame.length,
                    database.file().signature(),
                    page,
                    database.file().path());
        }
        frame.page = page;
        frame.base = base;
        frame.imagePosition = base == null ? 0 : base.imagePosition;
        frame.dbtimeBefore = PageHeader.dbtime(frame.writable, frame.offset);
        put(page, frame);
        return frame;
    }

    private static Frame blank(Frame frame, long page, int type, int pages) {
        frame.zero();
        PageHeader.init(frame.writable, frame.offset, type, pages, page);
        frame.page = page;
        frame.image = true;
        return frame;
    }

    private void install(Frame frame, PageRef into) {
        put(frame.page, frame);
        into.set(frame.writable, frame.offset, frame.length);
    }

    private void put(long page, Frame frame) {
        Frame before = frames.put(page, frame);
        bytes += frame.length;
        if (before != null) {
            release(before);
        }
    }

    private Frame newFrame(int length) {
        if (bytes + length > bytesMax) {
            throw new LimitException(
                    QuireError.TRANSACTION_TOO_LONG,
                    null,
                    "a transaction may change at most " + bytesMax + " bytes of pages in a database; it has changed "
                            + bytes,
                    null);
        }
        Frame frame = versions.take(length);
        if (frame == null) {
            frame = pressure.relieve(length);
        }
        if (frame == null) {
            throw versions.outOfMemory();
        }
        return frame;
    }

    private void release(Frame frame) {
        bytes -= frame.length;
        versions.pool().give(frame);
    }

    private void clear() {
        draftsGone(draftBytes);
        frames.clear();
        bytes = 0;
    }
}

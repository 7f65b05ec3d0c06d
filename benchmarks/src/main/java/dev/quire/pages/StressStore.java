package dev.quire.pages;

import dev.quire.io.FileStorage;
import dev.quire.io.Storage;
import dev.quire.io.page.DatabaseHeader;
import dev.quire.io.page.PageFile;
import dev.quire.io.page.PageHeader;
import dev.quire.io.page.PageLayout;
import dev.quire.io.page.PageRef;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * The store of one sample: versions, clock and readers of its own, and pages of its own in a file that all samples of
 * a fork share, as they share the memory for frames. Whoever has ended a sample calls {@link #close}; one that was only
 * made to see how large it is is cleared away when its pages are wanted again.
 *
 * <p>A page is filled with one number from end to end: in the file that is {@link #FIRST}, which is also the commit
 * that every sample starts with.
 */
final class StressStore {

    /** The commit that every sample starts with, and what the pages of the file hold. */
    static final long FIRST = 10;

    /** What is read from a page that does not hold one number from end to end. */
    static final long TORN = -1;

    private static final int PAGE_BYTES = 4096;
    private static final int FILE_PAGES = 8192;
    /** Pages of one sample. Its first two are in one word of bits, the others of that word belong to others. */
    private static final int SAMPLE_PAGES = 2;

    private static final int FIRST_PAGE = 8;
    private static final int SAMPLES = (FILE_PAGES - FIRST_PAGE) / SAMPLE_PAGES;
    /**
     * On the heap, for each sample: jcstress bounds the samples it keeps at once by their bytes, which have to stand
     * for pages and frames too. With its defaults that makes 2,000.
     */
    private static final int BALLAST_BYTES = 32 << 10;

    private static final int[] PLACES = {PageLayout.HEADER_BYTES, PAGE_BYTES / 2, PAGE_BYTES - Long.BYTES};

    private static final PageFile FILE = file();
    private static final FramePool POOL = new FramePool(128 << 20);
    private static final AtomicInteger MADE = new AtomicInteger();
    private static final AtomicReferenceArray<StressStore> LIVE = new AtomicReferenceArray<>(SAMPLES);

    final CommitClock clock = new CommitClock(FIRST);
    final Versions versions = new Versions(POOL, clock);
    final DatabasePages database = new DatabasePages(1, "stress", FILE, 0, versions);
    final List<DatabasePages> databases = List.of(database);
    final long page;
    final byte[] ballast = new byte[BALLAST_BYTES];
    private final int index;

    StressStore() {
        index = Math.floorMod(MADE.getAndIncrement(), SAMPLES);
        page = FIRST_PAGE + (long) index * SAMPLE_PAGES;
        StressStore before = LIVE.getAndSet(index, this);
        if (before != null) {
            before.giveBack();
        }
        for (long each = page; each < page + SAMPLE_PAGES; each++) {
            FILE.clearVersioned(each);
            FILE.markVerified(each);
        }
    }

    private static PageFile file() {
        try {
            Path directory = Files.createTempDirectory("quire-stress-");
            Path path = directory.resolve("pages");
            Storage storage = FileStorage.instance();
            PageFile file = PageFile.create(storage, path, DatabaseHeader.create(PAGE_BYTES, 7, 1), FILE_PAGES);
            ByteBuffer pages = ByteBuffer.allocateDirect(PAGE_BYTES).order(ByteOrder.LITTLE_ENDIAN);
            for (long page = FIRST_PAGE; page < FILE_PAGES; page++) {
                PageHeader.init(pages, 0, PageLayout.TYPE_RAW, 1, page);
                fill(pages, 0, FIRST);
                PageHeader.seal(pages, 0, PAGE_BYTES, file.signature(), page);
                file.write(pages.clear(), page);
            }
            // The open file outlives its name, and leaves nothing behind when the fork ends, however it ends.
            Files.delete(path);
            Files.delete(directory);
            return file;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void fill(ByteBuffer to, int offset, long number) {
        for (int place : PLACES) {
            to.putLong(offset + place, number);
        }
    }

    /** The write transaction changes a page: fills it with {@code number}. */
    void change(long number, long changed) {
        PageRef ref = new PageRef();
        database.changes().modify(changed, ref);
        fill(ref.base, ref.offset, number);
    }

    /** What the write transaction has changed becomes {@code commit}. */
    void publish(long commit, boolean lazy) {
        versions.publish(databases, commit, lazy);
    }

    /** Registers a reader. */
    int enter() {
        return versions.readers().enter(clock::visible);
    }

    /** The commit that a registered reader sees. */
    long snapshot(int slot) {
        return versions.readers().snapshot(slot);
    }

    /** Finds a page as of a snapshot. */
    PageRef find(long snapshot, long wanted) {
        PageRef ref = new PageRef();
        new SnapshotPages(database, snapshot).read(wanted, ref);
        return ref;
    }

    /** The number that a page is filled with. */
    static long number(PageRef ref) {
        long number = ref.base.getLong(ref.offset + PLACES[0]);
        for (int place : PLACES) {
            if (ref.base.getLong(ref.offset + place) != number) {
                return TORN;
            }
        }
        return number;
    }

    /** The number that a page is filled with as of a snapshot. */
    long read(long snapshot, long wanted) {
        return number(find(snapshot, wanted));
    }

    /** Drops what a checkpoint would drop now; returns its position, or -1 if a reader was just entering. */
    long checkpoint() {
        long position = versions.beginCheckpoint();
        if (position >= 0) {
            versions.endCheckpoint(databases, position);
        }
        return position;
    }

    /** Ends the sample; everybody has left but those named. */
    void close(int... slots) {
        for (int slot : slots) {
            versions.readers().leave(slot);
        }
        LIVE.set(index, null);
        giveBack();
    }

    private void giveBack() {
        database.changes().abort();
        versions.reclaim();
        versions.discard(database);
    }
}

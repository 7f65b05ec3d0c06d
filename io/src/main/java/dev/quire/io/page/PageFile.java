package dev.quire.io.page;

import dev.quire.io.CorruptionException;
import dev.quire.io.QuireError;
import dev.quire.io.Storage;
import dev.quire.io.StorageFullException;
import dev.quire.io.StoreFile;
import dev.quire.io.UnavailableException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.concurrent.locks.ReentrantLock;
import org.agrona.CloseHelper;

/**
 * The pages of one database by number: read in place through a read-only map, judged once before they are believed,
 * written from sealed memory. What a page means, who may see it and when it may be written is the affair of others.
 *
 * <p>Three kinds of callers. <b>Readers</b>, any thread: {@link #state}, {@link #find}, {@link #verify}; all but {@code
 * verify} are a few loads and allocate nothing. <b>Keepers of the bits</b>, any thread: {@link #setVersioned} and its
 * kin. <b>Engine threads</b>, because an interrupt would close the channel: everything that reads into or writes from a
 * {@link ByteBuffer}, grows or forces. Growing and header writes exclude one another; a page must not be written by two
 * threads at once, nor be read by anybody who has not been told by its bits that this is safe.
 *
 * <p>The map comes from a file of its own, opened for reading only, in windows of 1 GiB. The last window ends with the
 * file and is mapped anew when the file grows; places found before stay valid, since nothing is ever unmapped here:
 * memory goes when nobody can reach it any more. A mapped access to a failing disk is an {@link InternalError}: on a
 * recent JVM at the access, on 17 possibly late or never, with a made-up value. It is not caught here; whoever reads
 * must treat it as the end of the instance, and must rest nothing with consequences on a mapped load alone.
 *
 * <p>After a write or force has failed every later write is refused: the system may have dropped the bytes while
 * showing them, so that a second force would succeed over nothing. Only opening anew, with recovery, mends that.
 */
public final class PageFile implements AutoCloseable {

    /** The page was judged, or written, since the file was opened: its bytes in the map are what was sealed. */
    public static final int VERIFIED = 1;

    /** Somebody keeps newer or older bytes of the page than those in the file: look there first. */
    public static final int VERSIONED = 2;

    private final StoreFile writer;
    private final StoreFile reader;
    private final int pageSize;
    private final int pageShift;
    private final int windowShift;
    private final int windowMask;
    private final long signature;
    private final PageVerifierPool verifiers = new PageVerifierPool();
    private final ReentrantLock changes = new ReentrantLock();
    private volatile PageMap map;
    private volatile DatabaseHeader header;
    private volatile Throwable broken;
    private ByteBuffer headerPage;

    private PageFile(StoreFile writer, StoreFile reader, DatabaseHeader header, int windowBytes) {
        this.writer = writer;
        this.reader = reader;
        this.header = header;
        this.signature = header.signature();
        this.pageSize = PageLayout.checkPageSize(header.pageSize());
        this.pageShift = Integer.numberOfTrailingZeros(pageSize);
        this.windowShift = Integer.numberOfTrailingZeros(windowBytes) - pageShift;
        this.windowMask = (1 << windowShift) - 1;
        long pages = reader.size() >>> pageShift;
        if (pages < header.pageCount()) {
            String what = "file is cut off: pageCount=" + header.pageCount() + ", but it has " + pages;
            throw new CorruptionException(QuireError.DATABASE_CORRUPTED, path(), what, null);
        }
        this.map = mapped(null, pages);
    }

    /**
     * Creates a database file: real zeros, then header and shadow, all of it forced. Its name is not: the caller
     * renames the file, which this object follows, and forces the directory. Engine threads only. A failure leaves no
     * file behind, unless deleting it fails too.
     *
     * @param pages its length in pages, at least 2
     */
    public static PageFile create(Storage storage, Path path, DatabaseHeader header, int pages) {
        if (pages < 2) {
            throw new IllegalArgumentException("pages=" + pages + ", must be at least 2 for header and shadow");
        }
        DatabaseHeader first = header.withPageCount(pages).follows(header);
        StoreFile writer = storage.create(path);
        try {
            writer.allocate(0, (long) pages * header.pageSize());
            first.writeTo(writer);
            return open(storage, writer, first, PageLayout.WINDOW_BYTES);
        } catch (RuntimeException | Error e) {
            closeAfter(e, writer);
            closeAfter(e, () -> storage.delete(path));
            throw e;
        }
    }

    /**
     * Opens a database file to read and write it, with a header that was read from it and found fit.
     *
     * @throws CorruptionException {@code DATABASE_CORRUPTED} if the file is shorter than the header says
     */
    public static PageFile open(Storage storage, Path path, DatabaseHeader header) {
        return open(storage, path, header, Storage.Access.WRITE, PageLayout.WINDOW_BYTES);
    }

    /** The same; with {@link Storage.Access#READ} whatever would write throws {@link IllegalStateException}. */
    public static PageFile open(Storage storage, Path path, DatabaseHeader header, Storage.Access access) {
        return open(storage, path, header, access, PageLayout.WINDOW_BYTES);
    }

    static PageFile open(Storage storage, Path path, DatabaseHeader header, Storage.Access access, int windowBytes) {
        if (access == Storage.Access.READ) {
            return open(storage.open(path, access), null, header, windowBytes);
        }
        StoreFile writer = storage.open(path, access);
        try {
            return open(storage, writer, header, windowBytes);
        } catch (RuntimeException | Error e) {
            closeAfter(e, writer);
            throw e;
        }
    }

    private static PageFile open(Storage storage, StoreFile writer, DatabaseHeader header, int windowBytes) {
        return open(storage.open(writer.path(), Storage.Access.READ), writer, header, windowBytes);
    }

    private static PageFile open(StoreFile reader, StoreFile writer, DatabaseHeader header, int windowBytes) {
        try {
            return new PageFile(writer, reader, header, windowBytes);
        } catch (RuntimeException | Error e) {
            closeAfter(e, reader);
            throw e;
        }
    }

    private static void closeAfter(Throwable fault, AutoCloseable what) {
        try {
            what.close();
        } catch (Exception e) {
            fault.addSuppressed(e);
        }
    }

    /** Bytes of a page. */
    public int pageSize() {
        return pageSize;
    }

    /** The power of two that {@link #pageSize()} is. */
    public int pageShift() {
        return pageShift;
    }

    /** The signature of the database: salt of every page's checksum. */
    public long signature() {
        return signature;
    }

    /** Pages of the file; only ever more. All of them can be found. */
    public long pageCount() {
        return map.pages;
    }

    /** Where the file is; follows a rename through the same {@link Storage}. */
    public Path path() {
        return reader.path();
    }

    /** The header as it was opened or written last. */
    public DatabaseHeader header() {
        return header;
    }

    /**
     * The file itself, opened for reading only: for moving ranges of pages out of it, by engine threads. Closed
     * with this object.
     */
    public StoreFile file() {
        return reader;
    }

    /**
     * {@link #VERIFIED} and {@link #VERSIONED} of a page. An acquiring read: what happened before a bit was set is
     * seen by whoever finds it set. Any thread; allocates nothing.
     *
     * @throws CorruptionException {@code DATABASE_CORRUPTED} if the database has no such page: somebody followed a bad
     *     link
     */
    public int state(long page) {
        return mapOf(page).state(page);
    }

    /**
     * Finds the place of a page in the map, without judging it: its bytes may be believed if it is {@link #VERIFIED}.
     * The length is one page, also for an extent. The place stays valid after the file has grown and was closed.
     * Any thread; allocates nothing.
     *
     * @throws CorruptionException {@code DATABASE_CORRUPTED} if the database has no such page
     */
    public void find(long page, PageRef into) {
        PageMap map = mapOf(page);
        into.set(map.windows[(int) (page >>> windowShift)], (int) (page & windowMask) << pageShift, pageSize);
    }

    /**
     * Finds the place of a page whose bytes in the map may be believed and are the newest: {@link #state} and
     * {@link #find} in one, for the path that nearly every read takes.
     *
     * @return false, with {@code into} left alone, if the page is not {@link #VERIFIED} or is {@link #VERSIONED}
     * @throws CorruptionException {@code DATABASE_CORRUPTED} if the database has no such page
     */
    public boolean findSettled(long page, PageRef into) {
        PageMap map = mapOf(page);
        if (map.state(page) != VERIFIED) {
            return false;
        }
        into.set(map.windows[(int) (page >>> windowShift)], (int) (page & windowMask) << pageShift, pageSize);
        return true;
    }

    /**
     * Finds the place of an extent, of all {@code pages} pages.
     *
     * @throws CorruptionException {@code DATABASE_CORRUPTED} if there cannot be such an extent: longer than one may be,
     *     across a window, or partly outside of the database
     */
    public void findExtent(long page, int pages, PageRef into) {
        if (!canHold(map, page, pages)) {
            throw PageFault.outside(page, pages, map.pages, path());
        }
        find(page, into);
        into.length = pages << pageShift;
    }

    /**
     * Judges a page at its first touch, an extent whole, and marks it {@link #VERIFIED}: reads it in this thread,
     * through the file and not through the map. When the page follows the one judged before, those behind it are read
     * and judged as well. Any thread; an interrupt does no harm.
     *
     * <p>The page must not be in the middle of being written.
     *
     * @throws CorruptionException {@code READ_VERIFY_FAILURE}, {@code PAGE_NOT_INITIALIZED} or
     *     {@code READ_PAGE_NUMBER_VERIFY_FAILURE} as {@link PageHeader#verify} says, {@code DATABASE_CORRUPTED} if the
     *     database has no such page
     */
    public void verify(long page) {
        PageVerifier scratch = verifiers.take();
        try {
            verify(page, scratch);
        } finally {
            verifiers.give(scratch);
        }
    }

    /** The same with the caller's own scratch, which knows better whether one reader goes on sequentially. */
    public void verify(long page, PageVerifier scratch) {
        PageMap map = mapOf(page);
        scratch.verify(this, reader, map, page);
    }

    /** Marks a page as one that has versions elsewhere. Any thread, atomically with the other bits of its word. */
    public void setVersioned(long page) {
        mapOf(page).set(page, VERSIONED);
    }

    /** Takes that mark away. */
    public void clearVersioned(long page) {
        mapOf(page).clear(page, VERSIONED);
    }

    /** Marks a page that was just written from sealed memory: what is in the file needs no judging. */
    public void markVerified(long page) {
        mapOf(page).set(page, VERIFIED);
    }

    /** Makes the next reader judge the page again. */
    public void clearVerified(long page) {
        mapOf(page).clear(page, VERIFIED);
    }

    /**
     * Reads raw bytes from the start of page {@code page} until {@code target} is full, judging nothing. Engine
     * threads.
     *
     * @throws CorruptionException {@code DATABASE_CORRUPTED} if that leads outside of the database,
     *     {@code READ_VERIFY_FAILURE} if the file turns out to be shorter than it was
     */
    public void read(ByteBuffer target, long page) {
        PageMap map = mapOf(page);
        int wanted = target.remaining();
        if (wanted > (map.pages - page) << pageShift) {
            throw PageFault.outside(page, (wanted + pageSize - 1) >>> pageShift, map.pages, path());
        }
        int count = reader.read(target, page << pageShift);
        if (count < wanted) {
            String what = "is cut off, " + count + " of " + wanted + " bytes are there";
            throw PageFault.fault(QuireError.READ_VERIFY_FAILURE, page, what, path());
        }
    }

    /**
     * Writes whole sealed pages, one behind the other, from page {@code page} on; durable after {@link #force()}. The
     * header and its shadow cannot be written like this. Engine threads.
     *
     * @throws IllegalArgumentException unless whole pages remain, and inside of the file
     * @throws UnavailableException {@code INSTANCE_UNAVAILABLE} if an earlier write or force failed
     */
    public void write(ByteBuffer sealed, long page) {
        int length = sealed.remaining();
        if ((length & (pageSize - 1)) != 0 || page < 2 || page > map.pages - (length >>> pageShift)) {
            throw new IllegalArgumentException(
                    "page=" + page + ", remaining=" + length + ", pageSize=" + pageSize + ", pageCount=" + map.pages);
        }
        checkWritable();
        try {
            writer.write(sealed, page << pageShift);
        } catch (RuntimeException | Error e) {
            broken = e;
            throw e;
        }
    }

    /** Makes all that was written durable. Engine threads; fails as {@link #write} does. */
    public void force() {
        checkWritable();
        try {
            writer.force();
        } catch (RuntimeException | Error e) {
            broken = e;
            throw e;
        }
    }

    /**
     * Makes the file {@code pageCount} pages long: writes real zeros, forces them, maps them, and only then lets them
     * be seen in {@link #pageCount()}. The header in the file is left alone. Every growth maps the last window anew,
     * so growing should be done in large steps. Engine threads; one at a time, others wait.
     *
     * @param pageCount of the file when this returns, not the pages to add
     * @throws StorageFullException {@code DISK_FULL} if there is no room, or no file may be so large; nothing has
     *     changed then, and it may be tried again
     * @throws IllegalArgumentException if the file is longer already
     */
    public void grow(long pageCount) {
        changes.lock();
        try {
            PageMap before = map;
            if (pageCount < before.pages) {
                throw new IllegalArgumentException("pageCount=" + pageCount + ", has " + before.pages);
            }
            if (pageCount > PageLayout.FILE_BYTES_MAX >>> pageShift) {
                String what = "pageCount=" + pageCount + ", a file may have " + PageLayout.FILE_BYTES_MAX + " bytes";
                throw new StorageFullException(QuireError.DISK_FULL, path(), what, null);
            }
            checkWritable();
            writer.allocate(before.pages << pageShift, pageCount << pageShift);
            force();
            map = mapped(before, pageCount);
        } finally {
            changes.unlock();
        }
    }

    /**
     * Writes real zeros, forced, from page {@code page} to the end: what no header has counted yet was never written by
     * a checkpoint. For recovery, before anything is written there. Engine threads.
     */
    public void zeroFrom(long page) {
        changes.lock();
        try {
            if (page < map.pages) {
                checkWritable();
                writer.allocate(page << pageShift, map.pages << pageShift);
                force();
            }
        } finally {
            changes.unlock();
        }
    }

    /**
     * Writes both copies of the header, one forced before the other is touched, so that a crash at any instant leaves a
     * good one, also if only one was good before. Page count and sequence are filled in here. The forces take along
     * whatever pages were written before. Engine threads; one at a time, others wait.
     *
     * @throws IllegalArgumentException if it is the header of another database
     */
    public void writeHeader(DatabaseHeader changed) {
        if (changed.signature() != signature || changed.pageSize() != pageSize) {
            throw new IllegalArgumentException("header of another database: " + changed);
        }
        checkWritable();
        changes.lock();
        try {
            boolean first = headerPage == null;
            if (first) {
                headerPage = ByteBuffer.allocateDirect(pageSize).order(ByteOrder.LITTLE_ENDIAN);
            }
            DatabaseHeader next = changed.withPageCount(map.pages).follows(header);
            HeaderCopies.write(writer, next, first, headerPage);
            header = next;
        } catch (RuntimeException | Error e) {
            broken = e;
            throw e;
        } finally {
            changes.unlock();
        }
    }

    /** Closes the files, without forcing anything. Places in the map stay valid. Closing twice does nothing. */
    @Override
    public void close() {
        CloseHelper.closeAll(writer, reader);
    }

    /** Whether an extent of this length can be at this place at all. */
    boolean canHold(PageMap map, long page, int pages) {
        return map.has(page)
                && pages > 0
                && pages <= PageLayout.EXTENT_BYTES_MAX >>> pageShift
                && pages <= map.pages - page
                && (int) (page & windowMask) + pages - 1 <= windowMask;
    }

    private PageMap mapOf(long page) {
        PageMap map = this.map;
        if (!map.has(page)) {
            throw PageFault.outside(page, 1, map.pages, path());
        }
        return map;
    }

    /** A map of this many pages; windows that are full already are taken over from the one before. */
    private PageMap mapped(PageMap before, long pages) {
        int count = Math.toIntExact((pages + windowMask) >>> windowShift);
        ByteBuffer[] windows = new ByteBuffer[count];
        for (int i = 0; i < count; i++) {
            long first = (long) i << windowShift;
            int length = (int) Math.min(windowMask + 1L, pages - first) << pageShift;
            boolean kept = before != null && i < before.windows.length && before.windows[i].capacity() == length;
            windows[i] = kept ? before.windows[i] : reader.map(first << pageShift, length);
        }
        return new PageMap(before, pages, windows);
    }

    private void checkWritable() {
        if (writer == null) {
            throw new IllegalStateException("opened for reading only, file=" + path());
        }
        if (broken != null) {
            String what = "an earlier write or force of this file failed";
            throw new UnavailableException(QuireError.INSTANCE_UNAVAILABLE, path(), what, broken);
        }
    }
}

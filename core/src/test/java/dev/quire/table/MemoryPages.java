package dev.quire.table;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quire.io.CorruptionException;
import dev.quire.io.LimitException;
import dev.quire.io.QuireError;
import dev.quire.io.page.PageLayout;
import dev.quire.io.page.PageRef;
import dev.quire.pages.PageReader;
import dev.quire.pages.PageWriter;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Pages in memory that hold a tree to the contract of {@link PageWriter}: what was only read cannot be written, a page
 * moves when it is first modified after a commit, what was freed is overwritten and may not be read, its number is
 * given out again at once, and nothing may be written around a page or into its header. Pages start anywhere in their
 * buffers, as they do in the engine's; small ones are on the heap, where they come and go more quickly.
 */
final class MemoryPages implements PageWriter {

    private static final int MARGIN = 4096; // what a stray write is likely to hit
    private static final int HEAP_BYTES_MAX = 16 * 1024 + 2 * MARGIN;
    private static final byte CANARY = 0x5A;
    private static final byte[] CANARIES = new byte[MARGIN];
    private static final byte FREED = (byte) 0xDD;

    /** The pages that every database has are no tree's. */
    private static final int[] FIXED_TYPES = {
        PageLayout.TYPE_HEADER, PageLayout.TYPE_HEADER, PageLayout.TYPE_ROOTS, PageLayout.TYPE_ALLOCATION
    };

    /** One page or extent at one time. */
    private static final class Frame {
        final ByteBuffer writable;
        final ByteBuffer readable;
        final int length;
        final byte[] header = new byte[PageLayout.HEADER_BYTES];
        boolean shared; // with a snapshot

        Frame(int length, int type, long page) {
            this(length);
            writable.put(MARGIN + PageLayout.TYPE_OFFSET, (byte) type);
            writable.putShort(MARGIN + PageLayout.PAGES_OFFSET, (short) 1);
            writable.putLong(MARGIN + PageLayout.NUMBER_OFFSET, page);
            writable.get(MARGIN, header);
        }

        Frame(int length) {
            this.length = length;
            int bytes = length + 2 * MARGIN;
            writable = (bytes > HEAP_BYTES_MAX ? ByteBuffer.allocateDirect(bytes) : ByteBuffer.allocate(bytes))
                    .order(ByteOrder.LITTLE_ENDIAN);
            readable = writable.asReadOnlyBuffer().order(ByteOrder.LITTLE_ENDIAN);
            writable.put(0, CANARIES).put(MARGIN + length, CANARIES);
        }

        void check(long page) {
            ByteBuffer canaries = ByteBuffer.wrap(CANARIES);
            assertEquals(-1, writable.slice(0, MARGIN).mismatch(canaries), "in front of page " + page);
            assertEquals(-1, writable.slice(MARGIN + length, MARGIN).mismatch(canaries), "behind page " + page);
            for (int i = 0; i < header.length; i++) {
                assertEquals(header[i], writable.get(MARGIN + i), "header of page " + page + " written");
            }
        }
    }

    static {
        Arrays.fill(CANARIES, CANARY);
    }

    private final int pageSize;
    private final Map<Long, Frame> frames = new HashMap<>();
    private final Set<Long> modified = new HashSet<>();
    private final TreeMap<Long, Integer> free = new TreeMap<>();
    private long end = FIXED_TYPES.length;

    /** Whether reading what is not there is what a damaged tree may do, or a fault of the tree's code. */
    boolean lenient;

    /** Allocations that still succeed. */
    int allocationsLeft = Integer.MAX_VALUE;

    /** How often a page was asked for. */
    long reads;

    MemoryPages(int pageSize) {
        this.pageSize = pageSize;
        for (long page = 0; page < FIXED_TYPES.length; page++) {
            frames.put(page, new Frame(pageSize, FIXED_TYPES[(int) page], page));
        }
    }

    /** Another writer over the same pages, which changes nothing here. A damaged tree is what it expects. */
    MemoryPages damagedCopy() {
        commit();
        MemoryPages copy = new MemoryPages(pageSize);
        frames.values().forEach(frame -> frame.shared = true);
        copy.frames.putAll(frames);
        copy.free.putAll(free);
        copy.end = end;
        copy.lenient = true;
        return copy;
    }

    @Override
    public int pageSize() {
        return pageSize;
    }

    @Override
    public int extentPagesMax() {
        return PageLayout.EXTENT_BYTES_MAX / pageSize;
    }

    @Override
    public void read(long page, PageRef into) {
        reads++;
        Frame frame = frame(page);
        into.set(frame.readable, MARGIN, frame.length);
    }

    @Override
    public void modify(long page, PageRef into) {
        Frame frame = frame(page);
        assertTrue(page >= FIXED_TYPES.length, "a page of the engine to be changed");
        if (frame.length != pageSize) {
            throw new IllegalStateException("page=" + page + " is an extent");
        }
        if (modified.add(page)) {
            Frame copy = new Frame(pageSize);
            copy.writable.put(MARGIN, frame.writable, MARGIN, pageSize);
            System.arraycopy(frame.header, 0, copy.header, 0, copy.header.length);
            frames.put(page, copy);
            frame.check(page);
            scrap(frame);
            frame = copy;
        }
        into.set(frame.writable, MARGIN, pageSize);
    }

    @Override
    public long allocate(int type, PageRef into) {
        return allocate(type, 1, into);
    }

    @Override
    public long allocateExtent(int pages, PageRef into) {
        if (pages < 1 || pages > extentPagesMax()) {
            throw new IllegalArgumentException("pages=" + pages);
        }
        return allocate(PageLayout.TYPE_EXTENT, pages, into);
    }

    private long allocate(int type, int pages, PageRef into) {
        if (allocationsLeft-- <= 0) {
            throw new LimitException(QuireError.OUT_OF_MEMORY, null, "no page is left", null);
        }
        long page = place(pages);
        Frame frame = new Frame(pages * pageSize, type, page);
        frame.writable.putShort(MARGIN + PageLayout.PAGES_OFFSET, (short) pages);
        frame.writable.get(MARGIN, frame.header);
        frames.put(page, frame);
        modified.add(page);
        into.set(frame.writable, MARGIN, frame.length);
        return page;
    }

    private long place(int pages) {
        for (Map.Entry<Long, Integer> gap : free.entrySet()) {
            if (gap.getValue() == pages) {
                long page = gap.getKey(); // removing may put another key into this entry
                free.remove(page);
                return page;
            }
        }
        long page = end;
        end += pages;
        return page;
    }

    @Override
    public void free(long page) {
        Frame frame = frame(page);
        assertTrue(page >= FIXED_TYPES.length, "a page of the engine to be freed");
        frame.check(page);
        frames.remove(page);
        modified.remove(page);
        free.put(page, frame.length / pageSize);
        scrap(frame);
    }

    /** Nobody may read it any more. */
    private static void scrap(Frame frame) {
        if (!frame.shared) {
            for (int i = MARGIN; i < MARGIN + frame.length; i++) {
                frame.writable.put(i, FREED);
            }
        }
    }

    private Frame frame(long page) {
        Frame frame = frames.get(page);
        if (frame == null) {
            if (lenient) {
                throw new CorruptionException(
                        QuireError.DATABASE_CORRUPTED, null, "page " + page + " not in use", null);
            }
            throw new AssertionError("page " + page + " is not in use");
        }
        return frame;
    }

    /** Ends a transaction: pages move again when they are modified. */
    void commit() {
        frames.forEach((page, frame) -> frame.check(page));
        modified.clear();
    }

    /** Ends a transaction; what it left behind stays as it is. */
    PageReader snapshot() {
        commit();
        Map<Long, Frame> then = new HashMap<>(frames);
        then.values().forEach(frame -> frame.shared = true);
        return new PageReader() {
            @Override
            public int pageSize() {
                return pageSize;
            }

            @Override
            public void read(long page, PageRef into) {
                Frame frame = then.get(page);
                into.set(frame.readable, MARGIN, frame.length);
            }
        };
    }

    /** Pages in use, those of extents by their number. */
    Map<Long, Integer> inUse() {
        Map<Long, Integer> pages = new TreeMap<>();
        frames.forEach((page, frame) -> pages.put(page, frame.length / pageSize));
        for (long page = 0; page < FIXED_TYPES.length; page++) {
            pages.remove(page);
        }
        return pages;
    }

    /** The bytes of a page, to be damaged; not those that a copy of these pages has. */
    ByteBuffer bytes(long page) {
        Frame frame = frame(page);
        if (frame.shared) {
            Frame own = new Frame(frame.length);
            own.writable.put(MARGIN, frame.writable, MARGIN, frame.length);
            System.arraycopy(frame.header, 0, own.header, 0, own.header.length);
            frames.put(page, own);
            frame = own;
        }
        ByteBuffer all = frame.writable;
        return all.slice(MARGIN, all.capacity() - 2 * MARGIN).order(ByteOrder.LITTLE_ENDIAN);
    }
}

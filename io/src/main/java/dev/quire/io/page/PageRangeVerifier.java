package dev.quire.io.page;

import dev.quire.io.CorruptionException;
import dev.quire.io.QuireError;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/**
 * Judges every page in use of a run of pages that somebody has read into memory: of a backup before it leaves, of a
 * copy read back, of a file at rest. Of free pages nothing is asked, or that they are zeros. Immutable; any thread.
 */
public final class PageRangeVerifier {

    private final int pageSize;
    private final long signature;
    private final PageUse use;
    private final Path file;
    private final boolean freeIsZeros;

    /**
     * @param signature of the database
     * @param use what its pages were used for when these bytes were read
     * @param file named in faults, may be null
     */
    public PageRangeVerifier(int pageSize, long signature, PageUse use, Path file) {
        this(pageSize, signature, use, file, false);
    }

    private PageRangeVerifier(int pageSize, long signature, PageUse use, Path file, boolean freeIsZeros) {
        this.pageSize = PageLayout.checkPageSize(pageSize);
        this.signature = signature;
        this.use = use;
        this.file = file;
        this.freeIsZeros = freeIsZeros;
    }

    /** The same, for a copy in which nobody has written to a free page: one that is not all zeros is bad. */
    public PageRangeVerifier freeIsZeros() {
        return new PageRangeVerifier(pageSize, signature, use, file, true);
    }

    /**
     * Judges the pages that remain in {@code pages}, whose position does not move. An extent is judged whole, so one
     * whose end is not in the buffer is left for the next call, which must start with it.
     *
     * @param pages whole pages, little-endian, not read-only
     * @param first the number of the first of them; when it is inside of an extent whose head is in front of it, the
     *     rest of that extent is passed over
     * @return the page to go on with: the one behind the buffer, or the head of an extent that did not fit
     * @throws IllegalArgumentException if there are no whole pages, or less than the extent they start with: a buffer
     *     of {@link PageLayout#EXTENT_BYTES_MAX} always suffices
     */
    public long verify(ByteBuffer pages, long first, FaultConsumer faults) {
        int start = pages.position();
        int length = pages.remaining();
        if (length % pageSize != 0 || length == 0) {
            throw new IllegalArgumentException("remaining=" + length + ", pageSize=" + pageSize);
        }
        long end = first + length / pageSize;
        long page = first;
        while (page < end) {
            int count = span(page);
            if (page + count > end) {
                return unfinished(page, count, first);
            }
            judge(pages, start + (int) (page - first) * pageSize, page, count, faults);
            page += count;
        }
        return end;
    }

    private static long unfinished(long page, int count, long first) {
        if (page == first) {
            throw new IllegalArgumentException("extent of " + count + " pages at page " + page + ", but not all of it");
        }
        return page;
    }

    private void judge(ByteBuffer b, int offset, long page, int count, FaultConsumer faults) {
        try {
            if (isUsed(page)) {
                check(b, offset, page, count);
            } else if (use.at(page) == PageUse.INSIDE) {
                checkInside(page);
            } else if (freeIsZeros) {
                checkZeros(b, offset, page);
            }
        } catch (CorruptionException fault) {
            faults.fault(page, count, fault);
        }
    }

    /**
     * Throws unless the page or extent of {@code count} pages at {@code offset} is page {@code page}.
     *
     * @throws CorruptionException as {@link PageHeader#verify} says
     */
    void check(ByteBuffer b, int offset, long page, int count) {
        int pages = PageHeader.pages(b, offset);
        PageHeader.verify(b, offset, count * pageSize, signature, page, file);
        if (pages != count) {
            String what = "has pages=" + pages + " in its header, the allocation map says " + count;
            throw PageFault.fault(QuireError.READ_VERIFY_FAILURE, page, what, file);
        }
    }

    private void checkZeros(ByteBuffer b, int offset, long page) {
        long any = 0;
        for (int at = offset; at < offset + pageSize; at += Long.BYTES) {
            any |= b.getLong(at);
        }
        if (any != 0) {
            String what = "is free, says the map of the pages, and holds something";
            throw PageFault.fault(QuireError.READ_VERIFY_FAILURE, page, what, file);
        }
    }

    /** Whether anything is asked of what starts here. */
    boolean isJudged(long page) {
        return isUsed(page) || freeIsZeros && use.at(page) == PageUse.FREE;
    }

    /** Whether a page or an extent starts here. */
    boolean isUsed(long page) {
        int code = use.at(page);
        return code == PageUse.PAGE || code == PageUse.HEAD;
    }

    /** The pages of what is at {@code page}, as the map has it: 1, or those of an extent; one too long is cut. */
    int span(long page) {
        int pages = 1;
        if (use.at(page) == PageUse.HEAD) {
            while (pages < PageLayout.EXTENT_BYTES_MAX / pageSize && use.at(page + pages) == PageUse.INSIDE) {
                pages++;
            }
        }
        return pages;
    }

    /**
     * How many of {@code pages} pages from {@code page} on there are without an extent that reaches across the last of
     * them: it would have to be read again. All of them if what reaches across is longer than that.
     */
    int whole(long page, int pages) {
        int count = pages;
        while (count > 0 && use.at(page + count) == PageUse.INSIDE) {
            count--;
        }
        return count > 0 ? count : pages;
    }

    /** An inside that we meet is the rest of an extent that began in front of the buffer, or damage of the map. */
    private void checkInside(long page) {
        int most = PageLayout.EXTENT_BYTES_MAX / pageSize;
        long before = page - 1;
        while (before > page - most + 1 && use.at(before) == PageUse.INSIDE) {
            before--;
        }
        if (use.at(before) != PageUse.HEAD) {
            String what = "is inside of no extent, says the allocation map";
            throw PageFault.fault(QuireError.DATABASE_CORRUPTED, page, what, file);
        }
    }
}

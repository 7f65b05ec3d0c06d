package dev.quire.io.page;

import dev.quire.io.CorruptionException;
import dev.quire.io.QuireError;
import dev.quire.io.StorageFaultException;
import dev.quire.io.StoreFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;

/**
 * Reads a file from one page to another in large pieces and judges every page in use, and if that is asked for every
 * free one. A page in use that does not verify is
 * read once more on its own before it is called bad, because a piece may have been read while the page was being
 * written. One engine thread at a time; one sweep can do many ranges, so progress and cancelling lie between ranges.
 */
public final class PageSweep {

    private final StoreFile file;
    private final int pageSize;
    private final ByteBuffer buffer;
    private PageRangeVerifier verifier;
    private long readTwice;

    /**
     * Takes a buffer of 1 MiB.
     *
     * @param file may be open for reading only
     * @param signature of the database it holds
     * @param use what its pages are used for
     */
    public PageSweep(StoreFile file, int pageSize, long signature, PageUse use) {
        this.file = file;
        this.pageSize = PageLayout.checkPageSize(pageSize);
        this.verifier = new PageRangeVerifier(pageSize, signature, use, file.path());
        this.buffer = ByteBuffer.allocateDirect(PageLayout.EXTENT_BYTES_MAX).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** From now on a free page that is not all zeros is bad, as in a copy in which nobody has written to one. */
    public PageSweep freeIsZeros() {
        verifier = verifier.freeIsZeros();
        return this;
    }

    /**
     * Judges what starts in {@code [from, to)}.
     *
     * @param from not inside of an extent, so best what the call before returned
     * @return the page to go on with: {@code to}, or the one behind an extent that reaches across it
     * @throws CorruptionException {@code READ_VERIFY_FAILURE} if the file ends before: what else is wrong with single
     *     pages goes to {@code faults}
     */
    public long sweep(long from, long to, FaultConsumer faults) {
        long end = Math.max(to, from);
        long page = from;
        while (page < end) {
            long pages = Math.min(end - page, buffer.capacity() / pageSize);
            page = piece(page, (int) pages, faults);
        }
        return page;
    }

    /** How many pages and extents verified only when they were read a second time. */
    public long readTwice() {
        return readTwice;
    }

    /** One piece; the extent that starts it is read whole even if it is longer than asked. */
    private long piece(long page, int pages, FaultConsumer faults) {
        int count = Math.max(verifier.whole(page, pages), verifier.span(page));
        try {
            read(page, 0, count * pageSize);
        } catch (StorageFaultException fault) {
            return onePageAtATime(page, page + count, faults);
        }
        return verifier.verify(buffer, page, (bad, span, fault) -> again(page, bad, span, fault, faults));
    }

    /** The disk fails somewhere in a piece: what of it is hit? */
    private long onePageAtATime(long from, long end, FaultConsumer faults) {
        long page = from;
        while (page < end) {
            int count = verifier.span(page);
            if (page + count > end) {
                return page;
            }
            if (verifier.isJudged(page) && isReadable(page, count, faults)) {
                verifier.verify(buffer, page, faults);
            }
            page += count;
        }
        return end;
    }

    private boolean isReadable(long page, int count, FaultConsumer faults) {
        try {
            read(page, 0, count * pageSize);
            return true;
        } catch (StorageFaultException fault) {
            String what = "page " + page + " cannot be read";
            Path path = file.path();
            faults.fault(page, count, new CorruptionException(QuireError.READ_VERIFY_FAILURE, path, what, fault));
            return false;
        }
    }

    private void again(long first, long page, int count, CorruptionException fault, FaultConsumer faults) {
        CorruptionException verdict = fault;
        int limit = buffer.limit();
        if (verifier.isUsed(page)) {
            verdict = secondVerdict((int) (page - first) * pageSize, page, count, fault);
            buffer.position(0).limit(limit);
        }
        if (verdict != null) {
            faults.fault(page, count, verdict);
        }
    }

    private CorruptionException secondVerdict(int offset, long page, int count, CorruptionException first) {
        try {
            read(page, offset, count * pageSize);
            verifier.check(buffer, offset, page, count);
            readTwice++;
            return null;
        } catch (CorruptionException | StorageFaultException second) {
            first.addSuppressed(second);
            return first;
        }
    }

    /** Reads to {@code offset} of the buffer; what was read is what remains in it. */
    private void read(long page, int offset, int length) {
        int count = file.read(buffer.limit(offset + length).position(offset), page * pageSize);
        buffer.position(offset);
        if (count < length) {
            String what = "is cut off, " + count + " of " + length + " bytes are there";
            throw PageFault.fault(QuireError.READ_VERIFY_FAILURE, page, what, file.path());
        }
    }
}

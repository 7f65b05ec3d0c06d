package dev.quire.pages;

import java.nio.ByteBuffer;

/**
 * One version of a page in memory: a stretch of a slab, and what is known about the bytes in it. While a transaction
 * builds it, it is private to that transaction; from its publication on its bytes never change.
 *
 * <p>Only the stretch of memory is reused, never this object: a reader that walks a chain of versions while somebody
 * drops one of them still finds the fields it needs, and reads bytes only of the version that the registry of readers
 * keeps for it.
 */
public final class Frame {

    private static final byte[] ZEROS = new byte[4096];

    /** Writable, for the engine alone. */
    final ByteBuffer writable;
    /** What readers get: of the same class as a mapped window, so that their code meets one kind of buffer. */
    final ByteBuffer readable;
    /** Where the bytes start in both buffers. */
    final int offset;
    /** Bytes of the page or extent. */
    final int length;

    private final Slab slab;

    /** Page that the bytes are of. */
    long page;
    /** Position just behind the commit that made this version; meaningless while it is private. */
    long commit;
    /** What the page's dbtime was in the version this one was made from. */
    long dbtimeBefore;
    /** Position of the last full image of the page in the log, 0 if it is unknown: spares a copy in the guard. */
    long imagePosition;
    /** The whole page goes into the log: it is newly allocated, no earlier state of it matters. */
    boolean image;
    /** The base of a private copy, when that is a version in memory; null when it came from the file. */
    Frame base;
    /** The version before, or null when that is the one in the file. */
    volatile Frame older;
    /** During redo: the bytes cannot be trusted before a full image arrives. */
    boolean suspect;

    Frame(Slab slab, int offset, int length) {
        this.slab = slab;
        this.writable = slab.writable();
        this.readable = slab.readable();
        this.offset = offset;
        this.length = length;
    }

    /** A version that says: these bytes belong to an extent that starts before this page. It holds no memory. */
    Frame(long page, long commit) {
        this.slab = null;
        this.writable = null;
        this.readable = null;
        this.offset = 0;
        this.length = 0;
        this.page = page;
        this.commit = commit;
    }

    Slab slab() {
        return slab;
    }

    /**
     * Whether the page is covered by an extent as of this version, so that there is nothing of its own to read or
     * write.
     */
    public boolean isCovered() {
        return slab == null;
    }

    /** The page whose bytes these are. */
    public long page() {
        return page;
    }

    /** Bytes of the page or extent. */
    public int length() {
        return length;
    }

    /** Writable buffer that holds the bytes, for the engine alone. */
    public ByteBuffer buffer() {
        return writable;
    }

    /** Where they start in {@link #buffer()}. */
    public int offset() {
        return offset;
    }

    /** Position just behind the commit that made this version. */
    public long commit() {
        return commit;
    }

    /** Position of the page's last full image in the log, 0 if unknown. */
    public long imagePosition() {
        return imagePosition;
    }

    /** Whether the whole page must be logged. */
    public boolean isImage() {
        return image;
    }

    /** The page's dbtime in the version this one was made from. */
    public long dbtimeBefore() {
        return dbtimeBefore;
    }

    /** Notes where the page's full image stands in the log. */
    public void imagePosition(long position) {
        imagePosition = position;
    }

    /** During redo: whether the bytes cannot be trusted. */
    public boolean isSuspect() {
        return suspect;
    }

    /** Sets or clears the suspicion. */
    public void suspect(boolean suspect) {
        this.suspect = suspect;
    }

    /** The version in memory this private copy was made from; null when it came from the file. */
    public Frame base() {
        return base;
    }

    /** During redo: the frame now holds {@code number}, as it is in the file or about to be built. */
    public void enter(long number) {
        page = number;
        commit = 0;
        imagePosition = 0;
        suspect = false;
    }

    /** Makes every byte zero. */
    public void zero() {
        for (int done = 0; done < length; done += ZEROS.length) {
            writable.put(offset + done, ZEROS, 0, Math.min(ZEROS.length, length - done));
        }
    }
}

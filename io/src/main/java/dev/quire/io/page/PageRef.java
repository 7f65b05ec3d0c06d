package dev.quire.io.page;

import java.nio.ByteBuffer;

/**
 * Where the bytes of a page are at the moment: a place in a mapped window or in a frame. A plain mutable struct, filled
 * by whoever is asked for a page and reused from call to call, so that finding a page allocates nothing. It belongs to
 * the engine: users get a view that checks every index instead.
 */
public final class PageRef {

    /** Little-endian. Read-only unless the page was asked for to be changed. */
    public ByteBuffer base;

    /** Where the page starts in {@link #base}. */
    public int offset;

    /** Bytes of the page; of an extent, all its pages together. */
    public int length;

    /**
     * Fills in all three. Mostly the base stays the same, and is then not stored again: what a collector does about a
     * reference stored in an old object may cost more than all the rest of finding a page.
     */
    @SuppressWarnings("ReferenceEquality")
    public void set(ByteBuffer base, int offset, int length) {
        if (this.base != base) {
            this.base = base;
        }
        this.offset = offset;
        this.length = length;
    }
}

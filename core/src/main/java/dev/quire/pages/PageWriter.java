package dev.quire.pages;

import dev.quire.io.page.PageRef;

/**
 * The pages of one database as its one write transaction sees and changes them. Changes stay private to the transaction
 * until it commits. {@link #read} shows them; a place found by {@code read} goes stale when the same page is modified,
 * freed or allocated again: ask anew.
 */
public interface PageWriter extends PageReader {

    /**
     * The same page, to be changed in place: a private copy, made at the first call for a page, the same one at every
     * later call. The header of the page belongs to the engine and must not be written. Extents cannot be modified.
     */
    void modify(long page, PageRef into);

    /** Allocates a page, zero behind its header, to be filled in place. {@code type} is stamped into the header. */
    long allocate(int type, PageRef into);

    /**
     * Allocates {@code pages} contiguous pages as one extent, zero behind its header, to be filled in place: one header
     * at the start, then bytes without interruption. At most {@link #extentPagesMax()}.
     */
    long allocateExtent(int pages, PageRef into);

    /** The most pages that one extent may have. An extent is at most 1 MiB. */
    int extentPagesMax();

    /** Frees a page, or the extent that starts there. It may be allocated again at once. */
    void free(long page);
}

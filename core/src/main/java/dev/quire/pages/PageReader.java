package dev.quire.pages;

import dev.quire.io.page.PageRef;

/**
 * The pages of one database as one transaction sees them. What a tree needs to be read, and all it may ask for.
 */
public interface PageReader {

    /** Bytes of a page. */
    int pageSize();

    /**
     * Finds page {@code page}, or the extent that starts there, verified, as of this transaction's snapshot. The bytes
     * stay as they are until the transaction ends.
     *
     * @throws dev.quire.io.CorruptionException if the page does not verify or lies outside the database
     */
    void read(long page, PageRef into);
}

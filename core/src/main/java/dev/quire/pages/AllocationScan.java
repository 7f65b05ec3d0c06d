package dev.quire.pages;

import dev.quire.io.page.PageRef;

/** Reads the allocation maps of a database as one transaction sees them. */
public final class AllocationScan {

    private final PageReader pages;
    private final PageRef ref = new PageRef();

    /** Reads through {@code pages}. */
    public AllocationScan(PageReader pages) {
        this.pages = pages;
    }

    /** How many regions have a map. */
    public int regions() {
        pages.read(RootsLayout.PAGE, ref);
        return ref.base.getInt(ref.offset + RootsLayout.REGIONS_OFFSET);
    }

    /** Pages of a region. */
    public int regionPages() {
        return AllocationLayout.regionPages(pages.pageSize());
    }

    /**
     * The entries of a region: for each page one byte, {@link AllocationLayout#FREE} and so on.
     *
     * @param entries filled from its start; {@link #regionPages} long
     */
    public void read(long region, byte[] entries) {
        pages.read(AllocationLayout.mapPage(region, pages.pageSize()), ref);
        for (int i = 0; i < entries.length; i++) {
            int bits = ref.base.get(ref.offset + AllocationLayout.ENTRIES_OFFSET + i / 4);
            entries[i] = (byte) (bits >>> 2 * (i & 3) & 3);
        }
    }
}

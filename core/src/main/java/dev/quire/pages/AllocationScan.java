package dev.quire.pages;

import dev.quire.io.CorruptionException;
import dev.quire.io.QuireError;
import dev.quire.io.page.PageRef;

/** Reads the allocation maps of a database as one transaction sees them. */
public final class AllocationScan {

    private final PageReader pages;
    private final long pageCount;
    private final PageRef ref = new PageRef();

    /** Reads through {@code pages}; {@code pageCount} is how many the file has. */
    public AllocationScan(PageReader pages, long pageCount) {
        this.pages = pages;
        this.pageCount = pageCount;
    }

    /**
     * How many regions have a map: what is made for each of them is bounded by the file.
     *
     * @throws CorruptionException {@code DATABASE_CORRUPTED} if the last of the maps lies outside of the file
     */
    public int regions() {
        pages.read(RootsLayout.PAGE, ref);
        int regions = ref.base.getInt(ref.offset + RootsLayout.REGIONS_OFFSET);
        if (regions < 1 || AllocationLayout.mapPage(regions - 1L, pages.pageSize()) >= pageCount) {
            String what = "roots page says regions=" + regions + ", the file has pages=" + pageCount;
            throw new CorruptionException(QuireError.DATABASE_CORRUPTED, null, what, null);
        }
        return regions;
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

package dev.quire.backup;

import dev.quire.durable.PageImages;
import dev.quire.io.page.PageSet;
import java.nio.ByteBuffer;
import org.agrona.collections.Int2ObjectHashMap;

/** Pages that the log rebuilds whole, so that what a copy has in their places does not matter. */
final class ImagedPages {

    private final Int2ObjectHashMap<PageSet> byDatabase = new Int2ObjectHashMap<>();

    void note(int type, ByteBuffer buffer, int offset) {
        PageImages.of(type, buffer, offset, (database, page, pages) -> {
            PageSet set = byDatabase.computeIfAbsent(database, key -> new PageSet());
            for (long each = page; each < page + pages; each++) {
                set.add(each);
            }
        });
    }

    /** Notes what another one has noted. */
    void addAll(ImagedPages other) {
        other.byDatabase.forEach((database, pages) -> {
            byDatabase.computeIfAbsent(database, key -> new PageSet()).addAll(pages);
        });
    }

    /**
     * Whether what is in the place of a page, or of an extent of {@code pages} pages, was given up behind the redo
     * start: an image of any page of it says so, for an extent is written once and given up as a whole.
     */
    boolean covers(int database, long page, int pages) {
        PageSet set = byDatabase.get(database);
        for (long each = page; set != null && each < page + pages; each++) {
            if (set.contains(each)) {
                return true;
            }
        }
        return false;
    }
}

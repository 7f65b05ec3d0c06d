package dev.quire.backup;

import dev.quire.durable.PageImages;
import java.nio.ByteBuffer;
import org.agrona.collections.Int2ObjectHashMap;
import org.agrona.collections.LongHashSet;

/** Pages that the log rebuilds whole, so that what a copy has in their places does not matter. */
final class ImagedPages {

    private final Int2ObjectHashMap<LongHashSet> byDatabase = new Int2ObjectHashMap<>();

    void note(int type, ByteBuffer buffer, int offset) {
        PageImages.of(type, buffer, offset, (database, page, pages) -> {
            LongHashSet set = byDatabase.computeIfAbsent(database, key -> new LongHashSet());
            for (long each = page; each < page + pages; each++) {
                set.add(each);
            }
        });
    }

    /**
     * Whether what is in the place of a page, or of an extent of {@code pages} pages, was given up behind the redo
     * start: an image of any page of it says so, for an extent is written once and given up as a whole.
     */
    boolean covers(int database, long page, int pages) {
        LongHashSet set = byDatabase.get(database);
        for (long each = page; set != null && each < page + pages; each++) {
            if (set.contains(each)) {
                return true;
            }
        }
        return false;
    }
}

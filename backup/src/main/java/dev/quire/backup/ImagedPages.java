package dev.quire.backup;

import dev.quire.durable.PageImages;
import java.nio.ByteBuffer;
import org.agrona.collections.Int2ObjectHashMap;
import org.agrona.collections.LongHashSet;

/** Pages that the log rebuilds whole, so that what a copy has in their place does not matter. */
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

    /** Whether the log rebuilds {@code page}. */
    boolean covers(int database, long page) {
        LongHashSet set = byDatabase.get(database);
        return set != null && set.contains(page);
    }
}

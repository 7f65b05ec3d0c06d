package dev.quire.durable;

import dev.quire.io.CorruptionException;
import dev.quire.io.QuireError;
import dev.quire.io.page.PageSet;
import java.nio.file.Path;
import java.util.TreeMap;
import java.util.function.IntFunction;
import org.agrona.collections.Int2ObjectHashMap;

/**
 * Pages that redo does not trust, until an image of them comes. After a power cut they may be as many as a checkpoint
 * writes, on a bad medium as many as the log names; so all of them are only counted, and why is known of the first few.
 */
final class Suspects {

    private static final int TOLD_MAX = 16;
    private static final Fault UNKNOWN =
            new Fault(QuireError.DATABASE_TIME_TOO_OLD, "does not fit the log, and the log does not hold it whole");

    private final Int2ObjectHashMap<PageSet> pages = new Int2ObjectHashMap<>();
    private final TreeMap<Place, Fault> told = new TreeMap<>();

    /** A page of a database. */
    private record Place(int database, long page) implements Comparable<Place> {
        @Override
        public int compareTo(Place other) {
            int order = Integer.compare(database, other.database);
            return order != 0 ? order : Long.compare(page, other.page);
        }
    }

    /**
     * Why a page is not trusted.
     *
     * @param error what it is, if nothing clears the page
     * @param what the same in words
     */
    record Fault(QuireError error, String what) {}

    /** A page is not trusted from now on; the lowest few keep their reason, the last one given. */
    void add(int database, long page, Fault fault) {
        pages.computeIfAbsent(database, id -> new PageSet()).add(page);
        told.put(new Place(database, page), fault);
        if (told.size() > TOLD_MAX) {
            told.pollLastEntry();
        }
    }

    /** There is an image of these pages. */
    void clear(int database, long page, int count) {
        PageSet set = pages.get(database);
        for (long each = page; set != null && set.size() > 0 && each < page + count; each++) {
            if (set.remove(each)) {
                told.remove(new Place(database, each));
            }
        }
    }

    /**
     * Judges what is left.
     *
     * @param files of the databases, by number
     * @throws CorruptionException naming the first page, and how many there are
     */
    void judge(IntFunction<Path> files) {
        Place first = first();
        if (first != null) {
            Fault fault = told.getOrDefault(first, UNKNOWN);
            throw new CorruptionException(
                    fault.error(),
                    files.apply(first.database()),
                    "page " + first.page() + ": " + fault.what() + "; pages in this state: " + count(),
                    null);
        }
    }

    private long count() {
        return pages.values().stream().mapToLong(PageSet::size).sum();
    }

    private Place first() {
        return pages.keySet().stream()
                .filter(id -> pages.get(id.intValue()).size() > 0)
                .map(id -> new Place(id, pages.get(id.intValue()).first()))
                .min(Place::compareTo)
                .orElse(null);
    }
}

package dev.quire.io.page;

import org.agrona.collections.Long2LongHashMap;

/**
 * A set of page numbers that takes little memory where pages are neighbours: 64 of them share an entry of a hash table,
 * of some 30 bytes. So the set of all pages of a database takes half a byte a page, and a single page no more than its
 * entry, whatever its number is. Not thread-safe.
 */
public final class PageSet {

    private static final int SHIFT = 6;

    private final Long2LongHashMap words = new Long2LongHashMap(0);
    private long size;

    /** An empty set. */
    public PageSet() {}

    /** How many pages are in it. */
    public long size() {
        return size;
    }

    /** Whether a page is in it. */
    public boolean contains(long page) {
        return (words.get(page >>> SHIFT) & bit(page)) != 0;
    }

    /** Puts a page into it; returns whether it was not there. */
    public boolean add(long page) {
        long word = words.get(page >>> SHIFT);
        if ((word & bit(page)) != 0) {
            return false;
        }
        words.put(page >>> SHIFT, word | bit(page));
        size++;
        return true;
    }

    /** Puts all pages of another one into it. */
    public void addAll(PageSet other) {
        for (Long2LongHashMap.EntryIterator each = other.words.entrySet().iterator(); each.hasNext(); ) {
            each.next();
            long before = words.get(each.getLongKey());
            words.put(each.getLongKey(), before | each.getLongValue());
            size += Long.bitCount(each.getLongValue() & ~before);
        }
    }

    /** Takes a page out of it; returns whether it was there. */
    public boolean remove(long page) {
        long word = words.get(page >>> SHIFT);
        if ((word & bit(page)) == 0) {
            return false;
        }
        long rest = word & ~bit(page);
        if (rest == 0) {
            words.remove(page >>> SHIFT);
        } else {
            words.put(page >>> SHIFT, rest);
        }
        size--;
        return true;
    }

    /** The lowest page in it, -1 if there is none. Looks at all entries. */
    public long first() {
        long lowest = -1;
        for (long key : words.keySet()) {
            lowest = lowest < 0 ? key : Math.min(lowest, key);
        }
        return lowest < 0 ? -1 : (lowest << SHIFT) + Long.numberOfTrailingZeros(words.get(lowest));
    }

    private static long bit(long page) {
        return 1L << page; // of the lowest 6 bits, which is what a shift looks at
    }
}

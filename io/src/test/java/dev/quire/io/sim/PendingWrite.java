package dev.quire.io.sim;

import java.util.List;

/**
 * A write, or what is left of one, that no force has covered: operation, range, and the file as it was afterwards. What
 * reaches the medium are whole sectors of that image: a cache does not remember which bytes of a sector are new.
 */
record PendingWrite(int index, long from, long to, Image after) {

    void applyTo(ImageDraft draft) {
        applyRange(draft, after, from, to);
    }

    void applyUpTo(long end, ImageDraft draft) {
        applyRange(draft, after, from, end);
    }

    /** The sector at {@code sectorStart} alone. */
    void applySector(ImageDraft draft, long sectorStart) {
        long start = Math.max(from, sectorStart);
        applyRange(draft, after, start, Math.min(to, sectorStart + Image.SECTOR_BYTES));
    }

    static void applyRange(ImageDraft draft, Image source, long from, long to) {
        if (from < to) {
            draft.overlay(source, Image.sectorStart(from), Math.min(Image.sectorEnd(to), Math.max(draft.length(), to)));
        }
    }

    /** Adds what is left when the sectors [start, end) are settled. */
    void addRemainder(long start, long end, List<PendingWrite> rest) {
        if (to <= start || from >= end) {
            rest.add(this);
            return;
        }
        if (from < start) {
            rest.add(new PendingWrite(index, from, start, after));
        }
        if (to > end) {
            rest.add(new PendingWrite(index, end, to, after));
        }
    }

    PendingWrite renumbered(int newIndex) {
        return new PendingWrite(newIndex, from, to, after);
    }
}

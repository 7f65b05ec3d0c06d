package dev.quire.io.page;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * All that a reader needs to know of a file at one moment: how many pages it has, its windows, and two bits a page. A
 * new one replaces it when the file grows; nothing but the bits ever changes in one.
 *
 * <p>The bits stand in slices of {@value #SLICE_PAGES} pages, as many as the file needs. A slice is the same array in
 * every map that has it, so a bit set through an old map is set in the new one.
 *
 * <pre>
 *   slices[page >> 12] [(page >> 5) & 127]   word of 32 pages     63        3 2 1 0
 *                                                                +-+-+ ... +-+-+-+-+
 *                                                                |v|c|     |v|c|v|c|  c: VERIFIED, v: VERSIONED
 *                                                                +-+-+ ... +-+-+-+-+
 *                                                                page 31   page 1 page 0
 * </pre>
 */
final class PageMap {

    static final int SLICE_PAGES = 4096;

    private static final int SLICE_SHIFT = 12;
    private static final int WORD_SHIFT = 5;
    private static final int WORD_MASK = (SLICE_PAGES >>> WORD_SHIFT) - 1;
    private static final VarHandle WORDS = MethodHandles.arrayElementVarHandle(long[].class);

    final long pages;
    final ByteBuffer[] windows;
    private final long[][] slices;

    /** The map of {@code pages} pages through these windows, with the bits of {@code before}, or none if it is null. */
    PageMap(PageMap before, long pages, ByteBuffer[] windows) {
        this.pages = pages;
        this.windows = windows;
        int count = Math.toIntExact((pages + SLICE_PAGES - 1) >>> SLICE_SHIFT);
        this.slices = before == null ? new long[count][] : Arrays.copyOf(before.slices, count);
        for (int i = before == null ? 0 : before.slices.length; i < count; i++) {
            slices[i] = new long[SLICE_PAGES >>> WORD_SHIFT];
        }
    }

    /** Whether {@code page} is one of these pages. */
    boolean has(long page) {
        return page >= 0 && page < pages;
    }

    /** The two bits of a page. What was done before they were set is seen behind this read. */
    int state(long page) {
        long word = (long) WORDS.getAcquire(slices[(int) (page >>> SLICE_SHIFT)], word(page));
        return (int) (word >>> shift(page)) & 3;
    }

    /** Sets bits; the 32 pages of a word are set by different threads at once. */
    void set(long page, long bits) {
        WORDS.getAndBitwiseOr(slices[(int) (page >>> SLICE_SHIFT)], word(page), bits << shift(page));
    }

    /** Clears bits. */
    void clear(long page, long bits) {
        WORDS.getAndBitwiseAnd(slices[(int) (page >>> SLICE_SHIFT)], word(page), ~(bits << shift(page)));
    }

    private static int word(long page) {
        return (int) (page >>> WORD_SHIFT) & WORD_MASK;
    }

    private static int shift(long page) {
        return (int) (page & 31) << 1;
    }
}

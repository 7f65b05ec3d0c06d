package dev.quire.cli;

/** What the format mixes into a checksum so that it holds in one place only. The second reader's own. */
final class Salt {

    private static final long STEP = 0x9E3779B97F4A7C15L;
    private static final long[] FACTORS = {0xFF51AFD7ED558CCDL, 0xC4CEB9FE1A85EC53L};
    private static final int SHIFT = 33;

    private Salt() {}

    /** 32 bits of a signature and a place: the number of a page, or a position in the log. */
    static int of(long signature, long place) {
        long mixed = signature + STEP * place;
        for (long factor : FACTORS) {
            mixed = factor * (mixed ^ mixed >>> SHIFT);
        }
        mixed ^= mixed >>> SHIFT;
        return (int) mixed;
    }
}

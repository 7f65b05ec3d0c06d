package dev.quire.io.log;

/** What the header CRC of a batch is mixed with, so that a batch verifies in one place of one stream only. */
final class LogSalt {

    private static final long LSN_FACTOR = 0x9E37_79B9_7F4A_7C15L;
    private static final long MIX_1 = 0xFF51_AFD7_ED55_8CCDL;
    private static final long MIX_2 = 0xC4CE_B9FE_1A85_EC53L;

    private LogSalt() {}

    /** The salt of the batch at {@code lsn}: every bit depends on every bit of both. */
    static int of(long signature, long lsn) {
        long mixed = signature + lsn * LSN_FACTOR;
        mixed = (mixed ^ mixed >>> 33) * MIX_1;
        mixed = (mixed ^ mixed >>> 33) * MIX_2;
        return (int) (mixed ^ mixed >>> 33);
    }
}

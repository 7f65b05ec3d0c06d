package dev.quire.io.log;

/**
 * The mark of a generation that was built ahead, in the sector where Begin will stand: it is written only when the
 * file, all of it, and its name were forced. Whoever finds it after a crash knows that, even if the mark itself was
 * never forced. Begin takes its place, so a generation whose Begin is whole has none.
 *
 * <pre>
 *  4096    4104        4112         4116   4120          4608
 *  +-------+-----------+------------+------+---- - - ----+
 *  | magic | signature | generation | crc  | zero        |
 *  +-------+-----------+------------+------+---- - - ----+
 * </pre>
 */
final class ReadyLayout {

    /** "QuireNew" as it reads in a dump; no batch begins like that. */
    static final long MAGIC = 0x77654E65_72697551L;

    static final int MAGIC_OFFSET = 0;

    /** Of which stream: a file that was copied there is none that we built. */
    static final int SIGNATURE_OFFSET = MAGIC_OFFSET + Long.BYTES;

    /** Of which generation: the mark of an earlier life does not count. */
    static final int GENERATION_OFFSET = SIGNATURE_OFFSET + Long.BYTES;

    /** CRC32C of all before it. */
    static final int CRC_OFFSET = GENERATION_OFFSET + Integer.BYTES;

    /** One sector, so that it is there or not. */
    static final int MARK_BYTES = LogLayout.SECTOR_BYTES;

    static {
        if ((int) MAGIC == BatchLayout.MAGIC || CRC_OFFSET + Integer.BYTES > MARK_BYTES) {
            throw new AssertionError("ready layout");
        }
    }

    private ReadyLayout() {}
}

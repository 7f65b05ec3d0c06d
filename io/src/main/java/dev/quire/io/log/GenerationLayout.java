package dev.quire.io.log;

/**
 * The header of a generation file: what is known when the file is built, ahead of its use. What is known only at the
 * switch stands in the Begin record.
 *
 * <pre>
 *   0        8     12      16          20               24         32                4096
 *  +--------+-----+-------+-----------+----------------+----------+------- - - ------+
 *  | magic  | crc |version| generation| generationBytes| signature| zero             |
 *  +--------+-----+-------+-----------+----------------+----------+------- - - ------+
 * </pre>
 */
final class GenerationLayout {

    /** "QuireLog" as it reads in a dump: tells a log from any other file before anything in it is believed. */
    static final long MAGIC = 0x676F4C65_72697551L;

    /** The only format there is. Another number is an error of its own, not damage. */
    static final int VERSION = 1;

    static final int MAGIC_OFFSET = 0;

    /** CRC32C of everything behind it in the header, zeros too: the chain of the first batch starts from it. */
    static final int CRC_OFFSET = MAGIC_OFFSET + Long.BYTES;

    static final int VERSION_OFFSET = CRC_OFFSET + Integer.BYTES;

    /** Repeats what the name says, so that a renamed file is noticed. */
    static final int GENERATION_OFFSET = VERSION_OFFSET + Integer.BYTES;

    /** Bounds every length a reader meets in the file. */
    static final int GENERATION_BYTES_OFFSET = GENERATION_OFFSET + Integer.BYTES;

    /** Which stream, so that a file of another one is named as such. */
    static final int SIGNATURE_OFFSET = GENERATION_BYTES_OFFSET + Integer.BYTES;

    private static final int FIELDS_END = SIGNATURE_OFFSET + Long.BYTES;

    static final int HEADER_BYTES = LogLayout.FIRST_BATCH_OFFSET;

    static {
        if (SIGNATURE_OFFSET % Long.BYTES != 0 || FIELDS_END != 32 || FIELDS_END > LogLayout.SECTOR_BYTES) {
            throw new AssertionError("generation layout");
        }
    }

    private GenerationLayout() {}
}

package dev.quire.io.log;

/**
 * A batch: what one write carries. The header stands in one sector and verifies alone, so that it can be believed when
 * the sectors behind it are lost.
 *
 * <pre>
 *   0     4          8     16     20    24          28     32      40       44       64                 used  bytes
 *  +-----+----------+-----+------+-----+-----------+------+-------+--------+--------+---------- - - ----+-----+
 *  |magic|header crc| lsn | bytes| used|payload crc| chain| forced| records| zero   | records           | zero|
 *  +-----+----------+-----+------+-----+-----------+------+-------+--------+--------+---------- - - ----+-----+
 * </pre>
 */
final class BatchLayout {

    /** "QBat": lets a scan of every sector pass over what cannot be a batch without computing anything. */
    static final int MAGIC = 0x74614251;

    static final int MAGIC_OFFSET = 0;

    /**
     * CRC32C of the header behind it, mixed with a salt of signature and LSN: old bytes of a recycled file, a batch of
     * another stream and a batch written to the wrong place never verify.
     */
    static final int HEADER_CRC_OFFSET = MAGIC_OFFSET + Integer.BYTES;

    /** Where the batch stands: a misdirected write names itself. */
    static final int LSN_OFFSET = HEADER_CRC_OFFSET + Integer.BYTES;

    /** The whole batch, a multiple of a sector: where the next one starts. */
    static final int BYTES_OFFSET = LSN_OFFSET + Long.BYTES;

    /** Behind the last record. */
    static final int USED_OFFSET = BYTES_OFFSET + Integer.BYTES;

    /** CRC32C of everything behind the header, padding too: no byte of a batch may change unnoticed. */
    static final int PAYLOAD_CRC_OFFSET = USED_OFFSET + Integer.BYTES;

    /**
     * Header CRC of the batch before, for the first batch the CRC of the file's header. It covers that batch's own
     * chain and payload CRC, so it stands for all that comes before in this file: a batch that was lost and left an
     * older one in its place, or a hole, ends the log.
     */
    static final int CHAIN_OFFSET = PAYLOAD_CRC_OFFSET + Integer.BYTES;

    /** The position known to be forced when the batch was written: evidence that outlives damage before it. */
    static final int FORCED_OFFSET = CHAIN_OFFSET + Integer.BYTES;

    /** How many records; at least one. */
    static final int RECORDS_OFFSET = FORCED_OFFSET + Long.BYTES;

    private static final int FIELDS_END = RECORDS_OFFSET + Integer.BYTES;

    static final int HEADER_BYTES = 64;

    static {
        if (LSN_OFFSET % Long.BYTES != 0
                || FORCED_OFFSET % Long.BYTES != 0
                || FIELDS_END > HEADER_BYTES
                || HEADER_BYTES % RecordLayout.ALIGNMENT != 0
                || LogLayout.SECTOR_BYTES % HEADER_BYTES != 0) {
            throw new AssertionError("batch layout");
        }
    }

    private BatchLayout() {}
}

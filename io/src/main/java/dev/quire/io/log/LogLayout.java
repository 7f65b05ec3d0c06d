package dev.quire.io.log;

/**
 * Where things stand in a generation file, and every size that follows from the size of the file.
 *
 * <pre>
 *  0          4096              512n              512m               closing position         generationBytes
 *  +----------+-----------------+-----------------+---- - - ----------+------------------------+
 *  | header   | batch: Begin    | batch: records  |   batches         | room, or void bytes    |
 *  +----------+-----------------+-----------------+---- - - ----------+------------------------+
 * </pre>
 *
 * A batch starts at a multiple of a sector, so that no later write ever touches a sector that a force promised. Behind
 * the closing position stand zeros, bytes of the generation that the file was before, or a torn batch: none of them
 * verifies there, and none of them is ever copied.
 */
public final class LogLayout {

    /** The unit a disk writes or loses whole. */
    public static final int SECTOR_BYTES = 512;

    /**
     * Offset of the first batch: the header has a block of 4 KiB to itself, since it is written again when recycled.
     */
    public static final int FIRST_BATCH_OFFSET = 4096;

    /** Smallest generation file; tests use it, the engine's configuration asks for more. */
    public static final int GENERATION_BYTES_MIN = 64 << 10;

    /** Largest generation file: an offset stays far from the sign bit. */
    public static final int GENERATION_BYTES_MAX = 1 << 30;

    /** Highest type of a record that a caller may use. */
    public static final int TYPE_MAX = 0xEF;

    /** Type of the record that opens every generation; types above {@link #TYPE_MAX} are the log's own. */
    static final int TYPE_BEGIN = 0xFF;

    /** Writes above this were measured five times slower; also what one buffer holds. */
    private static final int BATCH_BYTES_CAP = 256 << 10;

    /** Room for the full image of the largest page and what a record says about it, twice over. */
    private static final int RECORD_BYTES_CAP = 132 << 10;

    private static final int CONTEXT_BYTES_CAP = 64 << 10;
    private static final int ENGINE_ROOM_CAP = 16 << 10;

    static {
        int smallest = GENERATION_BYTES_MIN;
        boolean holds = FIRST_BATCH_OFFSET % SECTOR_BYTES == 0
                && beginBytesMax(smallest) <= batchBytesMax(smallest)
                && beginBytesMax(GENERATION_BYTES_MAX) <= batchBytesMax(GENERATION_BYTES_MAX)
                && recordBytesMax(1 << 20) >= 70_000
                && FIRST_BATCH_OFFSET + beginBytesMax(smallest) + 2 * batchBytesMax(smallest) + engineRoom(smallest)
                        <= smallest;
        if (!holds) {
            throw new AssertionError("log layout");
        }
    }

    private LogLayout() {}

    /**
     * Refuses a size that no generation can have.
     *
     * @throws IllegalArgumentException naming the size
     */
    static void checkGenerationBytes(int generationBytes) {
        if (!generationBytesValid(generationBytes)) {
            throw new IllegalArgumentException("generationBytes=" + generationBytes);
        }
    }

    static boolean generationBytesValid(int generationBytes) {
        return generationBytes >= GENERATION_BYTES_MIN
                && generationBytes <= GENERATION_BYTES_MAX
                && generationBytes % FIRST_BATCH_OFFSET == 0;
    }

    /**
     * Most bytes of one batch, header and padding included. A quarter of a generation: its end wastes less than that.
     */
    static int batchBytesMax(int generationBytes) {
        return Math.min(BATCH_BYTES_CAP, generationBytes / 4);
    }

    /** Most bytes of the payload of one record, which never spans two batches. */
    static int recordBytesMax(int generationBytes) {
        int fits = batchBytesMax(generationBytes) - BatchLayout.HEADER_BYTES - RecordLayout.HEADER_BYTES;
        return Math.min(RECORD_BYTES_CAP, fits);
    }

    /** Most bytes that {@link LogWitness#context()} may return for generations of this size. */
    public static int contextBytesMax(int generationBytes) {
        return Math.min(CONTEXT_BYTES_CAP, generationBytes / 16);
    }

    /** Most bytes of the batch that holds Begin. */
    static int beginBytesMax(int generationBytes) {
        int record = RecordLayout.frameBytes(BeginLayout.CONTEXT_OFFSET + contextBytesMax(generationBytes));
        return sectorsUp(BatchLayout.HEADER_BYTES + record);
    }

    /** Bytes that no reservation may use: the engine's own records must find room when the disk is full. */
    static int engineRoom(int generationBytes) {
        return Math.min(ENGINE_ROOM_CAP, generationBytes / 8);
    }

    /** The position behind a record of so many bytes of payload. */
    public static long recordEnd(long lsn, int length) {
        return lsn + RecordLayout.frameBytes(length);
    }

    /** The next multiple of a sector at or above {@code bytes}. */
    static int sectorsUp(int bytes) {
        return (bytes + SECTOR_BYTES - 1) & -SECTOR_BYTES;
    }
}

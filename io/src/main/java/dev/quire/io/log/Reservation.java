package dev.quire.io.log;

/**
 * How much log an announced number of records may take at worst: each alone in a batch of its own, because others may
 * ask for a force between any two, and each generation left early by as much as the largest record takes.
 */
final class Reservation {

    private static final int RECORD_OVERHEAD = RecordLayout.HEADER_BYTES
            + RecordLayout.ALIGNMENT
            - 1
            + BatchLayout.HEADER_BYTES
            + LogLayout.SECTOR_BYTES
            - 1;

    private final int generationBytes;
    private final int freshRoom;
    private long bytes;
    private int largest;

    Reservation(int generationBytes) {
        this.generationBytes = generationBytes;
        this.freshRoom = generationBytes - LogLayout.FIRST_BATCH_OFFSET - LogLayout.beginBytesMax(generationBytes);
    }

    /** Announces records; whatever was announced before is forgotten. */
    void set(long payloadBytes, int records) {
        bytes = payloadBytes + (long) records * RECORD_OVERHEAD;
        largest = (int) Math.min(payloadBytes, LogLayout.recordBytesMax(generationBytes)) + RECORD_OVERHEAD;
    }

    /** One record of the announced ones was appended. */
    void use(int length) {
        bytes = Math.max(0, bytes - length - RECORD_OVERHEAD);
    }

    /** Generations that must stand ready when the current one has {@code room} bytes left. */
    int generationsAhead(long room) {
        if (bytes == 0) {
            return 0;
        }
        long wanted = bytes + LogLayout.engineRoom(generationBytes);
        if (wanted <= room) {
            return 0;
        }
        long beyond = wanted - Math.max(0L, room - largest);
        long each = (long) freshRoom - largest;
        return (int) Math.min(Integer.MAX_VALUE - 1, (beyond + each - 1) / each);
    }

    /** The same for a generation that has only just started. */
    int generationsAheadOfFresh() {
        return generationsAhead(freshRoom);
    }
}

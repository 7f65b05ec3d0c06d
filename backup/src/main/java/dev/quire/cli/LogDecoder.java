package dev.quire.cli;

/**
 * The second reader's view of a generation of the log: goes from batch to batch as long as they verify, says where that
 * ends and why, and what stands behind. Knows the format from its document alone.
 */
final class LogDecoder {

    static final int HEADER_BYTES = 4096;

    private static final long MAGIC = 0x676F4C6572697551L;
    private static final int BATCH_MAGIC = 0x74614251;
    private static final int BATCH_HEADER_BYTES = 64;
    private static final int BATCH_BYTES_MAX = 256 << 10;
    private static final int SECTOR_BYTES = 512;
    private static final int FRAME_BYTES = 8;
    private static final int BEGIN = 0xFF;
    private static final int WINDOW_BYTES = 1 << 20;

    /** Takes what verified, in order. */
    interface Visitor {
        /** A batch; its records follow. */
        void batch(long lsn, int bytes, int records, long forced);

        /** A record whose payload is {@code length} bytes at {@code offset}. */
        void record(long lsn, int type, RawBytes batch, int offset, int length);
    }

    private final FileBytes file;
    private final RawBytes head;
    private final String headFault;
    private int end = HEADER_BYTES;
    private int chain;
    private long batches;
    private long records;
    private long forced;
    private String why;
    private RawBytes begin;
    private int headersBehind;
    private long forcedBehind;

    LogDecoder(FileBytes file) {
        this.file = file;
        this.head = file.read(0, HEADER_BYTES);
        this.headFault = judge();
        this.chain = head.length() < HEADER_BYTES ? 0 : head.i32(8);
    }

    private String judge() {
        if (head.length() < HEADER_BYTES) {
            return "cut off: " + head.length() + " bytes";
        }
        if (head.i64(0) != MAGIC) {
            return String.format("no magic of a log: %016x", head.i64(0));
        }
        int computed = head.crc(12, HEADER_BYTES - 12);
        if (head.i32(8) != computed) {
            return String.format("checksum %08x, computed %08x", head.i32(8), computed);
        }
        return head.i32(12) == 1 ? null : "format version " + head.i32(12) + " is not known";
    }

    String headFault() {
        return headFault;
    }

    int generation() {
        return head.i32(16);
    }

    int generationBytes() {
        return head.i32(20);
    }

    long signature() {
        return head.i64(24);
    }

    boolean hasHead() {
        return head.length() >= HEADER_BYTES;
    }

    /** Goes through all that verifies, then looks at what stands behind. */
    void walk(Visitor visitor) {
        while (why == null) {
            why = batch(visitor);
        }
        lookBehind();
    }

    private String batch(Visitor visitor) {
        RawBytes header = file.read(end, BATCH_HEADER_BYTES);
        String fault = batchHeader(header, end);
        if (fault != null) {
            return fault;
        }
        if (header.i32(28) != chain) {
            return String.format("a batch that does not follow: chain %08x, expected %08x", header.i32(28), chain);
        }
        int bytes = header.i32(16);
        int used = header.i32(20);
        boolean sound = used > BATCH_HEADER_BYTES
                && used <= BATCH_BYTES_MAX
                && bytes == (used + SECTOR_BYTES - 1) / SECTOR_BYTES * SECTOR_BYTES
                && header.i32(40) > 0;
        if (!sound) {
            return "a batch with bytes=" + bytes + " used=" + used + " records=" + header.i32(40);
        }
        RawBytes batch = file.read(end, bytes);
        if (batch.length() < bytes) {
            return "the file ends inside of a batch of " + bytes + " bytes";
        }
        int computed = batch.crc(BATCH_HEADER_BYTES, bytes - BATCH_HEADER_BYTES);
        if (computed != batch.i32(24)) {
            return String.format("a torn batch: checksum %08x, computed %08x", batch.i32(24), computed);
        }
        return records(batch, used, visitor);
    }

    private String records(RawBytes batch, int used, Visitor visitor) {
        int count = batch.i32(40);
        long lsn = lsn(end);
        int at = BATCH_HEADER_BYTES;
        for (int i = 0; i < count; i++) {
            int length = used - at < FRAME_BYTES ? -1 : batch.i32(at);
            if (length < 0 || length > used - at - FRAME_BYTES) {
                return "a batch whose record " + i + " does not fit it";
            }
            at += frame(length);
        }
        if (at != used) {
            return "a batch that its records do not fill";
        }
        visitor.batch(lsn, batch.length(), count, batch.i64(32));
        at = BATCH_HEADER_BYTES;
        for (int i = 0; i < count; i++) {
            visitor.record(lsn + at, batch.u8(at + 4), batch, at + FRAME_BYTES, batch.i32(at));
            at += frame(batch.i32(at));
        }
        if (end == HEADER_BYTES && count == 1 && batch.u8(BATCH_HEADER_BYTES + 4) == BEGIN) {
            begin = batch;
        }
        forced = Math.max(forced, batch.i64(32));
        chain = batch.i32(4);
        end += batch.length();
        batches++;
        records += count;
        return null;
    }

    private String batchHeader(RawBytes b, int at) {
        if (b.length() < BATCH_HEADER_BYTES) {
            return "the file ends";
        }
        if (b.i32(0) != BATCH_MAGIC) {
            return b.i32(0) == 0 ? "zeros: nothing was written there yet" : "no batch";
        }
        if (verifies(b, 0, at)) {
            return null;
        }
        boolean here = b.i64(8) == lsn(at);
        String elsewhere = "a batch of position " + text(b.i64(8)) + ", from an earlier use of the file";
        return here ? "a torn batch header" : elsewhere;
    }

    private boolean verifies(RawBytes b, int offset, int at) {
        int computed = b.crc(offset + 8, BATCH_HEADER_BYTES - 8) ^ Salt.of(signature(), lsn(at));
        return b.i32(offset + 4) == computed && b.i64(offset + 8) == lsn(at);
    }

    /** A header verifies by itself; so one behind the end still says what was forced when it was written. */
    private void lookBehind() {
        for (int from = end; hasHead() && from < file.size(); from += WINDOW_BYTES) {
            RawBytes window = file.read(from, WINDOW_BYTES);
            for (int at = 0; at + BATCH_HEADER_BYTES <= window.length(); at += SECTOR_BYTES) {
                if (window.i32(at) == BATCH_MAGIC && verifies(window, at, from + at)) {
                    headersBehind++;
                    forcedBehind = Math.max(forcedBehind, window.i64(at + 32));
                }
            }
        }
    }

    private long lsn(int offset) {
        return (long) generation() << Integer.SIZE | offset;
    }

    private static int frame(int length) {
        return (FRAME_BYTES + length + FRAME_BYTES - 1) / FRAME_BYTES * FRAME_BYTES;
    }

    private static String text(long lsn) {
        return dev.quire.io.log.Lsn.toString(lsn);
    }

    /** Behind the last batch that verified. */
    int end() {
        return end;
    }

    int chain() {
        return chain;
    }

    long records() {
        return records;
    }

    /** Whether its first batch is there, so that it has been in use. */
    boolean hasStarted() {
        return begin != null;
    }

    /** Whether something says that log behind the end was forced, so that it did not end there. */
    boolean isDamaged() {
        return headFault != null || Math.max(forced, forcedBehind) > lsn(end);
    }

    /** What a generation says of the one before: its number, closing offset and chain; null if it has not started. */
    int[] previous() {
        int at = BATCH_HEADER_BYTES + FRAME_BYTES;
        return begin == null ? null : new int[] {begin.i32(at + 24), begin.i32(at + 16), begin.i32(at + 20)};
    }

    /** The header of the file. */
    Report headReport() {
        Report report = new Report()
                .add("file", file.path().getFileName().toString())
                .add("bytes", file.size())
                .add("good", headFault == null)
                .add("verdict", headFault == null ? "verifies" : headFault);
        return !hasHead()
                ? report
                : report.add("formatVersion", head.i32(12))
                        .add("generation", generation())
                        .bytes("generationBytes", generationBytes())
                        .hex("signature", signature());
    }

    /** After {@link #walk}: Begin, and where and why it ended. */
    Report endReport() {
        Report report = new Report();
        int at = BATCH_HEADER_BYTES + FRAME_BYTES;
        if (begin != null) {
            report.part(
                    "begin",
                    new Report()
                            .time("createdMs", begin.i64(at))
                            .time("previousCreatedMs", begin.i64(at + 8))
                            .add("previousGeneration", begin.i32(at + 24))
                            .add("previousClosingOffset", begin.i32(at + 16))
                            .add("previousChain", String.format("%08x", begin.i32(at + 20)))
                            .add("contextBytes", begin.i32(at + 28)));
        }
        return report.add("started", hasStarted())
                .add("batches", batches)
                .add("records", records)
                .add("end", end)
                .add("endsBecause", why)
                .add("chain", String.format("%08x", chain))
                .position("forced", forced)
                .add("batchHeadersBehind", headersBehind)
                .position("forcedBehind", forcedBehind)
                .add("damaged", isDamaged());
    }
}

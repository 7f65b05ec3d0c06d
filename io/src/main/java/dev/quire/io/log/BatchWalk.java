package dev.quire.io.log;

import dev.quire.io.QuireError;
import java.nio.ByteBuffer;
import java.util.function.IntConsumer;

/**
 * Goes through a generation batch by batch and verifies each: header, place, chain, payload, frames. Stops for good at
 * the first that does not verify.
 */
final class BatchWalk {

    private final GenerationReader reader;
    private final int bytesMax;
    private ByteBuffer view;
    private int offset = LogLayout.FIRST_BATCH_OFFSET;
    private int chain;
    private long forced;
    private LogFault fault;

    private int batchOffset;
    private int batchAt;
    private int batchRecords;

    /** {@code reader} must have accepted the file header. */
    BatchWalk(GenerationReader reader) {
        this.reader = reader;
        view = reader.view();
        bytesMax = LogLayout.batchBytesMax(reader.generationBytes());
        chain = reader.headerCrc();
    }

    /**
     * Verifies the next batch and makes it the current one. False at the first that does not verify: {@link #fault}.
     */
    boolean advance() {
        if (fault == null) {
            fault = verify();
        }
        return fault == null;
    }

    private LogFault verify() {
        LogFault wrong = header(offset);
        if (wrong != null) {
            return wrong;
        }
        int bytes = bytes(batchAt);
        int headerCrc = view.getInt(batchAt + BatchLayout.HEADER_CRC_OFFSET);
        int found = view.getInt(batchAt + BatchLayout.CHAIN_OFFSET);
        if (found != chain) {
            return LogFault.differs(offset, "chain checksum of what stands before the batch", chain, found);
        }
        int at = load(offset, bytes);
        if (at < 0) {
            return new LogFault(QuireError.LOG_FILE_CORRUPT, offset, "the file ends inside the batch");
        }
        batchAt = at;
        wrong = payload(at, bytes);
        if (wrong == null) {
            forced = Math.max(forced, view.getLong(at + BatchLayout.FORCED_OFFSET));
            chain = headerCrc;
            batchOffset = offset;
            offset += bytes;
        }
        return wrong;
    }

    /** Judges a header by itself; sets {@link #batchAt}. */
    private LogFault header(int at) {
        batchAt = load(at, BatchLayout.HEADER_BYTES);
        if (batchAt < 0) {
            return new LogFault(QuireError.LOG_FILE_CORRUPT, at, "the file ends where a batch is due");
        }
        int magic = view.getInt(batchAt + BatchLayout.MAGIC_OFFSET);
        if (magic != BatchLayout.MAGIC) {
            return LogFault.differs(at, "batch magic", BatchLayout.MAGIC, magic);
        }
        long lsn = Lsn.of(reader.generation(), at);
        int crc = reader.crc(batchAt + BatchLayout.LSN_OFFSET, batchAt + BatchLayout.HEADER_BYTES)
                ^ LogSalt.of(reader.signature(), lsn);
        int found = view.getInt(batchAt + BatchLayout.HEADER_CRC_OFFSET);
        if (found != crc) {
            return LogFault.differs(at, "checksum of the batch header", found, crc);
        }
        return fields(at, lsn);
    }

    private LogFault fields(int at, long lsn) {
        int bytes = bytes(batchAt);
        int used = view.getInt(batchAt + BatchLayout.USED_OFFSET);
        boolean sound = view.getLong(batchAt + BatchLayout.LSN_OFFSET) == lsn
                && used > BatchLayout.HEADER_BYTES
                && used <= bytesMax
                && bytes == LogLayout.sectorsUp(used)
                && bytes <= reader.generationBytes() - at
                && view.getInt(batchAt + BatchLayout.RECORDS_OFFSET) > 0
                && view.getLong(batchAt + BatchLayout.FORCED_OFFSET) >= 0
                && view.getLong(batchAt + BatchLayout.FORCED_OFFSET) <= lsn;
        return sound ? null : new LogFault(QuireError.LOG_FILE_CORRUPT, at, "a batch header that cannot be ours");
    }

    /** As {@link GenerationReader#load}, which may put another window in the place of the one before. */
    private int load(int at, int bytes) {
        int index = reader.load(at, bytes);
        view = reader.view();
        return index;
    }

    private int bytes(int at) {
        return view.getInt(at + BatchLayout.BYTES_OFFSET);
    }

    private LogFault payload(int at, int bytes) {
        int crc = reader.crc(at + BatchLayout.HEADER_BYTES, at + bytes);
        int found = view.getInt(at + BatchLayout.PAYLOAD_CRC_OFFSET);
        if (found != crc) {
            return LogFault.differs(offset, "checksum of the batch", found, crc);
        }
        batchRecords = view.getInt(at + BatchLayout.RECORDS_OFFSET);
        int end = at + view.getInt(at + BatchLayout.USED_OFFSET);
        int record = at + BatchLayout.HEADER_BYTES;
        for (int i = 0; i < batchRecords; i++) {
            int length = end - record < RecordLayout.HEADER_BYTES ? -1 : view.getInt(record);
            if (length < 0 || length > end - record - RecordLayout.HEADER_BYTES) {
                return new LogFault(QuireError.LOG_FILE_CORRUPT, offset, "record " + i + " does not fit its batch");
            }
            record += RecordLayout.frameBytes(length);
        }
        return record == end
                ? null
                : new LogFault(QuireError.LOG_FILE_CORRUPT, offset, "records do not fill their batch");
    }

    /** Hands the records of the current batch within {@code [from, to)} on, the log's own ones left out. */
    void records(long from, long to, RecordHandler handler) {
        records(view, batchAt, Lsn.of(reader.generation(), batchOffset), from, to, handler);
    }

    /** The same for a batch that was verified, at an index of a buffer that nobody writes. */
    static void records(ByteBuffer view, int batch, long batchLsn, long from, long to, RecordHandler handler) {
        int record = batch + BatchLayout.HEADER_BYTES;
        long lsn = batchLsn + BatchLayout.HEADER_BYTES;
        int records = view.getInt(batch + BatchLayout.RECORDS_OFFSET);
        for (int i = 0; i < records; i++) {
            int length = view.getInt(record + RecordLayout.LENGTH_OFFSET);
            int type = view.get(record + RecordLayout.TYPE_OFFSET) & 0xFF;
            if (lsn >= from && lsn < to && type <= LogLayout.TYPE_MAX) {
                handler.record(lsn, type, view, record + RecordLayout.HEADER_BYTES, length);
                view.clear();
            }
            record += RecordLayout.frameBytes(length);
            lsn += RecordLayout.frameBytes(length);
        }
    }

    /**
     * Whether the next batch seems to be in the reader's window as a whole, so that going on leaves that alone. What
     * its length says is not verified, but if it is wrong the walk ends there anyway.
     */
    boolean isAtHand() {
        return reader.holds(offset, BatchLayout.HEADER_BYTES)
                && bytes(reader.index(offset)) >= 0
                && bytes(reader.index(offset)) <= bytesMax
                && reader.holds(offset, bytes(reader.index(offset)));
    }

    /** Where the current batch starts in the reader's window. */
    int index() {
        return batchAt;
    }

    /** Where the current batch starts in the file. */
    int batchOffset() {
        return batchOffset;
    }

    /** Begin, if the current batch is the first and holds it alone and whole; otherwise null. */
    Begin begin() {
        int record = batchAt + BatchLayout.HEADER_BYTES;
        boolean alone = batchOffset == LogLayout.FIRST_BATCH_OFFSET
                && batchRecords == 1
                && (view.get(record + RecordLayout.TYPE_OFFSET) & 0xFF) == LogLayout.TYPE_BEGIN;
        return alone
                ? Begin.decode(reader.generation(), view, record + RecordLayout.HEADER_BYTES, view.getInt(record))
                : null;
    }

    /** What to say when {@link #begin()} is null although the batch verifies. */
    static LogFault noBegin() {
        String what = "the first batch is not Begin of this generation";
        return new LogFault(QuireError.LOG_FILE_CORRUPT, LogLayout.FIRST_BATCH_OFFSET, what);
    }

    /**
     * The highest position that any header at or behind the fault says was forced: such a header verifies alone, so it
     * is evidence although nothing leads to it.
     *
     * @param walked told how many bytes were read
     */
    long forcedBehind(IntConsumer walked) {
        long highest = 0;
        int at = offset;
        while (at < reader.generationBytes() && load(at, BatchLayout.HEADER_BYTES) >= 0) {
            highest = Math.max(highest, forcedAt(at));
            at += LogLayout.SECTOR_BYTES;
            walked.accept(LogLayout.SECTOR_BYTES);
        }
        return highest;
    }

    /** The position that the header at this offset says was forced, 0 if none verifies there. */
    long forcedAt(int at) {
        int index = load(at, BatchLayout.HEADER_BYTES);
        boolean likely = index >= 0 && view.getInt(index + BatchLayout.MAGIC_OFFSET) == BatchLayout.MAGIC;
        return likely && header(at) == null ? view.getLong(index + BatchLayout.FORCED_OFFSET) : 0;
    }

    /** What did not verify. */
    LogFault fault() {
        return fault;
    }

    /** Where the next batch starts: behind all that verified. */
    int offset() {
        return offset;
    }

    /** Stands for all bytes below {@link #offset}. */
    int chain() {
        return chain;
    }

    /** The highest position that a verified batch says was forced. */
    long forced() {
        return forced;
    }
}

package dev.quire.io.log;

import dev.quire.io.Crc;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * One batch in memory, from its first record to its write. Appenders fill it under the lock of the {@link LogTail};
 * once sealed it belongs to the leader until it is handed back.
 */
final class BatchBuffer {

    private final ByteBuffer bytes;
    private final Crc crc = new Crc();
    private long lsn;
    private int used;
    private int records;

    BatchBuffer(int capacity) {
        bytes = ByteBuffer.allocateDirect(capacity).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** Starts an empty batch at {@code lsn}. */
    void open(long lsn) {
        bytes.clear();
        this.lsn = lsn;
        used = BatchLayout.HEADER_BYTES;
        records = 0;
    }

    /** Whether one more record fits, when the file has {@code room} bytes left from where this batch starts. */
    boolean fits(int length, int room) {
        return LogLayout.sectorsUp(used + RecordLayout.frameBytes(length)) <= Math.min(bytes.capacity(), room);
    }

    /** Copies a record that fits; returns where it stands. */
    long add(int type, ByteBuffer source, int offset, int length) {
        int at = used;
        int frame = RecordLayout.frameBytes(length);
        if (frame > RecordLayout.HEADER_BYTES) {
            bytes.putLong(at + frame - Long.BYTES, 0);
        }
        bytes.putLong(at, 0);
        bytes.putInt(at + RecordLayout.LENGTH_OFFSET, length);
        bytes.put(at + RecordLayout.TYPE_OFFSET, (byte) type);
        bytes.put(at + RecordLayout.HEADER_BYTES, source, offset, length);
        used = at + frame;
        records++;
        return lsn + at;
    }

    /** Where this batch starts. */
    long lsn() {
        return lsn;
    }

    /** Just behind the last record. */
    long end() {
        return lsn + used;
    }

    /** Size on disk, once nothing more is added. */
    int bytes() {
        return LogLayout.sectorsUp(used);
    }

    /** Where the next batch starts, once nothing more is added. */
    long next() {
        return lsn + bytes();
    }

    /** Completes header and padding; returns the header CRC, the chain of the next batch. */
    int finish(long signature, int chain, long forced) {
        int total = bytes();
        for (int at = used; at < total; at += Long.BYTES) {
            bytes.putLong(at, 0);
        }
        for (int at = 0; at < BatchLayout.HEADER_BYTES; at += Long.BYTES) {
            bytes.putLong(at, 0);
        }
        bytes.putInt(BatchLayout.MAGIC_OFFSET, BatchLayout.MAGIC);
        bytes.putLong(BatchLayout.LSN_OFFSET, lsn);
        bytes.putInt(BatchLayout.BYTES_OFFSET, total);
        bytes.putInt(BatchLayout.USED_OFFSET, used);
        bytes.putInt(BatchLayout.PAYLOAD_CRC_OFFSET, crc(BatchLayout.HEADER_BYTES, total));
        bytes.putInt(BatchLayout.CHAIN_OFFSET, chain);
        bytes.putLong(BatchLayout.FORCED_OFFSET, forced);
        bytes.putInt(BatchLayout.RECORDS_OFFSET, records);
        int headerCrc = crc(BatchLayout.LSN_OFFSET, BatchLayout.HEADER_BYTES) ^ LogSalt.of(signature, lsn);
        bytes.putInt(BatchLayout.HEADER_CRC_OFFSET, headerCrc);
        return headerCrc;
    }

    private int crc(int from, int to) {
        return crc.start().add(bytes, from, to - from).value();
    }

    /** The finished batch, from position to limit. */
    ByteBuffer content() {
        return bytes.limit(bytes()).position(0);
    }

    /** The finished batch, copied to the start of {@code target}. */
    void copyTo(byte[] target) {
        bytes.get(0, target, 0, bytes());
    }
}

package dev.quire.io.log;

import dev.quire.io.Checksum;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Changes a generation file in memory and makes its checksums right again: what gets past the front door. */
final class Forgery {

    private final ByteBuffer bytes;
    private final int generation;

    Forgery(byte[] file, int generation) {
        bytes = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
        this.generation = generation;
    }

    /** Where the batch behind the one at {@code offset} starts. */
    int next(int offset) {
        return offset + bytes.getInt(offset + BatchLayout.BYTES_OFFSET);
    }

    boolean isBatch(int offset) {
        return bytes.getInt(offset) == BatchLayout.MAGIC;
    }

    /** Puts one field of a batch header, leaving the checksums wrong. */
    void put(int offset, int field, int value) {
        bytes.putInt(offset + field, value);
    }

    /** Makes payload and header checksum of one batch right; the payload as long as the file allows. */
    void seal(int offset) {
        int length = Math.min(bytes.capacity() - offset, Math.max(64, bytes.getInt(offset + BatchLayout.BYTES_OFFSET)));
        int payload = Checksum.crc32c(bytes, offset + BatchLayout.HEADER_BYTES, length - BatchLayout.HEADER_BYTES);
        bytes.putInt(offset + BatchLayout.PAYLOAD_CRC_OFFSET, payload);
        sealHeader(offset);
    }

    private int sealHeader(int offset) {
        return sealFor(offset, TestLog.SIGNATURE);
    }

    /** Makes a header right for a stream with another signature. */
    int sealFor(int offset, long signature) {
        int covered = BatchLayout.HEADER_BYTES - BatchLayout.LSN_OFFSET;
        int crc = Checksum.crc32c(bytes, offset + BatchLayout.LSN_OFFSET, covered)
                ^ LogSalt.of(signature, Lsn.of(generation, offset));
        bytes.putInt(offset + BatchLayout.HEADER_CRC_OFFSET, crc);
        return crc;
    }

    /** Lets every batch from {@code offset} on say that {@code forced} was forced, and mends the chain. */
    void sayForced(int offset, long forced) {
        int at = offset;
        while (at < bytes.capacity() && isBatch(at)) {
            bytes.putLong(at + BatchLayout.FORCED_OFFSET, forced);
            int crc = sealHeader(at);
            at = next(at);
            if (at < bytes.capacity() && isBatch(at)) {
                bytes.putInt(at + BatchLayout.CHAIN_OFFSET, crc);
            }
        }
    }
}

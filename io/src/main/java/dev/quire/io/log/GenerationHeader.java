package dev.quire.io.log;

import dev.quire.io.Checksum;
import dev.quire.io.QuireError;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** The first 4 KiB of a generation file, written and judged. */
final class GenerationHeader {

    private GenerationHeader() {}

    /** The header, from 0 to the capacity. The same arguments always give the same bytes. */
    static ByteBuffer encode(long signature, int generation, int generationBytes) {
        ByteBuffer bytes = ByteBuffer.allocate(GenerationLayout.HEADER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putLong(GenerationLayout.MAGIC_OFFSET, GenerationLayout.MAGIC);
        bytes.putInt(GenerationLayout.VERSION_OFFSET, GenerationLayout.VERSION);
        bytes.putInt(GenerationLayout.GENERATION_OFFSET, generation);
        bytes.putInt(GenerationLayout.GENERATION_BYTES_OFFSET, generationBytes);
        bytes.putLong(GenerationLayout.SIGNATURE_OFFSET, signature);
        bytes.putInt(GenerationLayout.CRC_OFFSET, crcOf(bytes));
        return bytes;
    }

    private static int crcOf(ByteBuffer bytes) {
        int from = GenerationLayout.VERSION_OFFSET;
        return Checksum.crc32c(bytes, from, GenerationLayout.HEADER_BYTES - from);
    }

    /** The checksum that stands in a header, with which the chain starts. */
    static int crc(ByteBuffer header) {
        return header.getInt(GenerationLayout.CRC_OFFSET);
    }

    static int generationBytes(ByteBuffer header) {
        return header.getInt(GenerationLayout.GENERATION_BYTES_OFFSET);
    }

    static int generation(ByteBuffer header) {
        return header.getInt(GenerationLayout.GENERATION_OFFSET);
    }

    static long signature(ByteBuffer header) {
        return header.getLong(GenerationLayout.SIGNATURE_OFFSET);
    }

    /** What is wrong with a header whoever it belongs to, or null. */
    static LogFault judge(ByteBuffer bytes, int length) {
        if (length < GenerationLayout.HEADER_BYTES) {
            return new LogFault(QuireError.LOG_FILE_CORRUPT, 0, "the file ends at " + length + ", inside its header");
        }
        long magic = bytes.getLong(GenerationLayout.MAGIC_OFFSET);
        if (magic != GenerationLayout.MAGIC) {
            return LogFault.differs(GenerationLayout.MAGIC_OFFSET, "file magic", GenerationLayout.MAGIC, magic);
        }
        int crc = crcOf(bytes);
        if (crc != crc(bytes)) {
            return LogFault.differs(GenerationLayout.CRC_OFFSET, "checksum of the file header", crc(bytes), crc);
        }
        int version = bytes.getInt(GenerationLayout.VERSION_OFFSET);
        if (version != GenerationLayout.VERSION) {
            return LogFault.differs(GenerationLayout.VERSION_OFFSET, "version", GenerationLayout.VERSION, version)
                    .as(QuireError.BAD_LOG_VERSION);
        }
        int generationBytes = generationBytes(bytes);
        if (!LogLayout.generationBytesValid(generationBytes)) {
            String what = "a generation of " + generationBytes + " bytes is not possible";
            return new LogFault(QuireError.LOG_FILE_CORRUPT, GenerationLayout.GENERATION_BYTES_OFFSET, what);
        }
        return null;
    }

    /** What is wrong with a header that should belong to this generation of this stream, or null. */
    static LogFault judge(ByteBuffer bytes, int length, long signature, int generation) {
        LogFault fault = judge(bytes, length);
        if (fault != null) {
            return fault;
        }
        if (signature(bytes) != signature) {
            return LogFault.differs(GenerationLayout.SIGNATURE_OFFSET, "signature", signature, signature(bytes))
                    .as(QuireError.BAD_LOG_SIGNATURE);
        }
        if (generation(bytes) != generation) {
            return LogFault.differs(GenerationLayout.GENERATION_OFFSET, "generation", generation, generation(bytes))
                    .as(QuireError.LOG_GENERATION_MISMATCH);
        }
        return null;
    }
}

package dev.quire.io.log;

import dev.quire.io.Checksum;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Writes and finds what {@link ReadyLayout} draws. */
final class ReadyMark {

    private ReadyMark() {}

    /** The sector, from 0 to the capacity. */
    static ByteBuffer encode(long signature, int generation) {
        ByteBuffer mark = ByteBuffer.allocate(ReadyLayout.MARK_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        mark.putLong(ReadyLayout.MAGIC_OFFSET, ReadyLayout.MAGIC);
        mark.putLong(ReadyLayout.SIGNATURE_OFFSET, signature);
        mark.putInt(ReadyLayout.GENERATION_OFFSET, generation);
        mark.putInt(ReadyLayout.CRC_OFFSET, crc(mark, 0));
        return mark;
    }

    /** Whether it stands in the file of an accepted header. */
    static boolean isIn(GenerationReader reader) {
        int at = reader.load(LogLayout.FIRST_BATCH_OFFSET, ReadyLayout.MARK_BYTES);
        ByteBuffer view = reader.view();
        return at >= 0
                && view.getLong(at + ReadyLayout.MAGIC_OFFSET) == ReadyLayout.MAGIC
                && view.getLong(at + ReadyLayout.SIGNATURE_OFFSET) == reader.signature()
                && view.getInt(at + ReadyLayout.GENERATION_OFFSET) == reader.generation()
                && view.getInt(at + ReadyLayout.CRC_OFFSET) == crc(view, at);
    }

    private static int crc(ByteBuffer bytes, int at) {
        return Checksum.crc32c(bytes, at, ReadyLayout.CRC_OFFSET);
    }
}

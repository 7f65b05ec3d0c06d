package dev.quire.cli;

import java.util.List;

/** Bytes of a file as the second reader sees them: little-endian numbers at absolute places, and as a drawing. */
interface RawBytes {

    /** Bytes of a row of a drawing. */
    int ROW_BYTES = 16;

    /**
     * A row of a drawing.
     *
     * @param offset where its bytes start
     * @param length how many they are, 1 to {@link #ROW_BYTES}
     * @param comment what stands beside them
     */
    record Row(int offset, int length, String comment) {}

    /** How many there are. */
    int length();

    /** One byte, 0 to 255. */
    int u8(int offset);

    /** Two bytes, 0 to 65535. */
    int u16(int offset);

    /** Four bytes. */
    int i32(int offset);

    /** Eight bytes. */
    long i64(int offset);

    /** CRC32C of a part. */
    int crc(int offset, int length);

    /** Some of them. */
    byte[] copy(int offset, int length);

    /**
     * A line a row: place, bytes in hexadecimal, comment. The rows follow one another; {@code base} is added to
     * places.
     */
    String draw(long base, List<Row> rows);

    /** Bytes on the heap, read by chronicle-bytes where that can be, by ourselves where it cannot. */
    static RawBytes of(byte[] bytes) {
        return ChronicleProbe.isUsable() ? new ChronicleBytes(bytes) : new PlainBytes(bytes);
    }
}

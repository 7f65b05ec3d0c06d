package dev.quire.cli;

import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32C;

/** Reads and draws bytes with nothing but the platform. */
class PlainBytes implements RawBytes {

    private static final String DIGITS = "0123456789abcdef";
    private static final int COMMENT_COLUMN = 3 * ROW_BYTES;

    private final byte[] bytes;

    PlainBytes(byte[] bytes) {
        this.bytes = bytes;
    }

    @Override
    public final int length() {
        return bytes.length;
    }

    @Override
    public int u8(int offset) {
        return bytes[offset] & 0xFF;
    }

    @Override
    public int u16(int offset) {
        return u8(offset) | u8(offset + 1) << 8;
    }

    @Override
    public int i32(int offset) {
        return u16(offset) | u16(offset + 2) << 16;
    }

    @Override
    public long i64(int offset) {
        return i32(offset) & 0xFFFF_FFFFL | (long) i32(offset + 4) << 32;
    }

    @Override
    public final int crc(int offset, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, offset, length);
        return (int) crc.getValue();
    }

    @Override
    public final byte[] copy(int offset, int length) {
        return Arrays.copyOfRange(bytes, offset, offset + length);
    }

    @Override
    public String draw(long base, List<Row> rows) {
        StringBuilder text = new StringBuilder();
        for (Row row : rows) {
            int start = text.append(String.format("%08x ", base + row.offset())).length();
            for (int i = row.offset(); i < row.offset() + row.length(); i++) {
                text.append(DIGITS.charAt(u8(i) >> 4))
                        .append(DIGITS.charAt(u8(i) & 15))
                        .append(' ');
            }
            text.append(" ".repeat(start + COMMENT_COLUMN - text.length()));
            text.append("# ").append(row.comment()).append('\n');
        }
        return text.toString();
    }
}

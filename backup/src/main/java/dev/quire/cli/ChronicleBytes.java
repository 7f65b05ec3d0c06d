package dev.quire.cli;

import java.util.List;
import net.openhft.chronicle.bytes.Bytes;
import net.openhft.chronicle.bytes.HexDumpBytes;

/**
 * Reads and draws bytes with chronicle-bytes, on the heap only. The one class that knows it; see {@link
 * ChronicleProbe}.
 */
final class ChronicleBytes extends PlainBytes {

    private final Bytes<byte[]> source;

    ChronicleBytes(byte[] bytes) {
        super(bytes);
        source = Bytes.wrapForRead(bytes);
    }

    @Override
    public int u8(int offset) {
        return source.readUnsignedByte(offset);
    }

    @Override
    public int u16(int offset) {
        return source.readUnsignedShort(offset);
    }

    @Override
    public int i32(int offset) {
        return source.readInt(offset);
    }

    @Override
    public long i64(int offset) {
        return source.readLong(offset);
    }

    @Override
    public String draw(long base, List<Row> rows) {
        if (rows.isEmpty()) {
            return "";
        }
        StringBuilder text = new StringBuilder();
        for (Row row : rows) {
            HexDumpBytes line = new HexDumpBytes();
            try {
                line.numberWrap(ROW_BYTES);
                line.offsetFormat((offset, into) -> into.append(String.format("%08x", base + row.offset() + offset)));
                line.writeHexDumpDescription(row.comment()).write(copy(row.offset(), row.length()));
                text.append(line.toHexString().stripTrailing()).append('\n');
            } finally {
                line.releaseLast();
            }
        }
        return text.toString();
    }

    /** Does once what the others do, so that what is missing shows. */
    static boolean works() {
        ChronicleBytes bytes = new ChronicleBytes(new byte[] {1, 0, 0, 0, 0, 0, 0, 0});
        return bytes.i64(0) == 1
                && bytes.draw(0, List.of(new Row(0, Long.BYTES, "one"))).startsWith("00000000 01 00");
    }
}

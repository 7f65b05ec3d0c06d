package dev.quire.durable;

import dev.quire.io.CorruptionException;
import dev.quire.io.QuireError;
import dev.quire.io.log.Lsn;
import dev.quire.io.page.PageLayout;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * One database as the log stream knows it.
 *
 * @param id given once per log stream, never again
 * @param name its file's name without the extension
 * @param signature identity of the file
 * @param pageSize bytes of a page
 * @param from position of the record that attached it: an older position does not know it
 * @param until position of the record that detached it, or {@link Long#MAX_VALUE}
 */
public record Attachment(int id, String name, long signature, int pageSize, long from, long until) {

    private static final int FIXED_BYTES = 4 + 4 + 8 + 8 + 8 + 2;
    private static final int NAME_BYTES_MAX = 64;

    boolean holdsAt(long position) {
        return from <= position && position < until;
    }

    Attachment endingAt(long position) {
        return new Attachment(id, name, signature, pageSize, from, position);
    }

    Attachment named(String other) {
        return new Attachment(id, other, signature, pageSize, from, until);
    }

    int encodedBytes() {
        return FIXED_BYTES + name.getBytes(StandardCharsets.UTF_8).length;
    }

    void encode(ByteBuffer into) {
        byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
        into.putInt(id).putInt(pageSize).putLong(signature).putLong(from).putLong(until);
        into.putShort((short) bytes.length).put(bytes);
    }

    /**
     * What a {@code CREATE} or {@code ATTACH} record says.
     *
     * @throws CorruptionException {@code LOG_FILE_CORRUPT} if no database is named or made so
     */
    static Attachment ofRecord(long lsn, ByteBuffer record, int offset, int length) {
        int nameBytes = record.getInt(offset + RecordLayout.ATTACH_NAME_LENGTH_OFFSET);
        int nameBytesMax = Math.min(NAME_BYTES_MAX, length - RecordLayout.ATTACH_NAME_OFFSET);
        byte[] bytes = new byte[Math.max(0, Math.min(nameBytes, nameBytesMax))];
        record.get(offset + RecordLayout.ATTACH_NAME_OFFSET, bytes);
        String name = new String(bytes, StandardCharsets.UTF_8);
        int pageSize = record.getInt(offset + RecordLayout.ATTACH_PAGE_SIZE_OFFSET);
        boolean named = nameBytes <= nameBytesMax && Names.isDatabaseName(name);
        if (!named || !PageLayout.isPageSize(pageSize)) {
            String wrong = named ? "of pageSize=" + pageSize : "named as no database may be";
            String what = "record at " + Lsn.toString(lsn) + " has a database " + wrong;
            throw new CorruptionException(QuireError.LOG_FILE_CORRUPT, null, what, null);
        }
        int id = record.getInt(offset + RecordLayout.ATTACH_ID_OFFSET);
        long signature = record.getLong(offset + RecordLayout.ATTACH_SIGNATURE_OFFSET);
        return new Attachment(id, name, signature, pageSize, lsn, Long.MAX_VALUE);
    }

    /** Reads one; null when the bytes cannot be one. */
    static Attachment decode(ByteBuffer from) {
        if (from.remaining() < FIXED_BYTES) {
            return null;
        }
        int id = from.getInt();
        int pageSize = from.getInt();
        long signature = from.getLong();
        long start = from.getLong();
        long until = from.getLong();
        int length = from.getShort();
        if (length < 1 || length > NAME_BYTES_MAX || length > from.remaining()) {
            return null;
        }
        byte[] name = new byte[length];
        from.get(name);
        String text = new String(name, StandardCharsets.UTF_8);
        return Names.isDatabaseName(text) ? new Attachment(id, text, signature, pageSize, start, until) : null;
    }
}

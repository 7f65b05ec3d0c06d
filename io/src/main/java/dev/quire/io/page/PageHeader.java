package dev.quire.io.page;

import dev.quire.io.CorruptionException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/**
 * Access to the header of a page in a little-endian buffer, and the two ends of its checksum: {@link #seal} before the
 * page leaves memory, {@link #verifies} before a byte of it is believed. Stateless; any thread.
 *
 * <p>{@code seal}, {@code verifies} and {@code verify} refuse a read-only buffer, because a map is one (see
 * {@link dev.quire.io.Checksum}). The other methods take any buffer.
 */
public final class PageHeader {

    private PageHeader() {}

    /** The checksum stored in the page. */
    public static int crc(ByteBuffer b, int offset) {
        return b.getInt(offset + PageLayout.CRC_OFFSET);
    }

    /** What kind of page it is: one of the types in {@link PageLayout}, or damage. */
    public static int type(ByteBuffer b, int offset) {
        return b.get(offset + PageLayout.TYPE_OFFSET) & 0xFF;
    }

    /** Sets the type, 0 to 255. */
    public static void type(ByteBuffer b, int offset, int type) {
        b.put(offset + PageLayout.TYPE_OFFSET, (byte) type);
    }

    /** The flags: 0 in this version of the format. */
    public static int flags(ByteBuffer b, int offset) {
        return b.get(offset + PageLayout.FLAGS_OFFSET) & 0xFF;
    }

    /** Sets the flags, 0 to 255. */
    public static void flags(ByteBuffer b, int offset, int flags) {
        b.put(offset + PageLayout.FLAGS_OFFSET, (byte) flags);
    }

    /** How many pages the header stands for; more than 1 in an extent, 0 only where no page was written. */
    public static int pages(ByteBuffer b, int offset) {
        return b.getShort(offset + PageLayout.PAGES_OFFSET) & 0xFFFF;
    }

    /** Sets the number of pages, 1 to 65535. */
    public static void pages(ByteBuffer b, int offset, int pages) {
        b.putShort(offset + PageLayout.PAGES_OFFSET, (short) pages);
    }

    /** When the page was changed last. */
    public static long dbtime(ByteBuffer b, int offset) {
        return b.getLong(offset + PageLayout.DBTIME_OFFSET);
    }

    /** Sets the time of the last change. */
    public static void dbtime(ByteBuffer b, int offset, long dbtime) {
        b.putLong(offset + PageLayout.DBTIME_OFFSET, dbtime);
    }

    /** The number that the page says it has. */
    public static long number(ByteBuffer b, int offset) {
        return b.getLong(offset + PageLayout.NUMBER_OFFSET);
    }

    /** Sets the page's own number. */
    public static void number(ByteBuffer b, int offset, long number) {
        b.putLong(offset + PageLayout.NUMBER_OFFSET, number);
    }

    /** Writes a whole fresh header: dbtime, flags, reserved bytes and checksum are 0. The payload is left alone. */
    public static void init(ByteBuffer b, int offset, int type, int pages, long number) {
        b.putInt(offset + PageLayout.CRC_OFFSET, 0);
        type(b, offset, type);
        flags(b, offset, 0);
        pages(b, offset, pages);
        dbtime(b, offset, 0);
        number(b, offset, number);
        b.putLong(offset + PageLayout.RESERVED_OFFSET, 0);
    }

    /**
     * Computes and stores the checksum of the page or extent of {@code length} bytes at {@code offset}: the last thing
     * done to it before it is written as page {@code page} of the database with this signature.
     *
     * @throws IllegalArgumentException if the header inside names another page or another length, so that what was
     *     sealed could never be read
     */
    public static void seal(ByteBuffer b, int offset, int length, long signature, long page) {
        if (number(b, offset) != page || !spans(b, offset, length)) {
            throw new IllegalArgumentException("page=" + page + ", length=" + length + ", but the header says number="
                    + number(b, offset) + ", pages=" + pages(b, offset));
        }
        int crc = PageChecksum.raw(b, offset, length) ^ PageChecksum.salt(signature, page);
        b.putInt(offset + PageLayout.CRC_OFFSET, crc);
    }

    /**
     * Whether these {@code length} bytes are what was sealed as page {@code page} of the database with this signature:
     * checksum, number and length agree. False for a page of zeros.
     */
    public static boolean verifies(ByteBuffer b, int offset, int length, long signature, long page) {
        return number(b, offset) == page
                && spans(b, offset, length)
                && crc(b, offset) == (PageChecksum.raw(b, offset, length) ^ PageChecksum.salt(signature, page));
    }

    /**
     * The same, with the reason when it does not verify. {@code file} is named in the message and may be null.
     *
     * @throws CorruptionException {@code PAGE_NOT_INITIALIZED} if every byte is zero,
     *     {@code READ_PAGE_NUMBER_VERIFY_FAILURE} if it is a sound page of this database that belongs elsewhere,
     *     {@code READ_VERIFY_FAILURE} otherwise; with the page, what was expected and what was found
     */
    public static void verify(ByteBuffer b, int offset, int length, long signature, long page, Path file) {
        if (!verifies(b, offset, length, signature, page)) {
            throw PageFault.explain(b, offset, length, signature, page, file);
        }
    }

    private static boolean spans(ByteBuffer b, int offset, int length) {
        int pages = pages(b, offset);
        return pages > 0 && length % pages == 0 && PageLayout.isPageSize(length / pages);
    }
}

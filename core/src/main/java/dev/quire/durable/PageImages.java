package dev.quire.durable;

import java.nio.ByteBuffer;

/** Tells from a record of the log whether it holds the beginning of a page's full image, and of which pages. */
public final class PageImages {

    /** Takes an image that was found. */
    @FunctionalInterface
    public interface Consumer {
        /** The image of {@code pages} pages of a database that starts at {@code page}. */
        void image(int database, long page, int pages);
    }

    private PageImages() {}

    /** Hands the image on if the record begins one. */
    public static void of(int type, ByteBuffer buffer, int offset, Consumer consumer) {
        if (type == RecordLayout.PAGE_IMAGE && buffer.getInt(offset + RecordLayout.PIECE_OFFSET) == 0) {
            consumer.image(
                    buffer.getInt(offset + RecordLayout.DATABASE_OFFSET),
                    buffer.getLong(offset + RecordLayout.PAGE_OFFSET),
                    buffer.getShort(offset + RecordLayout.PAGES_OFFSET) & 0xFFFF);
        }
    }
}

package dev.quire.durable;

import dev.quire.io.page.PageHeader;
import dev.quire.io.page.PageLayout;
import dev.quire.io.page.PageRef;
import dev.quire.pages.DatabasePages;
import dev.quire.pages.Frame;
import java.nio.ByteBuffer;

/**
 * Turns the changed pages of a transaction into records. A page gets its new dbtime here, because the record must name
 * it. Used by the holder of the writer lock alone.
 */
final class RecordEncoder {

    /** Payload of the largest record of a page of 64 KiB, with what its ranges may cost beyond its bytes. */
    static final int RECORD_BYTES_MAX = 64 * 1024 + 1024;

    private final PageRef base = new PageRef();

    /** How many records a frame becomes. */
    static int records(Frame frame) {
        return frame.isImage() ? (frame.length() + RecordLayout.PIECE_BYTES - 1) / RecordLayout.PIECE_BYTES : 1;
    }

    /** The most bytes of payload that a frame may become. */
    static long payloadMax(Frame frame) {
        return frame.length() + frame.length() / 8L + 64L * records(frame);
    }

    /** Gives the page its next dbtime. */
    void stamp(DatabasePages database, Frame frame) {
        PageHeader.dbtime(frame.buffer(), frame.offset(), database.nextDbtime());
    }

    /** Writes the {@code piece}-th record of a stamped frame to {@code out} from its position; returns its type. */
    int encode(DatabasePages database, Frame frame, int piece, ByteBuffer out) {
        return frame.isImage() ? encodeImage(database, frame, piece, out) : encodeDelta(database, frame, out);
    }

    private int encodeDelta(DatabasePages database, Frame frame, ByteBuffer out) {
        int start = out.position();
        ByteBuffer page = frame.buffer();
        out.putInt(start + RecordLayout.DATABASE_OFFSET, database.id());
        out.putInt(start + RecordLayout.TYPE_OFFSET, 0);
        out.putLong(start + RecordLayout.PAGE_OFFSET, frame.page());
        out.putLong(start + RecordLayout.BEFORE_OFFSET, frame.dbtimeBefore());
        out.putLong(start + RecordLayout.AFTER_OFFSET, PageHeader.dbtime(page, frame.offset()));
        out.position(start + RecordLayout.RANGES_OFFSET);
        if (frame.base() == null) {
            database.file().find(frame.page(), base);
        } else {
            base.set(frame.base().buffer(), frame.base().offset(), frame.base().length());
        }
        PageDiff.ranges(page, frame.offset(), base.base, base.offset, PageLayout.HEADER_BYTES, frame.length(), 0, out);
        return RecordLayout.PAGE_DELTA;
    }

    private int encodeImage(DatabasePages database, Frame frame, int piece, ByteBuffer out) {
        int start = out.position();
        ByteBuffer page = frame.buffer();
        int from = piece * RecordLayout.PIECE_BYTES;
        int to = Math.min(frame.length(), from + RecordLayout.PIECE_BYTES);
        out.putInt(start + RecordLayout.DATABASE_OFFSET, database.id());
        out.putShort(start + RecordLayout.TYPE_OFFSET, (short) PageHeader.type(page, frame.offset()));
        out.putShort(start + RecordLayout.PAGES_OFFSET, (short) PageHeader.pages(page, frame.offset()));
        out.putLong(start + RecordLayout.PAGE_OFFSET, frame.page());
        out.putInt(start + RecordLayout.PIECE_OFFSET, from);
        out.putInt(start + RecordLayout.PIECE_OFFSET + 4, 0);
        out.putLong(start + RecordLayout.AFTER_OFFSET, PageHeader.dbtime(page, frame.offset()));
        out.position(start + RecordLayout.RANGES_OFFSET);
        PageDiff.rangesOverZero(page, frame.offset(), Math.max(from, PageLayout.HEADER_BYTES), to, from, out);
        return RecordLayout.PAGE_IMAGE;
    }
}

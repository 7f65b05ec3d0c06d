package dev.quire.durable;

import dev.quire.io.CorruptionException;
import dev.quire.io.QuireError;
import dev.quire.io.log.Lsn;
import dev.quire.io.log.RecordHandler;
import dev.quire.io.page.PageHeader;
import dev.quire.io.page.PageLayout;
import dev.quire.pages.DatabasePages;
import dev.quire.pages.Frame;
import dev.quire.pages.Versions;
import java.nio.ByteBuffer;

/**
 * Applies the records of whole transactions, in order, to the pages: as far as it goes behind the first reading of the
 * log ({@link EarlyRedo}), the rest behind a second one ({@link LateRedo}).
 *
 * <p>A delta fits exactly one state of its page. At that state it is applied; at or past its result it is passed over,
 * so that to redo twice is to redo once. Anything else makes the page suspect: it is torn, or a write was lost.
 */
abstract class Redo implements RecordHandler {

    /** Page numbers below are no record's. */
    private static final long FIRST_PAGE = 2;

    private final RedoSurvey survey;
    private final Versions versions;
    private long applied;

    Redo(RedoSurvey survey, Versions versions) {
        this.survey = survey;
        this.versions = versions;
    }

    /** The database of this number; null to pass over what concerns it. */
    abstract DatabasePages database(int id);

    /** A frame with undefined content. */
    abstract Frame take(int length);

    /** The file must have so many pages before one of them is entered. */
    abstract void reach(DatabasePages database, long pageEnd);

    /** Whether the log has given no page of the database such a dbtime. */
    abstract boolean isTooNew(DatabasePages database, long dbtime);

    /** The page is not trusted until an image of it comes. */
    abstract void suspect(DatabasePages database, Frame frame, Suspects.Fault fault);

    /** There is an image of these pages. */
    abstract void cleared(DatabasePages database, long page, int pages);

    @Override
    public void record(long lsn, int type, ByteBuffer buffer, int offset, int length) {
        if (type != RecordLayout.PAGE_DELTA && type != RecordLayout.PAGE_IMAGE || survey.isVoid(lsn)) {
            return;
        }
        DatabasePages database = database(buffer.getInt(offset + RecordLayout.DATABASE_OFFSET));
        if (database == null) {
            return;
        }
        long page = buffer.getLong(offset + RecordLayout.PAGE_OFFSET);
        if (page < FIRST_PAGE
                || page >= PageLayout.FILE_BYTES_MAX / database.file().pageSize()) {
            throw damaged(lsn, "names page " + page);
        }
        if (type == RecordLayout.PAGE_DELTA) {
            delta(database, page, lsn, buffer, offset, length);
        } else {
            image(database, page, lsn, buffer, offset, length);
        }
    }

    /** How many records changed a page. */
    final long applied() {
        return applied;
    }

    /** What was applied does not count. */
    final void forget() {
        applied = 0;
    }

    final RedoSurvey survey() {
        return survey;
    }

    final Versions versions() {
        return versions;
    }

    private void delta(DatabasePages database, long page, long lsn, ByteBuffer buffer, int offset, int length) {
        Frame frame = database.newest(page);
        if (frame == null || frame.isCovered()) {
            frame = load(database, page);
        }
        versions.redone(database, frame, lsn);
        if (frame.isSuspect()) {
            return;
        }
        long has = PageHeader.dbtime(frame.buffer(), frame.offset());
        long before = buffer.getLong(offset + RecordLayout.BEFORE_OFFSET);
        long after = buffer.getLong(offset + RecordLayout.AFTER_OFFSET);
        if (has == before) {
            ranges(frame, 0, lsn, buffer, offset, length);
            PageHeader.dbtime(frame.buffer(), frame.offset(), after);
            applied++;
        } else if (isTooNew(database, has)) {
            String what = "dbtime=" + has + " is newer than anything in the log";
            suspect(database, frame, new Suspects.Fault(QuireError.DATABASE_TIME_TOO_NEW, what));
        } else if (has < after) {
            String what = "dbtime=" + has + ", expected " + before + " at " + Lsn.toString(lsn)
                    + ": a write was lost or went elsewhere";
            suspect(database, frame, new Suspects.Fault(QuireError.DATABASE_TIME_TOO_OLD, what));
        }
    }

    private void image(DatabasePages database, long page, long lsn, ByteBuffer buffer, int offset, int length) {
        int pages = buffer.getShort(offset + RecordLayout.PAGES_OFFSET) & 0xFFFF;
        int piece = buffer.getInt(offset + RecordLayout.PIECE_OFFSET);
        int pageSize = database.file().pageSize();
        if (pages < 1
                || (long) pages * pageSize > PageLayout.EXTENT_BYTES_MAX
                || piece < 0
                || piece >= pages * pageSize) {
            throw damaged(lsn, "is an image of pages=" + pages + " piece=" + piece);
        }
        Frame frame = piece == 0 ? blank(database, page, pages) : database.newest(page);
        if (frame == null || frame.length() != pages * pageSize) {
            throw damaged(lsn, "is a piece of an image that did not begin");
        }
        if (piece == 0) {
            PageHeader.init(
                    frame.buffer(), frame.offset(), buffer.getShort(offset + RecordLayout.TYPE_OFFSET), pages, page);
            frame.imagePosition(lsn);
            frame.suspect(false);
            cleared(database, page, pages);
        }
        ranges(frame, piece, lsn, buffer, offset, length);
        PageHeader.dbtime(frame.buffer(), frame.offset(), buffer.getLong(offset + RecordLayout.AFTER_OFFSET));
        versions.redone(database, frame, lsn);
        applied++;
    }

    /** Copies the ranges of a record into a page; {@code origin} is where the offsets in them count from. */
    private static void ranges(Frame frame, int origin, long lsn, ByteBuffer buffer, int offset, int length) {
        int at = offset + RecordLayout.RANGES_OFFSET;
        int end = offset + length;
        while (at < end) {
            if (end - at < RecordLayout.RANGE_HEADER_BYTES) {
                throw damaged(lsn, "ends inside a range");
            }
            int to = origin + (buffer.getShort(at) & 0xFFFF);
            int bytes = buffer.getShort(at + 2) & 0xFFFF;
            at += RecordLayout.RANGE_HEADER_BYTES;
            if (bytes > end - at || to < PageLayout.HEADER_BYTES || to + bytes > frame.length()) {
                throw damaged(lsn, "has a range at " + to + " of " + bytes + " bytes");
            }
            frame.buffer().put(frame.offset() + to, buffer, at, bytes);
            at += bytes;
        }
    }

    private Frame load(DatabasePages database, long page) {
        reach(database, page + 1);
        int pageSize = database.file().pageSize();
        Frame frame = take(pageSize);
        ByteBuffer target = frame.buffer().duplicate().order(frame.buffer().order());
        try {
            database.file().read(target.limit(frame.offset() + pageSize).position(frame.offset()), page);
        } catch (RuntimeException | Error e) {
            versions.giveBack(frame);
            throw e;
        }
        frame.enter(page);
        if (!PageHeader.verifies(
                frame.buffer(), frame.offset(), pageSize, database.file().signature(), page)) {
            String what = "does not verify, and the log does not hold it whole";
            suspect(database, frame, new Suspects.Fault(QuireError.DATABASE_TIME_TOO_OLD, what));
        }
        return frame;
    }

    private Frame blank(DatabasePages database, long page, int pages) {
        int length = pages * database.file().pageSize();
        reach(database, page + pages);
        Frame frame = database.newest(page);
        // An extent gets a frame of its own each time: entering it covers what its pages were meanwhile.
        if (frame == null || frame.length() != length || pages > 1) {
            frame = take(length);
            frame.enter(page);
        }
        frame.zero();
        return frame;
    }

    private static CorruptionException damaged(long lsn, String what) {
        return new CorruptionException(
                QuireError.LOG_FILE_CORRUPT, null, "record at " + Lsn.toString(lsn) + ' ' + what, null);
    }
}

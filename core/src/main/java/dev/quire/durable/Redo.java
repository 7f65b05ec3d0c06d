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
import java.util.ArrayList;
import java.util.List;
import org.agrona.collections.Int2ObjectHashMap;

/**
 * The second reading of the log: applies the records of whole transactions, in order, to the pages. Several may share
 * the work, each with the pages that are its own: what one page becomes does not depend on any other, unless extents
 * come and go among them.
 *
 * <p>A delta fits exactly one state of its page. At that state it is applied; at or past its result it is passed over.
 * Anything else makes the page suspect: it is torn, or a write was lost. Further deltas pass it over, a full image
 * clears it, also one of an extent that covers it. What is suspect at the end is the error.
 */
final class Redo implements RecordHandler {

    /** More threads than this would wait for the one that reads. */
    private static final int PARTS_MAX = 4;

    private final RedoSurvey survey;
    private final Int2ObjectHashMap<DatabasePages> databases;
    private final Versions versions;
    private final RedoMemory memory;
    private final int part;
    private final int parts;
    private final Suspects suspects = new Suspects();
    private long applied;

    private Redo(
            RedoSurvey survey,
            Int2ObjectHashMap<DatabasePages> databases,
            Versions versions,
            RedoMemory memory,
            int part,
            int parts) {
        this.survey = survey;
        this.databases = databases;
        this.versions = versions;
        this.memory = memory;
        this.part = part;
        this.parts = parts;
    }

    /** As many as may share the work, {@code most} at most; each must be shown every record. */
    static List<Redo> of(
            RedoSurvey survey,
            Int2ObjectHashMap<DatabasePages> databases,
            Versions versions,
            Checkpointer checkpointer,
            int most) {
        int parts = survey.inPieces() ? 1 : Math.max(1, Math.min(PARTS_MAX, most));
        RedoMemory memory = new RedoMemory(versions, checkpointer);
        List<Redo> all = new ArrayList<>();
        for (int part = 0; part < parts; part++) {
            all.add(new Redo(survey, databases, versions, memory, part, parts));
        }
        return all;
    }

    @Override
    public void stretch(Runnable records) {
        memory.enter();
        try {
            records.run();
        } finally {
            memory.leave();
        }
    }

    @Override
    public void record(long lsn, int type, ByteBuffer buffer, int offset, int length) {
        if (type != RecordLayout.PAGE_DELTA && type != RecordLayout.PAGE_IMAGE || survey.isVoid(lsn)) {
            return;
        }
        DatabasePages database = databases.get(buffer.getInt(offset + RecordLayout.DATABASE_OFFSET));
        if (database == null) {
            return;
        }
        long page = buffer.getLong(offset + RecordLayout.PAGE_OFFSET);
        if (!isOwn(database, page)) {
            return;
        }
        memory.pause();
        if (page < AllocationBounds.FIRST || page > AllocationBounds.lastPage(database)) {
            throw damaged(lsn, "names page " + page);
        }
        if (type == RecordLayout.PAGE_DELTA) {
            delta(database, page, lsn, buffer, offset, length);
        } else {
            image(database, page, lsn, buffer, offset, length);
        }
    }

    private boolean isOwn(DatabasePages database, long page) {
        if (parts == 1) {
            return true;
        }
        long mixed = (page + 31L * database.id()) * 0x9E3779B97F4A7C15L;
        return (int) ((mixed >>> 33) % parts) == part;
    }

    /** How many records changed a page. */
    static long applied(List<Redo> all) {
        return all.stream().mapToLong(redo -> redo.applied).sum();
    }

    /**
     * Judges what is left.
     *
     * @throws CorruptionException naming the first page that the log could not make whole, and how many there are
     */
    static void finish(List<Redo> all) {
        Int2ObjectHashMap<DatabasePages> databases = all.get(0).databases;
        Suspects.judge(
                all.stream().map(redo -> redo.suspects).toList(),
                id -> databases.get(id).file().path());
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
        } else if (has > survey.dbtime(database.id())) {
            suspect(
                    database,
                    frame,
                    QuireError.DATABASE_TIME_TOO_NEW,
                    "dbtime=" + has + " is newer than anything in the log");
        } else if (has < after) {
            suspect(
                    database,
                    frame,
                    QuireError.DATABASE_TIME_TOO_OLD,
                    "dbtime=" + has + ", expected " + before + " at " + Lsn.toString(lsn)
                            + ": a write was lost or went elsewhere");
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
            suspects.clear(database.id(), page, pages);
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
        Frame frame = memory.take(pageSize);
        ByteBuffer target = frame.buffer().duplicate().order(frame.buffer().order());
        database.file().read(target.limit(frame.offset() + pageSize).position(frame.offset()), page);
        frame.enter(page);
        if (!PageHeader.verifies(
                frame.buffer(), frame.offset(), pageSize, database.file().signature(), page)) {
            String what = "does not verify, and the log does not hold it whole";
            suspect(database, frame, QuireError.DATABASE_TIME_TOO_OLD, what);
        }
        return frame;
    }

    private Frame blank(DatabasePages database, long page, int pages) {
        int length = pages * database.file().pageSize();
        reach(database, page + pages);
        Frame frame = database.newest(page);
        // An extent gets a frame of its own each time: entering it covers what its pages were meanwhile.
        if (frame == null || frame.length() != length || pages > 1) {
            frame = memory.take(length);
            frame.enter(page);
        }
        frame.zero();
        return frame;
    }

    private void reach(DatabasePages database, long end) {
        if (end > database.file().pageCount()) {
            memory.grow(database, Math.max(end, survey.pageEnd(database.id())));
        }
    }

    private void suspect(DatabasePages database, Frame frame, QuireError error, String what) {
        frame.suspect(true);
        suspects.add(database.id(), frame.page(), new Suspects.Fault(error, what));
    }

    private static CorruptionException damaged(long lsn, String what) {
        return new CorruptionException(
                QuireError.LOG_FILE_CORRUPT, null, "record at " + Lsn.toString(lsn) + ' ' + what, null);
    }

    /** Page numbers that a record may name. */
    private static final class AllocationBounds {
        static final long FIRST = 2;

        static long lastPage(DatabasePages database) {
            return PageLayout.FILE_BYTES_MAX / database.file().pageSize() - 1;
        }
    }
}

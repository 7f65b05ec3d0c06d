package dev.quire.durable;

import dev.quire.io.StoreFile;
import dev.quire.io.page.PageFile;
import dev.quire.io.page.PageHeader;
import dev.quire.pages.DatabasePages;
import dev.quire.pages.Frame;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes versions of pages to their places in a database file, in page order, each under the guard's protection unless
 * the log holds the whole page behind the redo start. Runs of neighbours become one write.
 *
 * <p>A page that the log can rebuild whole needs no copy; those are collected in a buffer of their own. Extents are
 * always of that kind, since they are written once, and go to the file straight from their frame. A page whose bytes
 * redo does not trust is left as it stands in the file.
 */
final class PageWriteback {

    private final TornPageGuard guard;
    private final RangeLatch latch;
    private final Poison poison;
    private final ByteBuffer plain =
            ByteBuffer.allocateDirect(StoreFile.WRITE_PIECE_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    private final List<Frame> guarded = new ArrayList<>();
    private long plainStart;
    private DatabasePages database;

    PageWriteback(TornPageGuard guard, RangeLatch latch, Poison poison) {
        this.guard = guard;
        this.latch = latch;
        this.poison = poison;
    }

    /**
     * Writes and forces {@code frames}, which are in page order. {@code redoStart} is that of the newest slot. Without
     * a log a torn page could not be brought up to the others, so there is nothing to guard.
     *
     * @throws dev.quire.io.UnavailableException before the next write, if the instance has been poisoned
     */
    void write(DatabasePages target, List<Frame> frames, long redoStart, boolean logged) {
        database = target;
        plain.clear();
        for (Frame frame : frames) {
            if (frame.isSuspect()) {
                continue;
            }
            if (!logged || frame.imagePosition() >= redoStart && redoStart > 0) {
                writePlain(frame);
            } else {
                writeGuarded(frame);
            }
        }
        flushPlain();
        flushGuarded();
        target.file().force();
    }

    private void writePlain(Frame frame) {
        PageFile file = database.file();
        long next = plainStart + plain.position() / file.pageSize();
        if (plain.position() > 0 && (next != frame.page() || plain.remaining() < frame.length())) {
            flushPlain();
        }
        if (frame.length() > plain.remaining()) {
            writeExtent(frame);
            return;
        }
        if (plain.position() == 0) {
            plainStart = frame.page();
        }
        int start = plain.position();
        plain.put(start, frame.buffer(), frame.offset(), frame.length());
        PageHeader.seal(plain, start, frame.length(), file.signature(), frame.page());
        plain.position(start + frame.length());
    }

    private void writeExtent(Frame frame) {
        PageFile file = database.file();
        PageHeader.seal(frame.buffer(), frame.offset(), frame.length(), file.signature(), frame.page());
        for (int done = 0; done < frame.length(); done += StoreFile.WRITE_PIECE_BYTES) {
            int start = frame.offset() + done;
            int end = Math.min(frame.offset() + frame.length(), start + StoreFile.WRITE_PIECE_BYTES);
            put(frame.buffer().duplicate().limit(end).position(start), frame.page() + done / file.pageSize());
        }
        file.markVerified(frame.page());
    }

    private void flushPlain() {
        if (plain.position() > 0) {
            plain.flip();
            put(plain, plainStart);
            markVerified(plain, plainStart);
        }
        plain.clear();
    }

    /** The buffer holds pages and short extents; each is marked by its head. */
    private void markVerified(ByteBuffer sealed, long start) {
        int pageSize = database.file().pageSize();
        for (int at = 0; at < sealed.limit(); at += PageHeader.pages(sealed, at) * pageSize) {
            database.file().markVerified(start + at / pageSize);
        }
    }

    private void writeGuarded(Frame frame) {
        if (!guard.fits(frame.length())) {
            flushGuarded();
        }
        guard.add(database, frame);
        guarded.add(frame);
    }

    private void flushGuarded() {
        if (guarded.isEmpty()) {
            return;
        }
        poison.check();
        guard.seal();
        int at = guard.pagesOffset();
        int i = 0;
        while (i < guarded.size()) {
            long page = guarded.get(i).page();
            int start = at;
            long next = page;
            while (i < guarded.size() && guarded.get(i).page() == next && at - start < StoreFile.WRITE_PIECE_BYTES) {
                at += guarded.get(i).length();
                next += guarded.get(i).length() / database.file().pageSize();
                i++;
            }
            put(guard.part(start, at), page);
        }
        guarded.forEach(frame -> database.file().markVerified(frame.page()));
        database.file().force();
        guarded.clear();
        guard.clear();
    }

    private void put(ByteBuffer sealed, long page) {
        poison.check();
        latch.writing();
        try {
            database.file().write(sealed, page);
        } finally {
            latch.written();
        }
    }
}

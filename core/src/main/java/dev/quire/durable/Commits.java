package dev.quire.durable;

import dev.quire.io.QuireError;
import dev.quire.io.StorageFullException;
import dev.quire.io.UnavailableException;
import dev.quire.io.log.LogWriter;
import dev.quire.io.page.DatabaseHeader;
import dev.quire.io.page.PageFile;
import dev.quire.pages.DatabasePages;
import dev.quire.pages.Frame;
import dev.quire.pages.Versions;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Turns a write transaction into records and versions. Used by the holder of the writer lock alone.
 *
 * <p>First everything that may be refused: the records are encoded and counted, database files grow, log generations
 * are reserved. Then everything that may not: the records are appended, the commit record last, and the versions enter
 * the tables. A fault after the first appended byte leaves an outcome nobody knows, so it poisons the instance.
 */
final class Commits {

    /** Room for the records of the longest extent. */
    private static final int SCRATCH_BYTES = (1 << 20) + (256 << 10);

    private static final int SCRATCH_BYTES_MAX = 16 << 20;
    private static final int PREFIX_BYTES = 16;
    /** Pages by which a file grows at least, and at most a sixteenth of what it has. */
    private static final int GROWTH_BYTES_MIN = 1 << 20;

    private static final int GROWTH_BYTES_MAX = 64 << 20;

    private final LogWriter log;
    private final Versions versions;
    private final EngineThreads threads;
    private final Poison poison;
    private final CommitTimes times;
    private final RecordEncoder encoder = new RecordEncoder();
    private ByteBuffer scratch = buffer(SCRATCH_BYTES);
    private boolean scratchIsAll;

    /** {@code log} is null when there is none. */
    Commits(LogWriter log, Versions versions, EngineThreads threads, Poison poison, CommitTimes times) {
        this.log = log;
        this.versions = versions;
        this.threads = threads;
        this.poison = poison;
        this.times = times;
    }

    /** One frame of a transaction. */
    private record Change(DatabasePages database, Frame frame) {}

    /**
     * Commits what {@code databases} have changed.
     *
     * @param restorePoint name of the restore point that the commit is, empty if it is none
     * @return the position behind the commit; it is durable when the log is forced up to there
     */
    long commit(List<DatabasePages> databases, boolean lazy, String restorePoint) {
        poison.check();
        List<Change> changes = new ArrayList<>();
        for (DatabasePages database : databases) {
            database.changes().inOrder().forEach(frame -> changes.add(new Change(database, frame)));
        }
        int encoded = encode(changes);
        byte[] name = restorePoint.getBytes(StandardCharsets.UTF_8);
        if (log == null) {
            databases.forEach(this::beginUnlogged);
        }
        reserve(databases, changes, encoded, name.length);
        long position;
        try {
            position = log == null ? versions.clock().published() + 1 : append(changes, encoded, name);
            versions.publish(databases, position, lazy || log == null);
        } catch (RuntimeException | Error e) {
            poison.set(e);
            throw unknown(e);
        }
        if (log == null) {
            versions.clock().forced(position);
        }
        return position;
    }

    /**
     * What is written without a log is told of by the header, from before the first write on. No checkpoint writes that
     * header meanwhile: none has anything to write to a database that has not come by here.
     */
    private void beginUnlogged(DatabasePages database) {
        DatabaseHeader header = database.file().header();
        if (header.state() == DatabaseHeader.State.UNLOGGED) {
            return;
        }
        try {
            threads.run(() -> database.file().writeHeader(header.withState(DatabaseHeader.State.UNLOGGED)));
        } catch (RuntimeException | Error e) {
            poison.set(e);
            throw e;
        }
    }

    static UnavailableException unknown(Throwable cause) {
        return new UnavailableException(
                QuireError.LOG_WRITE_FAIL,
                null,
                "the log failed while the transaction committed; after reopening it is there whole or not at all",
                cause);
    }

    /** Stamps all changes and encodes as many as the scratch buffer may hold; returns how many. */
    private int encode(List<Change> changes) {
        scratch.clear();
        changes.forEach(change -> encoder.stamp(change.database(), change.frame()));
        int done = 0;
        // What does not fit is encoded while it is appended; only its bound is known before.
        while (log != null && done < changes.size() && fits(changes.get(done).frame())) {
            encodeInto(changes.get(done++));
        }
        return done;
    }

    private boolean fits(Frame frame) {
        long need = scratch.position()
                + RecordEncoder.payloadMax(frame)
                + (long) PREFIX_BYTES * RecordEncoder.records(frame);
        if (need > SCRATCH_BYTES_MAX) {
            return false;
        }
        while (need > scratch.capacity()) {
            if (scratchIsAll) {
                return false;
            }
            grow();
        }
        return true;
    }

    /** Without memory to grow, the rest is encoded while it is appended, as of any long transaction. */
    private void grow() {
        try {
            ByteBuffer grown = buffer(2 * scratch.capacity());
            scratch.flip();
            grown.put(scratch);
            scratch = grown;
        } catch (OutOfMemoryError e) {
            scratchIsAll = true;
        }
    }

    private void encodeInto(Change change) {
        for (int piece = 0; piece < RecordEncoder.records(change.frame()); piece++) {
            int prefix = scratch.position();
            scratch.position(prefix + PREFIX_BYTES);
            int type = encoder.encode(change.database(), change.frame(), piece, scratch);
            scratch.putInt(prefix, type);
            scratch.putInt(prefix + 4, scratch.position() - prefix - PREFIX_BYTES);
        }
    }

    private void reserve(List<DatabasePages> databases, List<Change> changes, int encoded, int nameBytes) {
        for (DatabasePages database : databases) {
            grow(database);
        }
        if (log == null) {
            return;
        }
        long payload = (long) scratch.position() + RecordLayout.COMMIT_NAME_OFFSET + nameBytes;
        int records = 1;
        for (int i = 0; i < changes.size(); i++) {
            Frame frame = changes.get(i).frame();
            records += RecordEncoder.records(frame);
            payload += i < encoded ? 0 : RecordEncoder.payloadMax(frame);
        }
        log.reserve(payload, records);
    }

    private void grow(DatabasePages database) {
        long end = database.changes().endPage();
        long has = database.file().pageCount();
        if (end <= has) {
            return;
        }
        int shift = database.file().pageShift();
        long ahead = Math.max(GROWTH_BYTES_MIN, Math.min(GROWTH_BYTES_MAX, (has << shift) / 16)) >>> shift;
        try {
            threads.run(() -> grow(database.file(), end, Math.max(end, has + ahead)));
        } catch (StorageFullException e) {
            throw e;
        } catch (RuntimeException | Error e) {
            poison.set(e);
            throw e;
        }
    }

    /** Ahead of need as long as there is room for that. */
    private static void grow(PageFile file, long end, long aheadEnd) {
        try {
            file.grow(aheadEnd);
        } catch (StorageFullException e) {
            if (end == aheadEnd) {
                throw e;
            }
            file.grow(end);
        }
    }

    private long append(List<Change> changes, int encoded, byte[] name) {
        int records = 0;
        long first = 0;
        int at = 0;
        for (int i = 0; i < changes.size(); i++) {
            Change change = changes.get(i);
            if (i >= encoded) {
                scratch.clear();
                encodeInto(change);
                at = 0;
            }
            for (int piece = 0; piece < RecordEncoder.records(change.frame()); piece++) {
                int length = scratch.getInt(at + 4);
                long position = log.append(scratch.getInt(at), scratch, at + PREFIX_BYTES, length);
                at += PREFIX_BYTES + length;
                first = records++ == 0 ? position : first;
                if (piece == 0 && change.frame().isImage()) {
                    change.frame().imagePosition(position);
                }
            }
        }
        return appendCommit(records, first, name);
    }

    private long appendCommit(int records, long first, byte[] name) {
        scratch.clear();
        scratch.putInt(RecordLayout.COMMIT_RECORDS_OFFSET, records);
        scratch.putInt(RecordLayout.COMMIT_FLAGS_OFFSET, 0);
        scratch.putLong(RecordLayout.COMMIT_TIME_OFFSET, times.getAsLong());
        // Without records it begins behind all that stands there: what a crash left before it stays void.
        scratch.putLong(RecordLayout.COMMIT_FIRST_OFFSET, records == 0 ? log.appended() : first);
        scratch.put(RecordLayout.COMMIT_NAME_OFFSET, name);
        log.append(RecordLayout.COMMIT, scratch, 0, RecordLayout.COMMIT_NAME_OFFSET + name.length);
        return log.appended();
    }

    private static ByteBuffer buffer(int bytes) {
        return ByteBuffer.allocateDirect(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }
}

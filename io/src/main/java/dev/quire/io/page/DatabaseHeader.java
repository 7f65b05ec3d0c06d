package dev.quire.io.page;

import static dev.quire.io.page.DatabaseHeaderLayout.BLOCK_BYTES;
import static dev.quire.io.page.DatabaseHeaderLayout.STAMP_HIGH_OFFSET;
import static dev.quire.io.page.DatabaseHeaderLayout.STAMP_LOW_OFFSET;
import static dev.quire.io.page.DatabaseHeaderLayout.STAMP_MARK_OFFSET;
import static dev.quire.io.page.DatabaseHeaderLayout.STAMP_TIME_OFFSET;

import dev.quire.io.CorruptionException;
import dev.quire.io.Storage;
import dev.quire.io.StoreFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.function.Consumer;

/**
 * What a database file says about itself: which database it is, whether it may be opened as it is, and what log it
 * needs. An immutable value; every {@code with} answers a changed copy. Times are milliseconds since 1970, LSNs belong
 * to the log stream named by {@link #logSignature()} and are 0 where there is none.
 *
 * <p>The value is kept as the bytes of the block that {@link DatabaseHeaderLayout} draws, so bytes that this version
 * reserves survive a change.
 */
public final class DatabaseHeader {

    /** What may be done with the file as it is. */
    public enum State {
        /** Closed or detached in order: complete without any log. */
        CLEAN(1),
        /** In use, or left by a crash: complete only with the required log. */
        DIRTY(2),
        /** Written without a log: after a crash there is nothing that could complete it. */
        UNLOGGED(3),
        /** A copy out of a backup: pages of different times, to be restored before use. */
        BACKUP(4);

        private final int code;

        State(int code) {
            this.code = code;
        }

        static State of(int code) {
            return code >= 1 && code <= values().length ? values()[code - 1] : null;
        }
    }

    private final ByteBuffer block;

    private DatabaseHeader(ByteBuffer block) {
        this.block = block;
    }

    /**
     * The header of a database that does not exist yet: clean, two pages, everything else 0.
     *
     * @param signature random, unlike that of any other database; it salts the checksum of every page
     * @throws IllegalArgumentException if pages cannot have this size
     */
    public static DatabaseHeader create(int pageSize, long signature, long creationTimeMs) {
        PageLayout.checkPageSize(pageSize);
        ByteBuffer block = ByteBuffer.allocate(BLOCK_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        block.putLong(DatabaseHeaderLayout.MAGIC_OFFSET, DatabaseHeaderLayout.MAGIC);
        block.putInt(DatabaseHeaderLayout.FORMAT_OFFSET, DatabaseHeaderLayout.FORMAT_VERSION);
        block.putInt(DatabaseHeaderLayout.PAGE_SIZE_OFFSET, pageSize);
        block.putLong(DatabaseHeaderLayout.SIGNATURE_OFFSET, signature);
        block.putLong(DatabaseHeaderLayout.CREATION_TIME_OFFSET, creationTimeMs);
        block.putInt(DatabaseHeaderLayout.STATE_OFFSET, State.CLEAN.code);
        block.putLong(DatabaseHeaderLayout.PAGE_COUNT_OFFSET, 2);
        return new DatabaseHeader(block);
    }

    /**
     * Reads the header of a database file, from any thread: the newer of the two copies, or the one that is good. After
     * a crash of the process alone what is read may not be on the medium yet: who builds on it forces the file first.
     *
     * @throws CorruptionException {@code DATABASE_CORRUPTED} if neither copy is good, the two belong to different
     *     databases, the file is shorter than the header says, or it is no database at all
     * @throws dev.quire.io.QuireException {@code INVALID_DATABASE_VERSION} if the format is not one of this version
     */
    public static DatabaseHeader read(Storage storage, Path path) {
        return read(storage, path, damage -> {});
    }

    /** The same, telling {@code damaged} about the copy that was passed over because it does not verify. */
    public static DatabaseHeader read(Storage storage, Path path, Consumer<CorruptionException> damaged) {
        try (StoreFile file = storage.open(path, Storage.Access.READ)) {
            return HeaderCopies.read(file, damaged);
        }
    }

    /**
     * Takes the fields out of one copy, of which at least the first 4 KiB stand at the position of {@code page}; what
     * stands behind them is not looked at, nor is the checksum of the whole page. The position does not move.
     *
     * @param number 0 for the header, 1 for the shadow
     * @param file named in messages, may be null
     * @throws IllegalArgumentException if there are less than 4 KiB
     * @throws CorruptionException {@code DATABASE_CORRUPTED} if it is not a good copy
     * @throws dev.quire.io.QuireException {@code INVALID_DATABASE_VERSION} if the format is not one of this version
     */
    public static DatabaseHeader decode(ByteBuffer page, long number, Path file) {
        if (page.remaining() < BLOCK_BYTES) {
            throw new IllegalArgumentException("remaining=" + page.remaining());
        }
        ByteBuffer block = ByteBuffer.allocate(BLOCK_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        block.put(0, page, page.position(), BLOCK_BYTES);
        HeaderCopies.check(block, number, file);
        return new DatabaseHeader(block);
    }

    /**
     * Writes one copy, sealed, over the page that remains in {@code page}. The position does not move.
     *
     * @param number 0 for the header, 1 for the shadow
     * @throws IllegalArgumentException unless exactly one page remains
     */
    public void encode(ByteBuffer page, long number) {
        if (page.remaining() != pageSize() || number < 0 || number > 1) {
            throw new IllegalArgumentException("remaining=" + page.remaining() + ", number=" + number);
        }
        int start = page.position();
        page.put(start, block, 0, BLOCK_BYTES);
        for (int i = BLOCK_BYTES; i < pageSize(); i += Long.BYTES) {
            page.putLong(start + i, 0);
        }
        PageHeader.init(page, start, PageLayout.TYPE_HEADER, 1, number);
        PageHeader.dbtime(page, start, dbtimeBound());
        page.putInt(start + DatabaseHeaderLayout.BLOCK_CRC_OFFSET, HeaderCopies.blockCrc(page, start));
        PageHeader.seal(page, start, pageSize(), signature(), number);
    }

    /**
     * Writes both copies into a file that holds this database, one forced before the other is touched and the one this
     * was read from last, so that at every moment one of them is good on the medium. Engine threads only. For a
     * database that is open this is the affair of {@link PageFile#writeHeader}.
     */
    public void writeTo(StoreFile file) {
        HeaderCopies.write(
                file, this, true, ByteBuffer.allocateDirect(pageSize()).order(ByteOrder.LITTLE_ENDIAN));
    }

    /**
     * Writes both copies into a file that is being made and counts for nothing before all of it was forced: nothing is
     * forced here. Engine threads only.
     */
    public void putInto(StoreFile file) {
        HeaderCopies.put(file, this, ByteBuffer.allocateDirect(pageSize()).order(ByteOrder.LITTLE_ENDIAN));
    }

    /** Version of the format of the file. */
    public int formatVersion() {
        return block.getInt(DatabaseHeaderLayout.FORMAT_OFFSET);
    }

    /** Bytes of a page. */
    public int pageSize() {
        return block.getInt(DatabaseHeaderLayout.PAGE_SIZE_OFFSET);
    }

    /** Which database it is: random, given at creation, kept by every copy. */
    public long signature() {
        return block.getLong(DatabaseHeaderLayout.SIGNATURE_OFFSET);
    }

    /** When the database was created. */
    public long creationTimeMs() {
        return block.getLong(DatabaseHeaderLayout.CREATION_TIME_OFFSET);
    }

    /** What may be done with the file. */
    public State state() {
        return State.of(block.getInt(DatabaseHeaderLayout.STATE_OFFSET));
    }

    /** Changes {@link #state()}. */
    public DatabaseHeader withState(State state) {
        return with(DatabaseHeaderLayout.STATE_OFFSET, state.code);
    }

    /** The number under which the log stream knows this database; 0 when none does. */
    public int databaseId() {
        return block.getInt(DatabaseHeaderLayout.DATABASE_ID_OFFSET);
    }

    /** Changes {@link #databaseId()}. */
    public DatabaseHeader withDatabaseId(int databaseId) {
        return with(DatabaseHeaderLayout.DATABASE_ID_OFFSET, databaseId);
    }

    /** The log stream to which every LSN in this header belongs. */
    public long logSignature() {
        return block.getLong(DatabaseHeaderLayout.LOG_SIGNATURE_OFFSET);
    }

    /** Changes {@link #logSignature()}. */
    public DatabaseHeader withLogSignature(long logSignature) {
        return with(DatabaseHeaderLayout.LOG_SIGNATURE_OFFSET, logSignature);
    }

    /** At or above the dbtime of every page in the file, so that no dbtime is given twice, whatever the log says. */
    public long dbtimeBound() {
        return block.getLong(DatabaseHeaderLayout.DBTIME_BOUND_OFFSET);
    }

    /** Changes {@link #dbtimeBound()}. */
    public DatabaseHeader withDbtimeBound(long dbtimeBound) {
        return with(DatabaseHeaderLayout.DBTIME_BOUND_OFFSET, dbtimeBound);
    }

    /** Pages the file has at least: it may have grown since this header was written, but is never shorter. */
    public long pageCount() {
        return block.getLong(DatabaseHeaderLayout.PAGE_COUNT_OFFSET);
    }

    /** Changes {@link #pageCount()}; {@link PageFile} does this by itself. */
    public DatabaseHeader withPageCount(long pageCount) {
        return with(DatabaseHeaderLayout.PAGE_COUNT_OFFSET, pageCount);
    }

    /** Where the log starts that the pages in this file may need. */
    public long requiredFrom() {
        return block.getLong(DatabaseHeaderLayout.REQUIRED_FROM_OFFSET);
    }

    /** Changes {@link #requiredFrom()}. */
    public DatabaseHeader withRequiredFrom(long lsn) {
        return with(DatabaseHeaderLayout.REQUIRED_FROM_OFFSET, lsn);
    }

    /** Up to where pages may hold changes: without the log up to here the database is not consistent. */
    public long requiredUpTo() {
        return block.getLong(DatabaseHeaderLayout.REQUIRED_UP_TO_OFFSET);
    }

    /** Changes {@link #requiredUpTo()}. */
    public DatabaseHeader withRequiredUpTo(long lsn) {
        return with(DatabaseHeaderLayout.REQUIRED_UP_TO_OFFSET, lsn);
    }

    /** Up to where commits are known to have been acknowledged: log that is missing below here is loss. */
    public long committedUpTo() {
        return block.getLong(DatabaseHeaderLayout.COMMITTED_UP_TO_OFFSET);
    }

    /** Changes {@link #committedUpTo()}. */
    public DatabaseHeader withCommittedUpTo(long lsn) {
        return with(DatabaseHeaderLayout.COMMITTED_UP_TO_OFFSET, lsn);
    }

    /** Where the log records the last attachment. */
    public long attachLsn() {
        return block.getLong(DatabaseHeaderLayout.ATTACH_LSN_OFFSET);
    }

    /** When that was. */
    public long attachTimeMs() {
        return block.getLong(DatabaseHeaderLayout.ATTACH_TIME_OFFSET);
    }

    /** Changes both. */
    public DatabaseHeader withAttach(long lsn, long timeMs) {
        return with(DatabaseHeaderLayout.ATTACH_LSN_OFFSET, lsn).with(DatabaseHeaderLayout.ATTACH_TIME_OFFSET, timeMs);
    }

    /** Where the log records the last detachment or clean close. */
    public long detachLsn() {
        return block.getLong(DatabaseHeaderLayout.DETACH_LSN_OFFSET);
    }

    /** When that was. */
    public long detachTimeMs() {
        return block.getLong(DatabaseHeaderLayout.DETACH_TIME_OFFSET);
    }

    /** Changes both. */
    public DatabaseHeader withDetach(long lsn, long timeMs) {
        return with(DatabaseHeaderLayout.DETACH_LSN_OFFSET, lsn).with(DatabaseHeaderLayout.DETACH_TIME_OFFSET, timeMs);
    }

    /** Which of two good copies is the newer one: counted up by every write of the header. */
    public long sequence() {
        return block.getLong(DatabaseHeaderLayout.SEQUENCE_OFFSET);
    }

    /** This as the next header behind {@code written}: one later, and {@code written}'s good copy overwritten last. */
    DatabaseHeader follows(DatabaseHeader written) {
        DatabaseHeader next = with(DatabaseHeaderLayout.SEQUENCE_OFFSET, written.sequence() + 1);
        PageHeader.number(next.block, 0, written.source());
        return next;
    }

    /** The last full backup. */
    public BackupStamp full() {
        return stamp(DatabaseHeaderLayout.FULL_OFFSET);
    }

    /** Changes {@link #full()}. */
    public DatabaseHeader withFull(BackupStamp stamp) {
        return with(DatabaseHeaderLayout.FULL_OFFSET, stamp);
    }

    /** The last incremental backup since the full one. */
    public BackupStamp incremental() {
        return stamp(DatabaseHeaderLayout.INCREMENTAL_OFFSET);
    }

    /** Changes {@link #incremental()}. */
    public DatabaseHeader withIncremental(BackupStamp stamp) {
        return with(DatabaseHeaderLayout.INCREMENTAL_OFFSET, stamp);
    }

    /** The last copy backup. */
    public BackupStamp copy() {
        return stamp(DatabaseHeaderLayout.COPY_OFFSET);
    }

    /** Changes {@link #copy()}. */
    public DatabaseHeader withCopy(BackupStamp stamp) {
        return with(DatabaseHeaderLayout.COPY_OFFSET, stamp);
    }

    /** The last differential backup since the full one. */
    public BackupStamp differential() {
        return stamp(DatabaseHeaderLayout.DIFFERENTIAL_OFFSET);
    }

    /** Changes {@link #differential()}. */
    public DatabaseHeader withDifferential(BackupStamp stamp) {
        return with(DatabaseHeaderLayout.DIFFERENTIAL_OFFSET, stamp);
    }

    /** The full or copy backup that this very file is part of; only in the copy. */
    public BackupStamp currentFull() {
        return stamp(DatabaseHeaderLayout.CURRENT_FULL_OFFSET);
    }

    /** Changes {@link #currentFull()}. */
    public DatabaseHeader withCurrentFull(BackupStamp stamp) {
        return with(DatabaseHeaderLayout.CURRENT_FULL_OFFSET, stamp);
    }

    /** Forgets every backup: what follows cannot be restored from them. */
    public DatabaseHeader withoutStamps() {
        return withFull(BackupStamp.NONE)
                .withIncremental(BackupStamp.NONE)
                .withCopy(BackupStamp.NONE)
                .withDifferential(BackupStamp.NONE)
                .withCurrentFull(BackupStamp.NONE);
    }

    /** Which copy this was read from, 0 or 1; 0 for one that was never read. */
    int source() {
        return (int) PageHeader.number(block, 0);
    }

    /** A copy with one number changed, for tests of damage as well. */
    DatabaseHeader with(int offset, long value) {
        ByteBuffer copy = changed();
        copy.putLong(offset, value);
        return new DatabaseHeader(copy);
    }

    DatabaseHeader with(int offset, int value) {
        ByteBuffer copy = changed();
        copy.putInt(offset, value);
        return new DatabaseHeader(copy);
    }

    private DatabaseHeader with(int offset, BackupStamp stamp) {
        ByteBuffer copy = changed();
        copy.putLong(offset + STAMP_MARK_OFFSET, stamp.mark());
        copy.putLong(offset + STAMP_TIME_OFFSET, stamp.timeMs());
        copy.putInt(offset + STAMP_LOW_OFFSET, stamp.generationLow());
        copy.putInt(offset + STAMP_HIGH_OFFSET, stamp.generationHigh());
        return new DatabaseHeader(copy);
    }

    private BackupStamp stamp(int offset) {
        return new BackupStamp(
                block.getLong(offset + STAMP_MARK_OFFSET),
                block.getLong(offset + STAMP_TIME_OFFSET),
                block.getInt(offset + STAMP_LOW_OFFSET),
                block.getInt(offset + STAMP_HIGH_OFFSET));
    }

    private ByteBuffer changed() {
        ByteBuffer copy = ByteBuffer.allocate(BLOCK_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        return copy.put(0, block, 0, BLOCK_BYTES);
    }

    /** The fields from the magic to the block's checksum: what is the same in both copies. */
    private ByteBuffer fields() {
        return block.slice(PageLayout.HEADER_BYTES, DatabaseHeaderLayout.BLOCK_CRC_OFFSET - PageLayout.HEADER_BYTES);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof DatabaseHeader that && fields().equals(that.fields());
    }

    @Override
    public int hashCode() {
        return fields().hashCode();
    }

    @Override
    public String toString() {
        return String.format(
                "database %016x %s pageSize=%d pageCount=%d id=%d log %016x dbtime<=%d required=[%x, %x] committed=%x",
                signature(),
                state(),
                pageSize(),
                pageCount(),
                databaseId(),
                logSignature(),
                dbtimeBound(),
                requiredFrom(),
                requiredUpTo(),
                committedUpTo());
    }
}

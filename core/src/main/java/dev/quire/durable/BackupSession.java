package dev.quire.durable;

import dev.quire.io.InUseException;
import dev.quire.io.QuireError;
import dev.quire.io.QuireException;
import dev.quire.io.log.LogFiles;
import dev.quire.io.page.BackupStamp;
import dev.quire.io.page.DatabaseHeader;
import dev.quire.io.page.PageFile;
import dev.quire.io.page.PageHeader;
import dev.quire.io.page.PageRef;
import dev.quire.pages.AllocationScan;
import dev.quire.pages.DatabasePages;
import dev.quire.pages.PageReader;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * What the engine does for a backup: fixes the point from which its pages and its log are to be taken, keeps that log,
 * keeps checkpoints from tearing what is being read, and notes the outcome. It knows nothing of where a backup goes.
 *
 * <p>The point is R0, the redo start of the newest slot. While the checkpointer is held, the files are exactly as of
 * R0: so the allocation maps in them say which pages the copy must have; every other page the log behind R0 rebuilds.
 * After that the checkpointer runs on, and a page copied later may be newer than R0, which redo passes over.
 *
 * <p>Used by one engine thread; one session at a time for an instance.
 */
public final class BackupSession implements AutoCloseable {

    private final Engine engine;
    private final Runnable waiting;
    private final LogRelease.Pin pin;
    private final List<Source> sources = new ArrayList<>();
    private final long markedAtMs;
    private long mark;

    /**
     * A database as of R0.
     *
     * @param attachment as the log stream knows it
     * @param file to copy from, under the latch
     * @param header as of R0
     * @param pages length of the file in pages as of R0
     * @param use two bits a page, 32 pages a word: what the allocation maps say as of R0
     */
    public record Source(Attachment attachment, PageFile file, DatabaseHeader header, long pages, long[] use) {}

    private BackupSession(Engine engine, Runnable waiting) {
        this.engine = engine;
        this.waiting = waiting;
        this.markedAtMs = engine.settings().clock().getAsLong();
        engine.checkpointer().hold();
        try {
            this.pin = engine.release().pin(this::lowest);
            try {
                for (Attachment attachment : engine.attachments().current()) {
                    DatabasePages database = engine.byId().get(attachment.id());
                    if (database != null) {
                        sources.add(source(attachment, database));
                    }
                }
            } catch (RuntimeException | Error e) {
                pin.close();
                throw e;
            }
        } finally {
            engine.checkpointer().resume();
        }
    }

    /**
     * Begins a backup. Engine threads.
     *
     * @param waiting called now and then while a writer is in the way; what it throws ends the backup
     * @throws QuireException {@code LOGGING_DISABLED} without a log, {@code BACKUP_IN_PROGRESS} if one is running
     */
    public static BackupSession begin(Engine engine, Runnable waiting) {
        engine.poison().check();
        if (engine.log() == null) {
            throw new QuireException(QuireError.LOGGING_DISABLED, "an instance without a log cannot be backed up");
        }
        claim(engine, waiting);
        try {
            engine.checkpoint();
            BackupSession session = new BackupSession(engine, waiting);
            try {
                session.mark = session.note("begin");
                return session;
            } catch (RuntimeException | Error e) {
                session.pin.close();
                throw e;
            }
        } catch (RuntimeException | Error e) {
            engine.backup().set(false);
            throw e;
        }
    }

    /** Whoever is attaching or detaching has the writer's place: he is done then, or sees that a backup runs. */
    private static void claim(Engine engine, Runnable waiting) {
        engine.beginWrite(waiting);
        try {
            if (!engine.backup().compareAndSet(false, true)) {
                throw new InUseException(
                        QuireError.BACKUP_IN_PROGRESS, null, "a backup of this instance is running", null);
            }
        } finally {
            engine.endWrite();
        }
    }

    /** R0. */
    public long redoStart() {
        return pin.redoStart();
    }

    /** Where the log notes that the backup began. */
    public long mark() {
        return mark;
    }

    /** When that was. */
    public long markedAtMs() {
        return markedAtMs;
    }

    /** The databases that were attached when the backup began, also those that the log behind R0 attaches. */
    public List<Source> sources() {
        return sources;
    }

    /** Must be held, shared, while bytes are read out of a database file. */
    public RangeLatch latch() {
        return engine.checkpointer().latch();
    }

    /** The stream. */
    public CheckpointSlot slot() {
        return engine.slot();
    }

    /** The directory of the log. */
    public Path logDirectory() {
        return engine.settings().directory().resolve(Names.LOG);
    }

    /** The first generation that belongs into the backup: with history kept, every one that was there. */
    public int generationLow() {
        return pin.generation();
    }

    /** The newest durable commit: once the last page is copied, the copy can be restored from here on. */
    public long durable() {
        engine.log().force();
        return engine.versions().clock().durable();
    }

    /** Closes the current generation, so that the last one needed is complete; returns the number of the next. */
    public int roll() {
        return engine.log().roll();
    }

    /**
     * Notes in the log, durably, what is about to happen or has happened. It counts like a commit that changes nothing:
     * so the redo start moves on, and an instance at rest that is backed up again and again does not keep the log of
     * all that.
     */
    public long note(String what) {
        byte[] bytes = what.getBytes(StandardCharsets.UTF_8);
        ByteBuffer record = ByteBuffer.allocateDirect(bytes.length).order(ByteOrder.LITTLE_ENDIAN);
        record.put(bytes).flip();
        engine.beginWrite(waiting);
        try {
            long position = engine.note(RecordLayout.MARK, record);
            engine.versions().publish(List.of(), engine.log().appended(), false);
            return position;
        } finally {
            engine.endWrite();
        }
    }

    /** Stamps the headers: the backup with these generations is published. Then releases the log that allows. */
    public void stamp(int generationLow, int generationHigh) {
        BackupStamp stamp = new BackupStamp(mark, markedAtMs, generationLow, generationHigh);
        UnaryOperator<DatabaseHeader> change = header ->
                header.withFull(stamp).withIncremental(BackupStamp.NONE).withDifferential(BackupStamp.NONE);
        engine.checkpointer().hold();
        try {
            for (Source source : sources) {
                source.file().writeHeader(change.apply(source.file().header()));
            }
        } finally {
            engine.checkpointer().resume();
        }
        pin.close();
        engine.release().release();
    }

    @Override
    public void close() {
        pin.close();
        engine.backup().set(false);
    }

    private int lowest(int redoGeneration) {
        if (engine.settings().circular()) {
            return redoGeneration;
        }
        int[] kept = LogFiles.list(engine.settings().storage(), logDirectory());
        return kept.length == 0 ? redoGeneration : Math.min(kept[0], redoGeneration);
    }

    private static Source source(Attachment attachment, DatabasePages database) {
        AllocationScan maps = new AllocationScan(new InFile(database.file()));
        byte[] entries = new byte[maps.regionPages()];
        int regions = maps.regions();
        long[] words = new long[Math.toIntExact((long) regions * entries.length / 32)];
        for (int region = 0; region < regions; region++) {
            maps.read(region, entries);
            for (int i = 0; i < entries.length; i++) {
                long page = (long) region * entries.length + i;
                words[(int) (page / 32)] |= (long) entries[i] << 2 * (page % 32);
            }
        }
        return new Source(
                attachment,
                database.file(),
                database.file().header(),
                database.file().pageCount(),
                words);
    }

    /** The pages as they stand in the file, which nobody writes at the moment. */
    private static final class InFile implements PageReader {

        private final PageFile file;
        private final ByteBuffer buffer;

        InFile(PageFile file) {
            this.file = file;
            this.buffer = ByteBuffer.allocateDirect(file.pageSize()).order(ByteOrder.LITTLE_ENDIAN);
        }

        @Override
        public int pageSize() {
            return file.pageSize();
        }

        @Override
        public void read(long page, PageRef into) {
            buffer.clear();
            file.read(buffer, page);
            PageHeader.verify(buffer, 0, pageSize(), file.signature(), page, file.path());
            into.set(buffer, 0, pageSize());
        }
    }
}

package dev.quire.durable;

import dev.quire.io.Progress;
import dev.quire.io.QuireError;
import dev.quire.io.QuireException;
import dev.quire.io.log.LogFiles;
import dev.quire.io.log.Lsn;
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
    private final LogRelease.Pin pin;
    private final List<Source> sources = new ArrayList<>();
    private final long markedAtMs;
    private long mark;
    private boolean closed;

    /**
     * A database as of R0.
     *
     * @param attachment as the log stream knows it
     * @param file to copy from, under the latch
     * @param header as of R0
     * @param pages length of the file in pages as of R0
     * @param use two bits a page, 32 pages a word: what the allocation maps say as of R0
     */
    public record Source(Attachment attachment, PageFile file, DatabaseHeader header, long pages, long[] use) {

        private boolean isCopyOf(Attachment copied) {
            return attachment.id() == copied.id() && attachment.signature() == copied.signature();
        }
    }

    private BackupSession(Engine engine) {
        this.engine = engine;
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
     * @param progress asked whether to go on while somebody attaches a database or takes one away
     * @throws QuireException {@code LOGGING_DISABLED} without a log, {@code BACKUP_IN_PROGRESS} if one is running
     */
    public static BackupSession begin(Engine engine, Progress progress) {
        engine.poison().check();
        if (engine.log() == null) {
            throw new QuireException(QuireError.LOGGING_DISABLED, "an instance without a log cannot be backed up");
        }
        engine.backup().take(() -> progress.step(Progress.Phase.WAIT, 0, 0));
        try {
            engine.checkpoint();
            BackupSession session = new BackupSession(engine);
            try {
                session.mark = session.note("begin");
                return session;
            } catch (RuntimeException | Error e) {
                session.pin.close();
                throw e;
            }
        } catch (RuntimeException | Error e) {
            engine.backup().leave();
            throw e;
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

    /**
     * The number of the next database of the stream, above that of every source; a reader may keep the slot behind the
     * record that made one.
     */
    public int nextDatabaseId() {
        return engine.attachments().nextId();
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
    private long note(String what) {
        byte[] bytes = what.getBytes(StandardCharsets.UTF_8);
        ByteBuffer record = ByteBuffer.allocateDirect(bytes.length).order(ByteOrder.LITTLE_ENDIAN);
        return engine.mark(record.put(bytes).flip());
    }

    /**
     * Notes that the manifest of this backup is about to be published. With this in the log, and no stamp in the
     * headers, a later backup knows what to look for.
     */
    public void intend(String id, int generationLow, int generationHigh) {
        note(Intents.text(id, generationLow, generationHigh, mark));
    }

    /** Stamps the headers: the backup with these generations is published. Then releases the log that allows. */
    public void stamp(int generationLow, int generationHigh) {
        stamp(sources, new BackupStamp(mark, markedAtMs, generationLow, generationHigh));
    }

    /**
     * Does the same for an earlier backup, which was published before a fault or a crash kept its stamps away. Of that
     * nothing is believed that the log does not say: there must be its intent, noted by this instance.
     *
     * @param copied the databases in it; those that are not attached any more do not matter
     * @return whether a header lacked the stamp, and has it now
     */
    public boolean stampLate(
            String id, long createdMs, int generationLow, int generationHigh, List<Attachment> copied) {
        List<Source> lacking = sources.stream()
                .filter(source -> copied.stream().anyMatch(source::isCopyOf))
                .filter(source -> source.file().header().full().generationHigh() < generationHigh)
                .toList();
        if (lacking.isEmpty()) {
            return false;
        }
        long begun = intent(id, generationLow, generationHigh);
        if (begun == Lsn.NONE) {
            return false;
        }
        stamp(lacking, new BackupStamp(begun, createdMs, generationLow, generationHigh));
        return true;
    }

    /** Where the backup began whose intent is in the log; none of that goes while it is looked through. */
    private long intent(String id, int generationLow, int generationHigh) {
        LogRelease.Pin all = engine.release().pin(redoGeneration -> 0);
        try {
            return new Intents(engine.settings().storage(), logDirectory(), slot().signature())
                    .find(id, generationLow, generationHigh, roll());
        } finally {
            all.close();
        }
    }

    /** A header that cannot be written is a fault of the database like any other: nothing is acknowledged after it. */
    private void stamp(List<Source> stamped, BackupStamp stamp) {
        engine.checkpointer().hold();
        try {
            for (Source source : stamped) {
                source.file()
                        .writeHeader(source.file()
                                .header()
                                .withFull(stamp)
                                .withIncremental(BackupStamp.NONE)
                                .withDifferential(BackupStamp.NONE));
            }
        } catch (RuntimeException | Error e) {
            engine.poison().set(e);
            throw e;
        } finally {
            engine.checkpointer().resume();
        }
        pin.close();
        engine.release().release();
    }

    /** Ends the backup. Closing twice does nothing: the place may be somebody else's by then. */
    @Override
    public void close() {
        if (!closed) {
            closed = true;
            pin.close();
            engine.backup().leave();
        }
    }

    private int lowest(int redoGeneration) {
        if (engine.settings().circular()) {
            return redoGeneration;
        }
        int[] kept = LogFiles.list(engine.settings().storage(), logDirectory());
        return kept.length == 0 ? redoGeneration : Math.min(kept[0], redoGeneration);
    }

    private static Source source(Attachment attachment, DatabasePages database) {
        AllocationScan maps =
                new AllocationScan(new InFile(database.file()), database.file().pageCount());
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

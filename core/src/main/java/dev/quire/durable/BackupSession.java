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
import java.util.Map;

/**
 * What the engine does for a backup: fixes the point from which its pages and its log are to be taken, keeps that log,
 * keeps checkpoints from tearing what is being read, and notes the outcome. It knows nothing of where a backup goes.
 *
 * <p>The point is R0, the redo start of the newest slot. While the checkpointer is held, the files are exactly as of
 * R0: so the allocation maps in them say which pages the copy must have; every other page the log behind R0 rebuilds.
 * After that the checkpointer runs on, and a page copied later may be newer than R0, which redo passes over.
 *
 * <p>Used by one engine thread at a time; one session at a time for an instance.
 */
public final class BackupSession implements AutoCloseable {

    private final Engine engine;
    private final int generationLow;
    private final LogRelease.Pin pin;
    private final List<Source> sources = new ArrayList<>();
    private final long markedAtMs;
    private BackupKind kind;
    private long mark;
    private boolean closed;

    /**
     * A database as of R0.
     *
     * @param attachment as the log stream knows it
     * @param file to copy from, under the latch
     * @param header as of R0
     * @param pages length of the file in pages as of R0
     * @param use two bits a page, 32 pages a word: what the allocation maps say as of R0; empty if no pages are
     *     copied
     */
    public record Source(Attachment attachment, PageFile file, DatabaseHeader header, long pages, long[] use) {

        boolean isCopyOf(Attachment copied) {
            return attachment.id() == copied.id() && attachment.signature() == copied.signature();
        }
    }

    private BackupSession(Engine engine, BackupKind kind) {
        this.engine = engine;
        this.kind = kind;
        this.markedAtMs = engine.settings().clock().getAsLong();
        engine.checkpointer().hold();
        try {
            this.pin = engine.release().pin(this::lowest);
            this.generationLow = kind == BackupKind.COPY ? Lsn.generation(pin.redoStart()) : pin.generation();
            try {
                for (Attachment attachment : engine.attachments().current()) {
                    DatabasePages database = engine.byId().get(attachment.id());
                    if (database != null) {
                        sources.add(source(attachment, database, kind.hasPages()));
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
     * @param kind decides what is kept for it, and what it changes in the end
     * @param progress asked whether to go on while somebody attaches a database or takes one away
     * @throws QuireException {@code LOGGING_DISABLED} without a log, {@code BACKUP_IN_PROGRESS} if one is running,
     *     {@code TERM_IN_PROGRESS} or {@code CLIENT_REQUEST_TO_STOP_SERVICE} if the instance ends, {@code
     *     INVALID_BACKUP} if it builds on another while logging is circular
     */
    public static BackupSession begin(Engine engine, BackupKind kind, Progress progress) {
        checkLogging(engine);
        engine.backup().take(() -> progress.step(Progress.Phase.WAIT, 0, 0));
        try {
            if (kind.buildsOnAnother() && engine.settings().circular()) {
                throw new QuireException(
                        QuireError.INVALID_BACKUP,
                        kind.word() + " backups are not possible while logging is circular: log goes without a backup");
            }
            shortenLog(engine, kind);
            BackupSession session = new BackupSession(engine, kind);
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

    /**
     * R0 needs one checkpoint of this session. Another makes the log behind it shorter, which is to be copied with the
     * pages, and writes every changed page twice for that, at places all over the databases: where that is more than
     * the log it saves, a writer and the backup do better without. Without pages nothing else is to be waited for, and
     * more log may go in the end.
     */
    private static void shortenLog(Engine engine, BackupKind kind) {
        boolean costly = 2 * engine.versions().pool().usedBytes() > engine.depthBytes();
        if (!kind.hasPages() || !costly || engine.checkpointer().count() == 0) {
            engine.checkpoint();
        }
    }

    static void checkLogging(Engine engine) {
        engine.poison().check();
        if (engine.log() == null) {
            throw new QuireException(QuireError.LOGGING_DISABLED, "an instance without a log cannot be backed up");
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

    /**
     * The first generation that belongs into a backup of pages: into a full, with history kept, every one that was
     * there, so that no log is in none; into a copy what its pages need.
     */
    public int generationLow() {
        return generationLow;
    }

    /** What is taken. */
    public BackupKind kind() {
        return kind;
    }

    /** From now on a full is a copy, and an incremental a differential: no log goes for it, and the chain stays. */
    public void keepLog() {
        kind = kind.withoutTruncation();
    }

    /** The lowest generation that would be kept if it were stamped now with that one as its last. */
    public int keptFrom(int generationHigh) {
        int oldest = LogTruncation.oldest(engine);
        if (!kind.isTruncating()) {
            return oldest;
        }
        boolean all = covered(generationHigh).size() == engine.byId().size();
        return Math.max(
                oldest,
                engine.release().expected(pin, all ? generationHigh + 1 : 0).generation());
    }

    /**
     * What a backup builds on that holds log alone; the log behind that is there, and stays.
     *
     * @throws QuireException {@code MISSING_FULL_BACKUP}; {@code INVALID_BACKUP} if logging was circular since; {@code
     *     MISSING_FILE_TO_BACKUP} if log is missing; {@code LOG_READ_VERIFY_FAILURE}
     */
    public BackupBase base() {
        BackupBase base = BackupBase.of(sources);
        new LogHistory(engine.settings().storage(), logDirectory(), slot().signature())
                .check(base.nextGeneration(), Lsn.generation(mark));
        return base;
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
     *
     * @param crc CRC32C of the manifest
     */
    public void intend(String id, int generationLow, int generationHigh, int crc) {
        note(Intents.text(kind, id, generationLow, generationHigh, mark, crc));
    }

    /**
     * Stamps the headers: the backup with these generations is published. Then releases the log that allows; a copy or
     * a differential allows none.
     */
    public void stamp(int generationLow, int generationHigh) {
        stamp(covered(generationHigh), kind, new BackupStamp(mark, markedAtMs, generationLow, generationHigh));
        pin.close();
        if (kind.isTruncating()) {
            engine.release().release();
        }
    }

    /**
     * Does the same for earlier backups, which were published before a fault or a crash kept their stamps away. Of that
     * nothing is believed that the log does not say: there must be the intent, noted by this instance.
     *
     * @param published in the order of their logs
     * @return those that a header did not know of, and does now
     */
    public List<PublishedBackup> stampLate(List<PublishedBackup> published) {
        List<PublishedBackup> possible = published.stream()
                .filter(each -> each.generationHigh() < Lsn.generation(mark))
                .toList();
        boolean known = possible.stream().allMatch(each -> lacking(each).isEmpty());
        Map<String, Long> begun = known ? Map.of() : intents(possible);
        List<PublishedBackup> stamped = new ArrayList<>();
        for (PublishedBackup each : possible) {
            Long begin = begun.get(each.id());
            List<PageFile> lacking = lacking(each);
            if (begin != null && !lacking.isEmpty()) {
                stamp(
                        lacking,
                        each.kind(),
                        new BackupStamp(begin, each.createdMs(), each.generationLow(), each.generationHigh()));
                stamped.add(each);
            }
        }
        return stamped;
    }

    private List<PageFile> lacking(PublishedBackup backup) {
        return sources.stream().filter(backup::isUnknownTo).map(Source::file).toList();
    }

    /** Releases log before the backup is over: for one that made another known, and will not be itself. */
    public void release() {
        pin.close();
        engine.release().release();
    }

    /** Where those began whose intent is in the log; none of that goes while it is looked through. */
    private Map<String, Long> intents(List<PublishedBackup> backups) {
        LogRelease.Pin all = engine.release().pin(redoGeneration -> 0);
        try {
            return new Intents(engine.settings().storage(), logDirectory(), slot().signature()).find(backups, roll());
        } finally {
            all.close();
        }
    }

    /** The databases in the backup; those that were made while it ran are in its log. */
    private List<PageFile> covered(int generationHigh) {
        List<PageFile> covered = new ArrayList<>();
        for (Source source : sources) {
            covered.add(source.file());
        }
        if (kind.hasPages()) {
            for (Attachment attachment : engine.attachments().current()) {
                DatabasePages database = engine.byId().get(attachment.id());
                if (database != null
                        && Lsn.generation(attachment.from()) <= generationHigh
                        && !covered.contains(database.file())) {
                    covered.add(database.file());
                }
            }
        }
        return covered;
    }

    /** A header that cannot be written is a fault of the database like any other: nothing is acknowledged after it. */
    private void stamp(List<PageFile> stamped, BackupKind of, BackupStamp stamp) {
        engine.checkpointer().hold();
        try {
            for (PageFile file : stamped) {
                file.writeHeader(of.stamp(file.header(), stamp));
            }
        } catch (RuntimeException | Error e) {
            engine.poison().set(e);
            throw e;
        } finally {
            engine.checkpointer().resume();
        }
    }

    /** Ends the backup. Closing twice does nothing: the place may be somebody else's by then. Any thread. */
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

    private static Source source(Attachment attachment, DatabasePages database, boolean withPages) {
        return new Source(
                attachment,
                database.file(),
                database.file().header(),
                database.file().pageCount(),
                withPages ? use(database) : new long[0]);
    }

    private static long[] use(DatabasePages database) {
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
        return words;
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

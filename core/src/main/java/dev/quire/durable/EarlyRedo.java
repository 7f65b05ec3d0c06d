package dev.quire.durable;

import dev.quire.io.QuireException;
import dev.quire.io.page.DatabaseHeader;
import dev.quire.io.page.PageFile;
import dev.quire.pages.DatabasePages;
import dev.quire.pages.Frame;
import dev.quire.pages.Versions;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Set;
import org.agrona.CloseHelper;
import org.agrona.collections.Int2ObjectHashMap;
import org.agrona.collections.Long2LongHashMap;

/**
 * Redo behind the first reading of the log, which spares most recoveries the second. It writes nothing and judges
 * nothing: pages change in memory alone, and at the first record that is out of the ordinary it stops for good, having
 * changed nothing that keeps {@link LateRedo} from meeting the same thing there, knowing all of the log.
 *
 * <p>Out of the ordinary are: a database whose file or header is not as the log leaves it, or that goes away; a page
 * that does not verify, is not there, or does not fit; memory that is spent; an error of the disk.
 */
final class EarlyRedo extends Redo {

    private static final Stop STOP = new Stop();

    private final EngineSettings settings;
    private final CheckpointSlot slot;
    private final Set<Path> forced;
    private final Int2ObjectHashMap<Attachment> attachments = new Int2ObjectHashMap<>();
    private final Int2ObjectHashMap<DatabasePages> opened = new Int2ObjectHashMap<>();
    /** The highest dbtime of a page that was found past its record, by database: as yet nobody knows the log's. */
    private final Long2LongHashMap passedOver = new Long2LongHashMap(0);

    private long stoppedAt = Long.MAX_VALUE;

    /** What stands here is not for an early redo. */
    private static final class Stop extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Stop() {
            super(null, null, false, false);
        }
    }

    /** {@code forced} are the files that do not stand in the system's cache alone. */
    EarlyRedo(EngineSettings settings, CheckpointSlot slot, Set<Path> forced, RedoSurvey survey, Versions versions) {
        super(survey, versions);
        this.forced = forced;
        this.settings = settings;
        this.slot = slot;
        slot.attachments().forEach(attachment -> attachments.put(attachment.id(), attachment));
    }

    @Override
    public void record(long lsn, int type, ByteBuffer buffer, int offset, int length) {
        if (stoppedAt != Long.MAX_VALUE || !settings.replay().counts(lsn)) {
            return;
        }
        try {
            switch (type) {
                case RecordLayout.CREATE, RecordLayout.ATTACH -> {
                    Attachment attachment = settings.replay().of(Attachment.ofRecord(lsn, buffer, offset, length));
                    if (attachment != null) {
                        attachments.put(attachment.id(), attachment);
                    }
                }
                case RecordLayout.DETACH, RecordLayout.DROP -> throw STOP;
                default -> super.record(lsn, type, buffer, offset, length);
            }
        } catch (Stop | QuireException e) {
            stoppedAt = lsn; // whatever it is, it is still there when the whole log is known
        }
    }

    /**
     * The log was read to its end, this followed it up to {@code shown}. What it did counts, unless a page is newer
     * than anything in the log.
     *
     * @return where redo has to go on
     */
    long redoneUpTo(long shown) {
        for (Long2LongHashMap.EntryIterator each = passedOver.entrySet().iterator(); each.hasNext(); ) {
            each.next();
            if (each.getLongValue() > survey().dbtime((int) each.getLongKey())) {
                return startAgain();
            }
        }
        // What is left of the process's memory is not enough for what comes now.
        if (versions().pool().limitBytes() < versions().pool().budgetBytes()) {
            return startAgain();
        }
        return Math.max(slot.redoStart(), Math.min(stoppedAt, shown));
    }

    private long startAgain() {
        opened.values().forEach(versions()::discard);
        forget();
        return slot.redoStart();
    }

    /** Gives away a database with all that was redone in it; null if it was not opened. */
    DatabasePages release(int id) {
        DatabasePages database = opened.remove(id);
        if (database != null) {
            database.raiseDbtime(survey().dbtime(id));
        }
        return database;
    }

    /** Forgets what nobody wants. */
    void close() {
        opened.values().forEach(versions()::discard);
        CloseHelper.closeAll(opened.values().stream().map(DatabasePages::file).toList());
        opened.clear();
    }

    @Override
    DatabasePages database(int id) {
        DatabasePages database = opened.get(id);
        if (database == null) {
            database = open(attachments.get(id));
            opened.put(id, database);
        }
        return database;
    }

    private DatabasePages open(Attachment attachment) {
        Path path = attachment == null ? null : Names.database(settings.directory(), attachment.name());
        if (path == null || !forced.contains(path)) {
            throw STOP;
        }
        DatabaseHeader header = DatabaseHeader.read(settings.storage(), path);
        boolean asTheLogLeftIt = header.signature() == attachment.signature()
                && header.pageSize() == attachment.pageSize()
                && header.databaseId() == attachment.id()
                && header.logSignature() == slot.signature()
                && header.state() == DatabaseHeader.State.DIRTY;
        if (!asTheLogLeftIt) {
            throw STOP;
        }
        PageFile file = PageFile.open(settings.storage(), path, header);
        return new DatabasePages(attachment.id(), attachment.name(), file, header.dbtimeBound(), versions());
    }

    @Override
    Frame take(int length) {
        Frame frame = versions().take(length);
        if (frame == null) {
            throw STOP;
        }
        return frame;
    }

    @Override
    void reach(DatabasePages database, long pageEnd) {
        if (pageEnd > database.file().pageCount()) {
            throw STOP;
        }
    }

    @Override
    boolean isTooNew(DatabasePages database, long dbtime) {
        passedOver.put(database.id(), Math.max(dbtime, passedOver.get(database.id())));
        return false;
    }

    @Override
    void suspect(DatabasePages database, Frame frame, Suspects.Fault fault) {
        if (database.newest(frame.page()) != frame) {
            versions().giveBack(frame);
        }
        throw STOP;
    }

    @Override
    void cleared(DatabasePages database, long page, int pages) {
        // nothing is suspect here
    }
}

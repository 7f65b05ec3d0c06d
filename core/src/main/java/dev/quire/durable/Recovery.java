package dev.quire.durable;

import dev.quire.io.CorruptionException;
import dev.quire.io.NotFoundException;
import dev.quire.io.QuireError;
import dev.quire.io.QuireException;
import dev.quire.io.Storage;
import dev.quire.io.StoreFile;
import dev.quire.io.log.LogFiles;
import dev.quire.io.log.LogSettings;
import dev.quire.io.log.LogSurvey;
import dev.quire.io.log.Lsn;
import dev.quire.io.log.ZerosAhead;
import dev.quire.io.page.DatabaseHeader;
import dev.quire.io.page.PageFile;
import dev.quire.io.page.PageHeader;
import dev.quire.pages.DatabasePages;
import dev.quire.pages.RootsLayout;
import dev.quire.pages.Versions;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.agrona.CloseHelper;
import org.agrona.collections.Int2ObjectHashMap;

/**
 * Brings what a crash left, or an orderly close, back to the state of the last commit in the log.
 *
 * <p>Everything found is forced before it is believed: after a killed process it may exist in the system's cache alone.
 * And since a force may report success over pages that an earlier, failed force has dropped, the part of the log that
 * no mark proves forced, the slot and the headers are written again in place. Nothing is written before the log has
 * been read to its end without a fault, and a fault leaves everything as it is.
 */
final class Recovery {

    private final EngineSettings settings;
    private final CheckpointFile slots;
    private final TornPageGuard guard;
    private final Versions versions;
    private final Int2ObjectHashMap<DatabasePages> databases = new Int2ObjectHashMap<>();
    private final Int2ObjectHashMap<DatabaseHeader> adopted = new Int2ObjectHashMap<>();
    private final CheckpointSlot slot;
    private final List<Mended> mended;
    private final RecoverySteps steps;
    private final Set<Path> forced = new TreeSet<>();
    private LogSurvey log;
    private RedoSurvey survey;
    private EarlyRedo early;
    private long redone;
    private int guarded;
    private long lostUpTo;

    Recovery(
            EngineSettings settings,
            CheckpointFile slots,
            TornPageGuard guard,
            Versions versions,
            List<Mended> mended,
            RecoverySteps steps) {
        this.settings = settings;
        this.slots = slots;
        this.guard = guard;
        this.versions = versions;
        this.slot = slots.newest();
        this.mended = mended;
        this.steps = steps;
    }

    /**
     * Without a log there is no recovery: an instance can be opened only if it was closed, and so were its databases.
     *
     * @throws CorruptionException {@code DATABASE_DIRTY_SHUTDOWN}
     */
    static void checkClosed(EngineSettings settings, CheckpointSlot slot) {
        for (Attachment attachment : slot.attachments()) {
            Path path = Names.database(settings.directory(), attachment.name());
            DatabaseHeader header = DatabaseHeader.read(settings.storage(), path);
            if (!slot.clean() || header.state() == DatabaseHeader.State.UNLOGGED) {
                throw new CorruptionException(
                        QuireError.DATABASE_DIRTY_SHUTDOWN, path, "was written without a log and not closed", null);
            }
        }
    }

    /** What of the log, its databases and the guard is in the system's cache alone goes to the disk, all at once. */
    void force() {
        forced.add(guard.path());
        settings.storage().list(settings.directory()).stream()
                .filter(name -> name.endsWith(Names.DATABASE_EXTENSION))
                .map(settings.directory()::resolve)
                .filter(this::isOfThisStream)
                .forEach(forced::add);
        LogFiles.forceAll(Startup.logSettings(settings, slot), List.copyOf(forced));
    }

    private boolean isOfThisStream(Path path) {
        try {
            return settings.storage().kind(path) == Storage.Kind.FILE
                    && DatabaseHeader.read(settings.storage(), path).logSignature() == slot.signature();
        } catch (QuireException e) {
            return false; // forced, and judged, when it turns out to be wanted
        }
    }

    /** Reads the log, redoes in memory what it can on the way, and changes nothing else. */
    void survey() {
        LogSettings reading = Startup.logSettings(settings, slot);
        survey = new RedoSurvey(slot.attachments(), slot.redoStart(), settings.replay());
        orClose(() -> {
            log = readLog(reading, Math.max(1, Lsn.generation(slot.redoStart())));
            if (slot.redoStart() > log.end()) {
                throw missing(null, slot.redoStart());
            }
            redone = early == null ? slot.redoStart() : early.redoneUpTo(log.shown());
        });
    }

    /** The log to its end; or, when the caller has accepted that, to where it cannot be read any further. */
    private LogSurvey readLog(LogSettings reading, int from) {
        early = settings.acceptLoss() || slot.clean() ? null : new EarlyRedo(settings, slot, forced, survey, versions);
        try {
            return LogSurvey.of(
                    reading, from, slots.generation(), slots.forced(), steps.first(survey), slot.redoStart(), early);
        } catch (CorruptionException | NotFoundException e) {
            if (!settings.acceptLoss()) {
                throw e;
            }
            survey = new RedoSurvey(slot.attachments(), slot.redoStart(), settings.replay());
            LogSurvey readable = LogSurvey.upToFault(reading, from, steps.first(survey), slot.redoStart());
            lostUpTo = Math.max(slots.forced(), readable.end() + 1);
            return readable;
        }
    }

    /**
     * Zeros for the generation behind the log, begun before it is read; null if nothing will be redone, or if one seems
     * to have been built ahead. Not before what is there is forced, for they would be in the way of that.
     */
    ZerosAhead zerosAhead() {
        return slot.clean() || !settings.logging()
                ? null
                : ZerosAhead.start(Startup.logSettings(settings, slot), slots.generation());
    }

    /** Whether the instance was closed in order, and nothing has begun to use it since. */
    private boolean isClean() {
        return slot.clean() && survey.commits() == 0 && log.generation() == slot.generation();
    }

    /** Where the log ends. */
    LogSurvey log() {
        return log;
    }

    /** What the first reading found. */
    RedoSurvey found() {
        return survey;
    }

    /** The databases that are attached at the end of the log. */
    Int2ObjectHashMap<DatabasePages> databases() {
        return databases;
    }

    /**
     * Opens the databases and judges their headers. Only when none is refused any more is a file changed, or made from
     * its record.
     */
    void openDatabases() {
        List<Attachment> missing = new ArrayList<>();
        try {
            for (Attachment attachment : survey.atEnd()) {
                Path path = Names.database(settings.directory(), attachment.name());
                if (settings.storage().kind(path) != Storage.Kind.NONE) {
                    databases.put(attachment.id(), open(attachment, path));
                } else if (survey.wasCreated(attachment)) {
                    missing.add(attachment);
                } else {
                    throw new NotFoundException(
                            QuireError.ATTACHED_DATABASE_MISMATCH, path, "an attached database is missing", null);
                }
            }
            if (!slot.clean()) {
                databases.values().forEach(this::fillHoles);
            }
            missing.forEach(attachment -> databases.put(attachment.id(), create(attachment)));
            closeEarly(); // databases that are gone by the end
        } catch (RuntimeException | Error e) {
            close();
            throw e;
        }
    }

    /** Whether there is nothing to be redone. */
    boolean clean() {
        return isClean() && adopted.isEmpty();
    }

    /** Whether there is more than the log says, and the caller has accepted to lose it. */
    boolean lossy() {
        return lostUpTo > 0;
    }

    /** Makes durable beyond doubt what the rest of the recovery builds on, unless it is {@link #clean}. */
    void settle() {
        versions.clock().reset(log.end());
        if (!clean()) {
            writeAgain();
            mendTornPages();
        }
    }

    /** Redoes what is left of the log. {@code checkpointer} takes memory's load off when there is too little. */
    RecoveryReport redo(Checkpointer checkpointer) {
        if (clean()) {
            return new RecoveryReport(true, slot.redoStart(), log.end(), 0, 0, 0, lostUpTo);
        }
        LateRedo late = new LateRedo(survey, databases, versions, checkpointer);
        log.read(redone, survey.decided(log.end()), steps.again(late, redone));
        late.finish();
        long applied = late.applied() + (early == null ? 0 : early.applied());
        return new RecoveryReport(false, slot.redoStart(), log.end(), survey.commits(), applied, guarded, lostUpTo);
    }

    /**
     * Deletes what a crash kept from being deleted: a file of ours that was dropped. A detached one says that it is
     * clean.
     */
    void clearDropped() {
        for (Attachment attachment : survey.all()) {
            Path path = Names.database(settings.directory(), attachment.name());
            boolean ended = attachment.until() != Long.MAX_VALUE;
            boolean taken = survey.atEnd().stream().anyMatch(a -> a.name().equals(attachment.name()));
            if (ended && !taken && settings.storage().kind(path) == Storage.Kind.FILE && isDropped(path, attachment)) {
                settings.storage().delete(path);
                settings.storage().forceDirectory(settings.directory());
            }
        }
    }

    private boolean isDropped(Path path, Attachment attachment) {
        try {
            DatabaseHeader header = DatabaseHeader.read(settings.storage(), path);
            return header.signature() == attachment.signature()
                    && header.logSignature() == slot.signature()
                    && header.state() == DatabaseHeader.State.DIRTY;
        } catch (CorruptionException e) {
            return false; // not known to be ours
        }
    }

    /** Does what the rest cannot be done without, or closes what was opened. */
    void orClose(Runnable step) {
        try {
            step.run();
        } catch (RuntimeException | Error e) {
            close();
            throw e;
        }
    }

    void close() {
        closeEarly();
        CloseHelper.closeAll(
                databases.values().stream().map(DatabasePages::file).toList());
    }

    private void closeEarly() {
        if (early != null) {
            early.close();
        }
    }

    private DatabasePages create(Attachment attachment) {
        Path path = Names.database(settings.directory(), attachment.name());
        return pages(attachment, NewDatabase.create(settings.storage(), path, firstHeader(attachment)));
    }

    private DatabasePages open(Attachment attachment, Path path) {
        if (!forced.contains(path)) {
            try (StoreFile file = settings.storage().open(path, Storage.Access.WRITE)) {
                file.force();
            }
        }
        DatabaseHeader header = DatabaseHeader.read(settings.storage(), path, Mended.into(mended, path));
        boolean foreign = header.logSignature() != slot.signature() || header.databaseId() != attachment.id();
        // A crash came between the record and the header that follows it: what the record says holds.
        boolean unfinished = foreign && survey.wasAttached(attachment) && header.state() == DatabaseHeader.State.CLEAN;
        DatabaseHeader judged = unfinished
                ? Databases.adopted(header, attachment.id(), slot.signature(), DatabaseHeader.State.DIRTY)
                : header;
        judge(judged, attachment, path);
        if (unfinished) {
            adopted.put(attachment.id(), judged);
        }
        DatabasePages redone = early == null ? null : early.release(attachment.id());
        return redone != null ? redone : pages(attachment, PageFile.open(settings.storage(), path, header));
    }

    /** A growth that the crash cut short may have left some, and a write into one may find the disk full. */
    private void fillHoles(DatabasePages database) {
        database.file().zeroFrom(surelyWritten(database.file(), database.id()));
    }

    /**
     * Up to which page real zeros were forced. What the header counts was; and a file is grown and forced before the
     * log names a page there, so up to the highest named one it was, too. Only the last page may have been written by a
     * recovery that was cut short, see {@link LateRedo#reach}.
     */
    private long surelyWritten(PageFile file, int id) {
        long counted = file.header().pageCount();
        long named = survey.pageEnd(id);
        return named > file.pageCount() ? counted : Math.max(counted, named - 1);
    }

    private DatabasePages pages(Attachment attachment, PageFile file) {
        long dbtime = Math.max(file.header().dbtimeBound(), survey.dbtime(attachment.id()));
        return new DatabasePages(attachment.id(), attachment.name(), file, dbtime, versions);
    }

    private DatabaseHeader firstHeader(Attachment attachment) {
        return DatabaseHeader.create(attachment.pageSize(), attachment.signature(), survey.lastTime())
                .withDatabaseId(attachment.id())
                .withLogSignature(slot.signature())
                .withState(DatabaseHeader.State.DIRTY)
                .withDbtimeBound(NewDatabase.FIRST_DBTIME);
    }

    private void judge(DatabaseHeader header, Attachment attachment, Path path) {
        if (header.signature() != attachment.signature() || header.pageSize() != attachment.pageSize()) {
            throw new CorruptionException(
                    QuireError.ATTACHED_DATABASE_MISMATCH,
                    path,
                    "is another database: signature " + Long.toHexString(header.signature()) + ", expected "
                            + Long.toHexString(attachment.signature()),
                    null);
        }
        if (header.state() == DatabaseHeader.State.BACKUP) {
            throw new QuireException(
                    QuireError.SOFT_RECOVERY_ON_BACKUP_DATABASE,
                    path,
                    "comes out of a backup and must be restored before it is opened",
                    null);
        }
        if (header.state() == DatabaseHeader.State.UNLOGGED) {
            throw new CorruptionException(
                    QuireError.DATABASE_DIRTY_SHUTDOWN, path, "was written without a log and not closed", null);
        }
        if (header.logSignature() != slot.signature()) {
            throw new CorruptionException(
                    QuireError.CONSISTENT_TIME_MISMATCH, path, "belongs to another log stream", null);
        }
        if (header.requiredUpTo() > log.end()) {
            throw missing(path, header.requiredUpTo());
        }
        if (header.committedUpTo() > log.end()) {
            if (!settings.acceptLoss()) {
                throw new CorruptionException(
                        QuireError.COMMITTED_LOG_FILES_MISSING,
                        path,
                        "commits up to " + Lsn.toString(header.committedUpTo()) + " were acknowledged, the log ends at "
                                + Lsn.toString(log.end()),
                        null);
            }
            lostUpTo = Math.max(lostUpTo, header.committedUpTo());
        }
    }

    private CorruptionException missing(Path path, long required) {
        return new CorruptionException(
                QuireError.REQUIRED_LOG_FILES_MISSING,
                path,
                "the log is required up to " + Lsn.toString(required) + " and ends at " + Lsn.toString(log.end()),
                null);
    }

    private void writeAgain() {
        if (lostUpTo == 0) {
            log.rewrite();
        }
        slots.rewrite();
        if (lostUpTo == 0) {
            // From here on everything up to the end is known to be forced, whatever becomes of the other witnesses.
            slots.advance(next -> next.started(Math.max(next.generation(), log.generation()), log.end()));
        }
        // A header becomes ours only now that the record which says so is durable beyond doubt.
        for (DatabasePages database : databases.values()) {
            DatabaseHeader header = adopted.get(database.id());
            database.file().writeHeader(header == null ? database.file().header() : header);
        }
    }

    /** A page that does not verify in place is taken from the newest copy in the guard that the redo start allows. */
    private void mendTornPages() {
        List<GuardCopy> copies = new ArrayList<>(guard.copies());
        copies.sort(Comparator.comparingLong(GuardCopy::dbtime).reversed());
        for (DatabasePages database : databases.values()) {
            int before = guarded;
            for (GuardCopy copy : copies) {
                boolean ours = copy.databaseSignature() == database.file().signature();
                // At the redo start itself: redo gives a page the position of its record, which may be the first.
                boolean inWindow = copy.position() >= slot.redoStart() && copy.position() <= log.end();
                if (ours && inWindow && isTorn(database.file(), copy)) {
                    database.file().write(copy.bytes().duplicate(), copy.page());
                    guarded++;
                }
            }
            if (guarded > before) {
                database.file().force();
            }
        }
    }

    private static boolean isTorn(PageFile file, GuardCopy copy) {
        int length = copy.bytes().capacity();
        // The header mends itself; and what names no page of the file was not written by us.
        if (length != file.pageSize() || copy.page() < RootsLayout.PAGE || copy.page() >= file.pageCount()) {
            return false;
        }
        ByteBuffer found = ByteBuffer.allocateDirect(length).order(ByteOrder.LITTLE_ENDIAN);
        file.read(found, copy.page());
        return !PageHeader.verifies(found, 0, length, file.signature(), copy.page());
    }
}

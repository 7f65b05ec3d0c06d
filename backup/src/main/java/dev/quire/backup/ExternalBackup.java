package dev.quire.backup;

import dev.quire.Instance;
import dev.quire.Opening;
import dev.quire.durable.BackupBase;
import dev.quire.durable.BackupSession;
import dev.quire.durable.Engine;
import dev.quire.durable.LogTruncation;
import dev.quire.io.EventKind;
import dev.quire.io.Events;
import dev.quire.io.NotFoundException;
import dev.quire.io.OperationEvent.Operation;
import dev.quire.io.OperationEvent.Subject;
import dev.quire.io.Progress;
import dev.quire.io.QuireError;
import dev.quire.io.QuireException;
import dev.quire.io.Storage;
import dev.quire.io.log.LogFiles;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/**
 * A backup of a running instance whose files the caller pulls, and stores where and how he likes:
 * JetBeginExternalBackup and its kin. What he has stored under the names that the files have is a backup like any
 * other, to be verified and restored.
 *
 * <pre>{@code
 * try (ExternalBackup backup = ExternalBackup.begin(instance, ExternalRequest.of(BackupKind.FULL))) {
 *     create(backup.mark());
 *     for (ExternalFile file : backup.databases()) {
 *         store(file.name(), backup.open(file.name()));
 *     }
 *     for (ExternalFile file : backup.logFiles()) {
 *         store(file.name(), backup.open(file.name()));
 *     }
 *     backup.truncate(); // or not: then it is a copy
 *     ExternalFile manifest = backup.manifest();
 *     store(backup.mark(), backup.open(manifest.name()));
 *     force(); // everything, and the names
 *     rename(backup.mark(), manifest.name());
 *     backup.end(ExternalBackup.End.NORMAL);
 * }
 * }</pre>
 *
 * <p>The calls have this order; one out of order is {@code INVALID_BACKUP_SEQUENCE}, and changes nothing. Nothing is
 * truncated, and no header changes, before {@link #end}: until then a backup can be given up and has never been. A
 * fault ends it; afterwards every call is {@code NO_BACKUP}.
 *
 * <p>Any thread may call, and several at once. {@link #stop} ends it from elsewhere. While it goes on no database is
 * attached or taken away, and log that it needs stays; so a backup that nobody goes on with is ended when its lease is
 * over or the object unreachable, by the instance before a checkpoint, or by who wants to begin another, to attach or
 * to close. All methods may throw {@code BACKUP_ABORT_BY_SERVER} when that has happened or it was stopped,
 * {@code NO_BACKUP} when it is over.
 *
 * <p>What happens is told to the flight recorder, to the log of the system ({@link Events}) and to the listener of the
 * request. Who handles that log or listens is called when the backup is not locked, and may call it; but the end of
 * one that was given up he hears from whoever wants its place, who has things of the instance in hand, so he should
 * return soon and leave the instance alone. What he throws comes out of the call that is made, and does not end the
 * backup; but at its beginning (210, 211) it does, for nobody has the object yet. At an end without result ({@link
 * #stop}, {@link #close}, given up) it is lost.
 */
public final class ExternalBackup implements AutoCloseable {

    private static final int READERS_MAX = 64;
    private static final String LOG_SUFFIX = ".qlog";

    private final Engine engine;
    private final Storage storage;
    private final BackupSession session;
    private final ExternalRequest request;
    private final Series series;
    private final BackupBase base;
    private final String id;
    private final ExternalPages pages;
    private final Map<String, OfferedFile> offered = new LinkedHashMap<>();
    private final ToldLater told = new ToldLater();
    private final Events events;
    private final OpenReaders readers;
    private final Events.Span whole;
    private final long start = System.nanoTime();
    private int madeUp;
    private ExternalLog log;
    private long consistentFrom;
    private boolean truncating;
    private Manifest manifest;
    private OfferedFile manifestFile;

    /** How a backup ends. */
    public enum End {
        /** All of it is stored and on the medium, the manifest as well. */
        NORMAL,
        /**
         * What is stored is worth nothing. A manifest that is stored already is to be deleted: whoever shows it later
         * as {@link ExternalRequest#behind} takes it for one whose end a crash has cut off.
         */
        ABORT
    }

    private ExternalBackup(Engine engine, BackupSession session, ExternalRequest request, BackupBase base) {
        this.engine = engine;
        this.storage = engine.settings().storage();
        this.session = session;
        this.request = request;
        this.base = base;
        this.id = String.format("%016x", engine.settings().random().getAsLong());
        this.events =
                new Events(Operation.BACKUP, id, Progress.NONE.telling(request.listener()), told, OpenReaders.TOLD);
        this.readers = new OpenReaders(events);
        this.whole = events.begin();
        this.pages = request.kind().hasPages() ? new ExternalPages(session, id) : null;
        this.series = new Series(
                engine,
                session,
                request.lease().toMillis(),
                pages == null ? SeriesState.LOG_DUE : SeriesState.DATABASES,
                ending(whole, readers, engine.settings().directory()),
                told);
        if (pages != null) {
            pages.files().forEach(this::offer);
        }
    }

    /**
     * Begins one.
     *
     * @throws QuireException {@code INVALID_GRBIT}, {@code INVALID_PARAMETER}; {@code LOGGING_DISABLED}, {@code
     *     BACKUP_IN_PROGRESS}, {@code TERM_IN_PROGRESS}, {@code CLIENT_REQUEST_TO_STOP_SERVICE}, {@code
     *     INSTANCE_UNAVAILABLE}, {@code LOG_WRITE_FAIL}; of an incremental or a differential {@code INVALID_BACKUP} if
     *     logging is circular, or was since the last full or incremental, or if the set is another chain or not all of
     *     this one; {@code MISSING_FULL_BACKUP} if a database is in no full backup, or there is no set; {@code
     *     MISSING_FILE_TO_BACKUP} if log is missing
     * @throws IllegalStateException if the calling thread has a write transaction open
     */
    public static ExternalBackup begin(Instance instance, ExternalRequest request) {
        request.check();
        Engine engine = instance.engine();
        engine.checkNotWriting();
        ExternalBackup begun = OutOfMemory.named(
                instance.directory(), () -> engine.threads().call(() -> beginOnEngine(engine, request)));
        try {
            begun.told.tell(null);
            return begun;
        } catch (RuntimeException | Error e) { // of who listens; nobody has the object
            begun.series.end(QuireError.NO_BACKUP, e);
            throw e;
        }
    }

    /**
     * The same for an instance that may still be being opened.
     *
     * @throws QuireException {@code BACKUP_NOT_ALLOWED_YET} as long as it is, and what opening met if that has failed
     */
    public static ExternalBackup begin(Opening opening, ExternalRequest request) {
        return begin(Backup.opened(opening), request);
    }

    private static ExternalBackup beginOnEngine(Engine engine, ExternalRequest request) {
        BackupSession session = BackupSession.begin(engine, request.kind(), Progress.NONE);
        try {
            // Members may be stored that the headers do not know of, because a crash came before the end was done.
            int late = request.behind() == null ? 0 : stampLate(session, request.behind());
            BackupBase base = request.kind().buildsOnAnother() ? base(engine, session, request.behind()) : null;
            ExternalBackup backup = new ExternalBackup(engine, session, request, base);
            backup.madeUp = late;
            backup.begun(); // before anybody else can end it
            backup.series.begin(backup);
            return backup;
        } catch (RuntimeException | Error e) {
            session.close();
            throw e;
        }
    }

    private static BackupBase base(Engine engine, BackupSession session, BackupSet set) {
        BackupBase base = session.base();
        if (set == null) {
            throw new QuireException(
                    QuireError.MISSING_FULL_BACKUP, "there is no set with a full backup to add this one to");
        }
        ChainEnd.check(engine.settings().storage(), session, set, base);
        return base;
    }

    private static int stampLate(BackupSession session, BackupSet set) {
        return set.full().logSignature() != session.slot().signature()
                ? 0
                : session.stampLate(set.members().stream()
                                .map(member -> member.published(set.full()))
                                .toList())
                        .size();
    }

    /** Sixteen hexadecimal digits, with which the names of all files begin but that of a full's or copy's manifest. */
    public String id() {
        return id;
    }

    /**
     * The name of the mark: an empty file that comes before all others, so that everybody sees that they have no
     * manifest yet. The manifest goes there as well, and gets its name by renaming. A store that cannot rename needs no
     * mark, but what is left in it of a backup without a manifest has to be deleted by hand.
     */
    public String mark() {
        return id + '.' + Manifest.MARK;
    }

    /**
     * The files of the databases, all of them: of each its pages, {@code ID.NAME.qdb}, and which of them are in use,
     * {@code ID.NAME.use}. Not in an incremental or a differential.
     */
    public List<ExternalFile> databases() {
        series.check(SeriesState.Call.DATABASES);
        return files(pages.files());
    }

    /**
     * Opens a file of this backup, to be read from its beginning to its end.
     *
     * @throws QuireException {@code FILE_NOT_FOUND} if it is none; {@code OUT_OF_MEMORY} if 64 readers are open, or
     *     there is no memory for another one
     */
    public ExternalReader open(String name) {
        return open(name, 0, 1);
    }

    /**
     * Opens one section of {@code sections} about equal ones, so that several can be read at once. All of them together
     * are the file.
     *
     * @throws QuireException as {@link #open(String)} does; {@code INVALID_PARAMETER}
     */
    public ExternalReader open(String name, int section, int sections) {
        if (section < 0 || section >= sections) {
            throw new QuireException(
                    QuireError.INVALID_PARAMETER, "cannot be: section=" + section + " sections=" + sections);
        }
        return opened(name, sections > 1, file -> {
            long units = (file.bytes() + file.unitBytes() - 1) / file.unitBytes();
            return new long[] {
                Math.min(file.bytes(), units * section / sections * file.unitBytes()),
                Math.min(file.bytes(), units * (section + 1) / sections * file.unitBytes())
            };
        });
    }

    /**
     * Opens a file to be read from {@code offset} on, to go on where another reader was.
     *
     * @param offset a multiple of the file's unit, not behind its end
     * @throws QuireException as {@link #open(String)} does; {@code INVALID_PARAMETER}
     */
    public ExternalReader openAt(String name, long offset) {
        return opened(name, true, file -> {
            if (offset < 0 || offset > file.bytes() || offset % file.unitBytes() != 0) {
                throw new QuireException(QuireError.INVALID_PARAMETER, "cannot be: offset=" + offset + " in " + file);
            }
            return new long[] {offset, file.bytes()};
        });
    }

    /**
     * Closes the current generation of the log, and says which files of log the backup has: all from the first that it
     * needs to that one. The first call decides; every further one answers the same. From then on no database can be
     * opened.
     *
     * @throws QuireException {@code INVALID_BACKUP_SEQUENCE} also if a reader is open, or a file of a database was not
     *     read to its end
     */
    public List<ExternalFile> logFiles() {
        try (Series.Turn turn = series.turn(SeriesState.Call.LOG_FILES)) {
            if (log == null) {
                checkNoReader(turn);
                String unread = unread(offered.values());
                if (!unread.isEmpty()) {
                    throw turn.refusal("not read to the end: " + unread);
                }
                log = turn.run(this::closeLog);
                log.files().forEach(this::offer);
                turn.goOn(SeriesState.LOG);
            }
            return files(log.files());
        }
    }

    /**
     * The files of the instance's log that would go if log were truncated and the backup ended now; none if log is not
     * to be truncated, by its kind or because {@link #manifest} was called without.
     */
    public List<String> truncateInfo() {
        try (Series.Turn turn = series.turn(SeriesState.Call.TRUNCATE_INFO)) {
            return turn.run(() -> IntStream.range(LogTruncation.oldest(engine), session.keptFrom(log.high()))
                    .mapToObj(LogFiles::name)
                    .toList());
        }
    }

    /**
     * Says that log may go that this backup has: when it has ended, by the one rule. Without this a full is a copy, and
     * an incremental a differential.
     *
     * @throws QuireException {@code LOG_FILE_NOT_COPIED} if a file of log was not read to its end; {@code
     *     INVALID_BACKUP_SEQUENCE} also if a reader is open, or if it began as a copy or a differential
     */
    public void truncate() {
        try (Series.Turn turn = series.turn(SeriesState.Call.TRUNCATE)) {
            checkNoReader(turn);
            checkLogRead();
            if (!request.kind().isTruncating()) {
                throw turn.refusal("no log goes for a " + request.kind().word());
            }
            truncating = true;
        }
    }

    /**
     * The last file: it makes a backup of what was read. It says whether log is to go, so that is decided now. It
     * should have its name only when all other files are on the medium; and it must be stored, and there, when the
     * backup is ended.
     *
     * @throws QuireException {@code LOG_FILE_NOT_COPIED} if a file of log was not read to its end; {@code
     *     INVALID_BACKUP_SEQUENCE} also if a reader is open; {@code READ_VERIFY_FAILURE}, naming every page that did
     *     not verify and that the log does not rebuild, which ends the backup
     */
    public ExternalFile manifest() {
        try (Series.Turn turn = series.turn(SeriesState.Call.MANIFEST)) {
            if (manifest == null) {
                checkNoReader(turn);
                checkLogRead();
                manifest = turn.run(this::decide);
                byte[] text = manifest.toJson().getBytes(StandardCharsets.UTF_8);
                manifestFile = new OfferedBytes(manifest.fileName(), text);
                offer(manifestFile);
                turn.goOn(SeriesState.MANIFEST);
            }
            return manifestFile.file();
        }
    }

    /**
     * Ends the backup, in every case. When this returns, the headers know of it, and the log has gone that may go. If
     * it does not return, because the process ended, whoever has stored the manifest keeps all of it: the next
     * incremental behind it makes up for what is missing.
     *
     * @throws QuireException {@code BACKUP_ABORT_BY_CALLER} if it was to be aborted, or the manifest was not read to
     *     its end: then what is stored is worth nothing; a fault, after which the instance must be reopened
     */
    public BackupReport end(End how) {
        Objects.requireNonNull(how, "how");
        try (Series.Turn turn = series.turn()) {
            if (how == End.ABORT || manifest == null || !manifestFile.isDelivered()) {
                throw turn.abort(how == End.ABORT ? "as the caller wished" : "the manifest was not read to its end");
            }
            BackupReport report = turn.run(this::complete);
            turn.end();
            whole.done(
                    EventKind.BACKUP_DONE,
                    report.subject(engine.settings().directory()),
                    "external " + manifest.kind().word() + " backup " + id + madeUpText());
            return report.with(events.told());
        }
    }

    private String madeUpText() {
        return madeUp == 0 ? "" : "; headers did not know of " + madeUp + " backups stored before, and now do";
    }

    private static Consumer<Throwable> ending(Events.Span whole, OpenReaders readers, Path directory) {
        return cause -> {
            readers.end(cause);
            whole.failed(Truncation.end(cause), Subject.file(directory, 0), cause);
        };
    }

    /**
     * Ends the backup from any thread: every call from now on, on others as well, is {@code BACKUP_ABORT_BY_SERVER}.
     */
    public void stop() {
        series.end(QuireError.BACKUP_ABORT_BY_SERVER, null);
    }

    /** Ends the backup as {@link End#ABORT} does, without a word, unless it is over. */
    @Override
    public void close() {
        series.end(QuireError.NO_BACKUP, null);
    }

    /** Says that somebody goes on with it, as every call does; refuses if it is over. */
    void stay() {
        series.check();
    }

    /** Whether it is over, or about to be because the instance wants that. It counts as no call. */
    boolean isOver() {
        return series.isOver();
    }

    /**
     * Makes up for ends that a crash has cut off: headers that do not know of what is stored are stamped, as {@link
     * ExternalRequest#behind} does for what goes on behind it.
     */
    void stampLate(BackupSet stored) {
        try (Series.Turn turn = series.turn(SeriesState.Call.DATABASES)) {
            madeUp += turn.run(() -> stampLate(session, stored));
        }
    }

    /** How many backups that are stored the headers did not know of when this one began, and do now. */
    int madeUp() {
        return madeUp;
    }

    /** Lets the log go that backups have of which the instance knows now; for one that will not be one itself. */
    void release() {
        try (Series.Turn turn = series.turn()) {
            turn.run(() -> {
                session.release();
                return null;
            });
            turn.abort("it was not stored");
        }
    }

    /** Whether that is a backup of this instance: of its log, or of a database that it has. */
    boolean isOfSame(Manifest stored) {
        return stored.isOf(session);
    }

    /** What it takes on a disk if nothing is committed meanwhile. */
    long roomBytes() {
        try (Series.Turn turn = series.turn()) {
            return turn.run(() -> Room.ofBackup(storage, session, low()));
        }
    }

    static QuireException notBegun() {
        return new QuireException(QuireError.NO_BACKUP, "it has not begun");
    }

    /** A reader was closed. */
    void closed(OpenReaders.Delivery delivery) {
        series.apart(() -> readers.close(delivery));
    }

    private int low() {
        return base == null ? session.generationLow() : base.nextGeneration();
    }

    private ExternalLog closeLog() {
        int low = low();
        consistentFrom = pages == null ? 0 : session.durable();
        int behind = session.roll();
        Backup.checkCount(session, behind - low);
        events.tell(EventKind.LOG_RANGE, Subject.log(session.logDirectory(), 0, low, behind - 1), "");
        try {
            return new ExternalLog(storage, session, id, low, behind);
        } catch (QuireException e) {
            Path file = e.file().orElse(session.logDirectory());
            events.fault(EventKind.READ_FAILED, Subject.file(file, 0), e);
            throw e;
        }
    }

    private Manifest decide() {
        if (pages != null) {
            pages.judge(log.verified().imaged(), events);
        }
        if (!truncating) {
            session.keepLog();
        }
        Manifest.BuiltOn on = base == null
                ? null
                : new Manifest.BuiltOn(
                        request.behind().full().id(), request.behind().last().id());
        Manifest decided = Manifest.of(
                session,
                id,
                request.label(),
                consistentFrom,
                on,
                pages == null ? List.of() : pages.described(),
                log.verified().generations());
        session.intend(id, decided.generationLow(), decided.generationHigh(), decided.crc());
        return decided;
    }

    private BackupReport complete() {
        int lowest = LogTruncation.oldest(engine);
        Events.Span truncation = events.begin();
        try {
            session.stamp(manifest.generationLow(), manifest.generationHigh());
        } catch (RuntimeException | Error e) {
            events.fault(
                    EventKind.HEADERS_NOT_STAMPED,
                    Subject.file(engine.settings().directory(), 0),
                    e);
            throw e;
        }
        int released = LogTruncation.oldest(engine) - lowest;
        Truncation.tell(truncation, session.logDirectory(), lowest, released, "");
        return BackupReport.of(manifest, released, System.nanoTime() - start);
    }

    /** Which part of a file is asked for. */
    private interface Part {
        long[] of(ExternalFile file);
    }

    private ExternalReader opened(String name, boolean asPart, Part part) {
        ExternalReader reader = null;
        try (Series.Turn turn = series.turn(call(name))) {
            OfferedFile file = offered.get(name);
            if (file == null) {
                throw new NotFoundException(
                        QuireError.FILE_NOT_FOUND, null, "no file of this backup is called " + name, null);
            }
            long[] range = part.of(file.file());
            if (readers.count() == READERS_MAX) {
                throw new QuireException(QuireError.OUT_OF_MEMORY, "open readers=" + READERS_MAX);
            }
            reader = turn.attempt(
                    () -> readers.open(file, range, asPart, delivery -> new ExternalReader(this, series, delivery)));
        } catch (RuntimeException | Error e) {
            if (reader != null) { // who listens has thrown, and the caller gets nothing that he could close
                closeFor(e, reader);
            }
            throw e;
        }
        return reader;
    }

    private static void closeFor(Throwable cause, ExternalReader reader) {
        try {
            reader.close();
        } catch (RuntimeException | Error e) {
            if (e != cause) {
                cause.addSuppressed(e);
            }
        }
    }

    /** By the name alone: what is not offered yet is not out of order for another reason. */
    private static SeriesState.Call call(String name) {
        if (name.endsWith(".json")) {
            return SeriesState.Call.OPEN_MANIFEST;
        }
        return name.endsWith(LOG_SUFFIX) ? SeriesState.Call.OPEN_LOG : SeriesState.Call.OPEN_DATABASE;
    }

    private void checkNoReader(Series.Turn turn) {
        int open = readers.count();
        if (open > 0) {
            throw turn.refusal("readers are open: " + open);
        }
    }

    private void checkLogRead() {
        String unread = unread(log.files());
        if (!unread.isEmpty()) {
            throw new QuireException(QuireError.LOG_FILE_NOT_COPIED, "not read to the end: " + unread);
        }
    }

    private static String unread(Collection<OfferedFile> files) {
        return String.join(
                ", ",
                files.stream()
                        .filter(each -> !each.isDelivered())
                        .map(each -> each.file().name())
                        .toList());
    }

    private static List<ExternalFile> files(List<OfferedFile> offered) {
        return offered.stream().map(OfferedFile::file).toList();
    }

    private void offer(OfferedFile file) {
        offered.put(file.file().name(), file);
    }

    private void begun() {
        events.tell(
                request.kind().hasPages() ? EventKind.FULL_STARTED : EventKind.INCREMENTAL_STARTED,
                Subject.file(engine.settings().directory(), 0),
                "external " + request.kind().word() + " backup");
    }
}

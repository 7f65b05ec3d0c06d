package dev.quire.backup;

import dev.quire.Instance;
import dev.quire.Opening;
import dev.quire.durable.Attachment;
import dev.quire.durable.BackupBase;
import dev.quire.durable.BackupKind;
import dev.quire.durable.BackupSession;
import dev.quire.durable.Engine;
import dev.quire.durable.LogTruncation;
import dev.quire.durable.PublishedBackup;
import dev.quire.io.CorruptionException;
import dev.quire.io.EventKind;
import dev.quire.io.Events;
import dev.quire.io.OperationEvent.Operation;
import dev.quire.io.OperationEvent.Subject;
import dev.quire.io.Progress;
import dev.quire.io.QuireError;
import dev.quire.io.QuireException;
import dev.quire.io.Storage;
import dev.quire.io.StoreFile;
import dev.quire.io.UnavailableException;
import dev.quire.io.log.GenerationStart;
import dev.quire.io.log.LogFiles;
import dev.quire.io.log.Lsn;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * A backup of a running instance to a directory, while it is written to.
 *
 * <p>Pages move from file to file inside the system, and what arrived is read back and verified by other threads behind
 * the mover; beside writers they move through memory and are verified there. Then the log is rolled, copied and
 * verified. The manifest comes last, under its name only when everything is forced: before that there is no backup, and
 * on any failure nothing of this one remains.
 */
public final class Backup {

    private final Engine engine;
    private final Storage storage;
    private final BackupRequest request;
    private final BackupKind kind;
    private final Destination destination;
    private final Progress progress;
    private final Events events;
    private final List<String> notes = new ArrayList<>();
    private final String id;

    private Backup(Instance instance, BackupRequest request) {
        this.engine = instance.engine();
        this.storage = engine.settings().storage();
        this.request = request;
        this.kind = request.kind();
        this.progress = engine.backup().watched(request.progress());
        this.id = String.format("%016x", engine.settings().random().getAsLong());
        this.destination = new Destination(storage, request, id);
        this.events = new Events(Operation.BACKUP, id, progress);
    }

    /**
     * Takes a full backup of all attached databases: the short form of {@link #run}, which makes the last directory of
     * the path if it is missing.
     *
     * @param destination a directory that is empty, or a name for one in an existing directory; not inside the instance
     */
    public static BackupReport full(Instance instance, Path destination, Progress progress) {
        Storage storage = instance.engine().settings().storage();
        Path parent = Place.of(storage, destination).getParent();
        return run(
                instance,
                BackupRequest.of(BackupKind.FULL)
                        .to(destination)
                        .createPathIfNotExist(parent != null && storage.kind(parent) == Storage.Kind.DIRECTORY)
                        .progress(Objects.requireNonNull(progress, "progress"))
                        .conclude());
    }

    /**
     * Does what is requested, for all attached databases.
     *
     * @throws QuireException {@code INVALID_PATH}, {@code BACKUP_DIRECTORY_NOT_EMPTY}, {@code BACKUP_IN_PROGRESS},
     *     {@code LOGGING_DISABLED}; {@code TERM_IN_PROGRESS} while the instance is being closed, {@code
     *     CLIENT_REQUEST_TO_STOP_SERVICE} when it was asked to stop; {@code BACKUP_ABORT_BY_SERVER} if the instance
     *     asked for that, {@code SESSION_SHARING_VIOLATION} while another thread runs the same request; {@code
     *     INSTANCE_UNAVAILABLE} after a fault that only reopening mends, {@code LOG_WRITE_FAIL} if this is the first
     *     to meet one of the log; {@code READ_VERIFY_FAILURE} or {@code LOG_READ_VERIFY_FAILURE} naming every bad
     *     place if the source is damaged; {@code DISK_FULL} if there is less room than it needs now; {@code
     *     BACKUP_ABORT_BY_CALLER} if it was cancelled; {@code OUT_OF_MEMORY} if the process has none left for the
     *     buffers. Of an incremental or a differential also {@code INVALID_BACKUP} if logging is circular, or was
     *     since the last full or incremental, or if the destination holds another chain; {@code MISSING_FULL_BACKUP}
     *     if a database is in no full backup, or the destination holds none; {@code MISSING_FILE_TO_BACKUP} if log is
     *     missing
     * @throws IllegalStateException if the calling thread has a write transaction open
     */
    public static BackupReport run(Instance instance, BackupRequest request) {
        Engine engine = instance.engine();
        engine.checkNotWriting();
        return request.alone(() -> {
            if (request.kind() == BackupKind.TRUNCATE_ONLY) {
                return engine.threads().call(() -> Truncation.run(engine, request.progress()));
            }
            Backup backup = new Backup(instance, request);
            return OutOfMemory.named(
                    request.destination(), () -> engine.threads().call(backup::run));
        });
    }

    /**
     * The same for an instance that may still be being opened.
     *
     * @throws QuireException {@code BACKUP_NOT_ALLOWED_YET} as long as it is, and what opening met if that has failed
     */
    public static BackupReport run(Opening opening, BackupRequest request) {
        return run(opened(opening), request);
    }

    /** The instance, which must be open. */
    static Instance opened(Opening opening) {
        return opening.instance()
                .orElseThrow(() -> new UnavailableException(
                        QuireError.BACKUP_NOT_ALLOWED_YET, opening.directory(), "the instance is being opened", null));
    }

    private BackupReport run() {
        long start = System.nanoTime();
        Events.Span whole = events.begin();
        Subject place = Subject.file(request.destination(), 0);
        try {
            EventKind started = kind.hasPages() ? EventKind.FULL_STARTED : EventKind.INCREMENTAL_STARTED;
            events.tell(
                    started,
                    place,
                    kind.word() + " backup of " + engine.settings().directory());
            BackupReport done = take(start);
            whole.done(EventKind.BACKUP_DONE, done.subject(request.destination()), text(kind.word() + " backup " + id));
            return done.with(events.told());
        } catch (RuntimeException | Error e) {
            whole.failed(Truncation.end(e), place, e);
            throw e;
        }
    }

    private String text(String what) {
        return notes.isEmpty() ? what : what + "; " + String.join("; ", notes);
    }

    private BackupReport take(long start) {
        boolean published = false;
        try (BackupSession session = BackupSession.begin(engine, kind, progress)) {
            destination.check(engine.settings().directory());
            BackupSet set = kind.buildsOnAnother() ? followed(session) : null;
            if (set == null) {
                prepare(session);
            }
            int low = set == null ? session.generationLow() : set.last().generationHigh() + 1;
            checkCount(session, Lsn.generation(session.durable()) - low + 1);
            Room.check(storage, destination.directory(), Room.ofBackup(storage, session, low));
            destination.begin(set);
            Manifest manifest = set == null ? copyAll(session) : copyLogBehind(session, set);
            int lowest = LogTruncation.oldest(engine);
            publish(session, manifest);
            published = true;
            int released = stamp(session, manifest, lowest);
            destination.complete().forEach(left -> notes.add("left behind: " + left));
            return BackupReport.of(manifest, released, System.nanoTime() - start);
        } catch (RuntimeException | Error e) {
            if (published) {
                destination.keep(e);
            } else {
                destination.clear(e);
            }
            throw e;
        }
    }

    /** Returns how much log went then. */
    private int stamp(BackupSession session, Manifest manifest, int lowest) {
        Events.Span truncation = events.begin();
        try {
            session.stamp(manifest.generationLow(), manifest.generationHigh());
        } catch (RuntimeException | Error e) {
            events.fault(EventKind.HEADERS_NOT_STAMPED, Subject.file(destination.directory(), 0), e);
            throw e;
        }
        int released = LogTruncation.oldest(engine) - lowest;
        Truncation.tell(truncation, session.logDirectory(), lowest, released, "");
        return released;
    }

    /** Makes the destination ready for a full or a copy. */
    private void prepare(BackupSession session) {
        BackupSet earlier = destination.published();
        if (earlier != null && stampLate(session, earlier) && !request.atomic()) {
            session.release();
            throw notEmpty("holds the published backup " + earlier.last().id() + ", of which the headers did not know"
                    + " and now do");
        }
        destination.prepare();
        destination.replaced().ifPresent(replaced -> checkReplaced(session, replaced));
    }

    /**
     * A copy is beside the chain: it does not take the place of one, whose log may be gone. Nor does anything take the
     * place of other people's only backup.
     */
    private void checkReplaced(BackupSession session, Manifest replaced) {
        if (kind == BackupKind.COPY && replaced.kind() == BackupKind.FULL) {
            throw notEmpty("holds the full backup " + replaced.id() + ", whose place a copy does not take");
        }
        if (!replaced.isOf(session)) {
            throw notEmpty("holds the backup " + replaced.id() + " of another instance");
        }
    }

    private QuireException notEmpty(String why) {
        return new QuireException(QuireError.BACKUP_DIRECTORY_NOT_EMPTY, destination.directory(), why, null);
    }

    /** Earlier backups may be there that were published, and of which the headers do not know; whether there were. */
    private boolean stampLate(BackupSession session, BackupSet earlier) {
        if (earlier.full().logSignature() != session.slot().signature()) {
            return false;
        }
        destination.force(earlier); // whoever published it may have ended before
        List<PublishedBackup> stamped = session.stampLate(earlier.members().stream()
                .map(each -> each.published(earlier.full()))
                .toList());
        stamped.forEach(
                each -> notes.add("headers did not know of " + each.kind().word() + ' ' + each.id() + ", and now do"));
        return !stamped.isEmpty();
    }

    /** The set to which this one is added; its last generation must be the one that the log goes on from. */
    private BackupSet followed(BackupSession session) {
        destination.prepare();
        BackupSet set = destination.published();
        stampLate(session, set);
        BackupBase base = session.base();
        ChainEnd.check(storage, session, set, base);
        try { // or log would go for which there is no use behind what is there
            new SetCheck(storage, set.directory(), set.chain(), name -> true, progress).run();
        } catch (CorruptionException e) {
            throw new QuireException(
                    QuireError.INVALID_BACKUP, set.directory(), "is damaged, so nothing is added to it", e);
        }
        return set;
    }

    /** Before hours of copying: more than a manifest can name is not published in the end. */
    static void checkCount(BackupSession session, int count) {
        if (count > ManifestFormat.GENERATIONS_MAX) {
            throw new QuireException(
                    QuireError.INVALID_BACKUP,
                    session.logDirectory(),
                    "generations=" + count + " max=" + ManifestFormat.GENERATIONS_MAX
                            + ": more log than one backup can hold; a full to another place, or a copy, may take less",
                    null);
        }
    }

    private Manifest copyLogBehind(BackupSession session, BackupSet set) {
        Forces forces = new Forces(engine.threads(), engine::appended);
        LogCopy log = copyLog(session, set.last().generationHigh() + 1, forces);
        Manifest.BuiltOn on = new Manifest.BuiltOn(set.full().id(), set.last().id());
        return Manifest.of(session, id, request.label(), 0, on, List.of(), log.generations());
    }

    /** Copies pages and log; when it returns, all of it is verified and forced. */
    private Manifest copyAll(BackupSession session) {
        Forces forces = new Forces(engine.threads(), engine::appended);
        try (PageCopy pages = new PageCopy(storage, engine.threads(), session, forces, progress, events)) {
            pages.plan(source -> file(source.attachment(), ".qdb"));
            pages.copy();
            long consistentFrom = session.durable();
            LogCopy log = copyLog(session, session.generationLow(), forces);
            pages.complete();
            pages.judge(log);
            return manifest(session, log, consistentFrom);
        }
    }

    private LogCopy copyLog(BackupSession session, int low, Forces forces) {
        int next = session.roll();
        GenerationStart current = LogFiles.start(
                storage,
                LogFiles.path(session.logDirectory(), next),
                session.slot().signature(),
                next);
        events.tell(EventKind.LOG_RANGE, Subject.log(session.logDirectory(), 0, low, next - 1), "");
        checkCount(session, next - low);
        LogCopy log = new LogCopy(storage, session, forces, progress, events);
        for (int generation = low; generation < next; generation++) {
            Path source = LogFiles.path(session.logDirectory(), generation);
            log.copy(source, destination.file(LogFiles.name(generation)), generation, current);
        }
        return log;
    }

    private Manifest manifest(BackupSession session, LogCopy log, long consistentFrom) {
        List<Manifest.CopiedDatabase> databases = new ArrayList<>();
        for (BackupSession.Source source : session.sources()) {
            UsageMap use = new UsageMap(source.use());
            try (StoreFile file = storage.create(file(source.attachment(), ".use"))) {
                int crc = use.write(file);
                file.force();
                databases.add(new Manifest.CopiedDatabase(
                        source.attachment(), source.pages(), use.used(source.pages()), use.bytes(), crc));
            }
        }
        return Manifest.of(session, id, request.label(), consistentFrom, null, databases, log.generations());
    }

    private void publish(BackupSession session, Manifest manifest) {
        progress.step(Progress.Phase.PUBLISH, 0, 1);
        destination.write(manifest);
        session.intend(id, manifest.generationLow(), manifest.generationHigh(), manifest.crc());
        destination.publish();
        progress.advance(Progress.Phase.PUBLISH, 1, 1);
    }

    private Path file(Attachment attachment, String extension) {
        return destination.file(attachment.name() + extension);
    }
}

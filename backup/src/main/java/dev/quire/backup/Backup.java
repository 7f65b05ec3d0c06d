package dev.quire.backup;

import dev.quire.Instance;
import dev.quire.durable.Attachment;
import dev.quire.durable.BackupSession;
import dev.quire.durable.Engine;
import dev.quire.io.Progress;
import dev.quire.io.QuireError;
import dev.quire.io.QuireException;
import dev.quire.io.Storage;
import dev.quire.io.StoreFile;
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
 * the mover; then the log is rolled, copied and verified. The manifest comes last, under its name only when everything
 * is forced: before that there is no backup, and on any failure nothing of this one remains.
 */
public final class Backup {

    private final Instance instance;
    private final Engine engine;
    private final Storage storage;
    private final Destination destination;
    private final Progress progress;
    private final List<String> events = new ArrayList<>();
    private final String id;

    private Backup(Instance instance, Path destination, Progress progress) {
        this.instance = instance;
        this.engine = instance.engine();
        this.storage = engine.settings().storage();
        this.progress = progress;
        this.id = String.format("%016x", engine.settings().random().getAsLong());
        this.destination = new Destination(storage, Place.of(storage, destination), id);
    }

    /**
     * Takes a full backup of all attached databases.
     *
     * @param destination a directory that is empty, or a name for one in an existing directory; not inside the instance
     * @throws QuireException {@code INVALID_PATH}, {@code BACKUP_DIRECTORY_NOT_EMPTY}, {@code BACKUP_IN_PROGRESS},
     *     {@code LOGGING_DISABLED}; {@code TERM_IN_PROGRESS} while the instance is being closed; {@code
     *     READ_VERIFY_FAILURE} or {@code LOG_READ_VERIFY_FAILURE} naming every bad place if the source is damaged;
     *     {@code DISK_FULL} if there is less room than it needs now; {@code BACKUP_ABORT_BY_CALLER} if it was
     *     cancelled; {@code OUT_OF_MEMORY} if the process has none left for the buffers
     * @throws IllegalStateException if the calling thread has a write transaction open
     */
    public static BackupReport full(Instance instance, Path destination, Progress progress) {
        Objects.requireNonNull(progress, "progress");
        instance.engine().checkNotWriting();
        Backup backup = new Backup(instance, destination, progress);
        return OutOfMemory.named(destination, () -> backup.engine.threads().call(backup::run));
    }

    private BackupReport run() {
        long start = System.nanoTime();
        boolean published = false;
        try (BackupSession session = BackupSession.begin(engine, progress)) {
            destination.check(engine.settings().directory());
            complete(session);
            destination.prepare();
            Room.check(storage, destination.directory(), Room.ofBackup(storage, session));
            event("full backup started, log from " + Lsn.toString(session.redoStart()));
            Manifest manifest = copy(session);
            publish(session, manifest);
            published = true;
            session.stamp(manifest.generationLow(), manifest.generationHigh());
            event("headers stamped, log no longer needed released");
            destination.release();
            return report(manifest, System.nanoTime() - start);
        } catch (RuntimeException | Error e) {
            if (published) {
                destination.keep(e);
            } else {
                destination.clear(e);
            }
            throw e;
        }
    }

    /** An earlier backup may be there that was published, and of which the headers do not know. */
    private void complete(BackupSession session) {
        Manifest earlier = destination.published();
        if (earlier != null
                && earlier.logSignature() == session.slot().signature()
                && session.stampLate(
                        earlier.id(),
                        earlier.createdMs(),
                        earlier.generationLow(),
                        earlier.generationHigh(),
                        earlier.databases().stream()
                                .map(Manifest.CopiedDatabase::attachment)
                                .toList())) {
            throw new QuireException(
                    QuireError.BACKUP_DIRECTORY_NOT_EMPTY,
                    destination.directory(),
                    "holds the published backup " + earlier.id() + ", of which the headers did not know and now do",
                    null);
        }
    }

    /** Copies pages and log; when it returns, all of it is verified and forced. */
    private Manifest copy(BackupSession session) {
        Forces forces = new Forces(engine.threads());
        try (PageCopy pages = new PageCopy(storage, engine.threads(), session.latch(), forces, progress)) {
            pages.plan(session, source -> file(source.attachment(), ".qdb"));
            pages.copy(database -> event("copying " + database));
            long consistentFrom = session.durable();
            event("pages copied");
            LogCopy log = copyLog(session, forces);
            event("pages verified and forced: " + pages.complete());
            pages.judge(log);
            return manifest(session, log, consistentFrom);
        }
    }

    private LogCopy copyLog(BackupSession session, Forces forces) {
        int next = session.roll();
        GenerationStart current = LogFiles.start(
                storage,
                LogFiles.path(session.logDirectory(), next),
                session.slot().signature(),
                next);
        event("log rolled to generation " + next);
        LogCopy log = new LogCopy(storage, session.slot().signature(), forces, progress);
        for (int generation = session.generationLow(); generation < next; generation++) {
            Path source = LogFiles.path(session.logDirectory(), generation);
            log.copy(source, destination.file(LogFiles.name(generation)), generation, session, current);
        }
        event("log copied and verified: generations " + session.generationLow() + " to " + (next - 1));
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
        Manifest.CopiedGeneration last = log.generations().get(log.generations().size() - 1);
        return new Manifest(
                id,
                "full",
                session.markedAtMs(),
                session.slot().signature(),
                session.slot().generationBytes(),
                session.redoStart(),
                consistentFrom,
                Lsn.of(last.generation(), last.closingOffset()),
                session.nextDatabaseId(),
                databases,
                log.generations());
    }

    private void publish(BackupSession session, Manifest manifest) {
        progress.step(Progress.Phase.PUBLISH, 0, 1);
        destination.write(manifest);
        session.intend(id, manifest.generationLow(), manifest.generationHigh());
        destination.publish();
        event("published as " + id);
        progress.advance(Progress.Phase.PUBLISH, 1, 1);
    }

    private Path file(Attachment attachment, String extension) {
        return destination.file(attachment.name() + extension);
    }

    private BackupReport report(Manifest manifest, long nanos) {
        long pages = manifest.databases().stream()
                .mapToLong(Manifest.CopiedDatabase::usedPages)
                .sum();
        long bytes = manifest.databases().stream()
                .mapToLong(Manifest.CopiedDatabase::usedBytes)
                .sum();
        long logBytes = manifest.generations().stream()
                .mapToLong(Manifest.CopiedGeneration::closingOffset)
                .sum();
        return new BackupReport(
                id,
                manifest.databases().stream()
                        .map(each -> each.attachment().name())
                        .toList(),
                pages,
                bytes,
                manifest.generationLow(),
                manifest.generationHigh(),
                logBytes,
                manifest.consistentFrom(),
                manifest.end(),
                nanos,
                List.copyOf(events));
    }

    private void event(String what) {
        events.add(what);
        System.getLogger(Backup.class.getName())
                .log(System.Logger.Level.DEBUG, "backup {0} of {1}: {2}", id, instance.directory(), what);
    }
}

package dev.quire.backup;

import dev.quire.durable.Attachment;
import dev.quire.durable.Engine;
import dev.quire.durable.EngineSettings;
import dev.quire.durable.EngineThreads;
import dev.quire.durable.Mended;
import dev.quire.durable.Names;
import dev.quire.durable.RecoveryReport;
import dev.quire.durable.RestoredFiles;
import dev.quire.io.CorruptionException;
import dev.quire.io.EventKind;
import dev.quire.io.Events;
import dev.quire.io.NotFoundException;
import dev.quire.io.OperationEvent.Operation;
import dev.quire.io.OperationEvent.Subject;
import dev.quire.io.Progress;
import dev.quire.io.QuireError;
import dev.quire.io.QuireException;
import dev.quire.io.Storage;
import dev.quire.io.StoreFile;
import dev.quire.io.log.LogFiles;
import dev.quire.io.page.DatabaseHeader;
import dev.quire.pages.DatabasePages;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;

/**
 * Makes an instance of a backup. Everything happens in a directory beside the target: the backup is copied and
 * verified where it arrived, its log is replayed, and the result gets a log stream of its own, so that no old
 * chain of backups can be continued on it. Only then does it take the name of the target, in one step.
 */
public final class Restore {

    private static final int GUARD_HALF_BYTES = 4 << 20;
    /** Beside databases and log. */
    private static final long OTHER_BYTES = RestoredFiles.bytes(GUARD_HALF_BYTES);

    private static final long MEMORY_BYTES = 256L << 20;

    private final Storage storage;
    private final Path backup;
    private final Path target;
    private final Stage stage;
    private final Progress progress;
    private final EngineThreads threads;
    private final Events events;
    private final LongSupplier random;
    private final List<Mended> mended = new ArrayList<>();
    private BackupSet set;
    private List<Manifest> members = List.of();
    private List<String> databases = List.of();
    private long bytes;

    private Restore(
            Storage storage, Path backup, Path target, Progress progress, EngineThreads threads, LongSupplier random) {
        this.storage = storage;
        this.backup = backup.toAbsolutePath().normalize();
        this.target = Place.of(storage, target);
        this.stage = new Stage(storage, this.target);
        this.progress = progress;
        this.threads = threads;
        this.events = new Events(Operation.RESTORE, "", progress);
        this.random = random;
    }

    /**
     * Restores what was published in a directory, to the end: a full with the incrementals behind it and a differential
     * that goes further, or a copy.
     *
     * @param target an empty directory, or a name for one in an existing directory
     * @throws QuireException {@code INVALID_PATH} if the target cannot be used; {@code INVALID_BACKUP} if there is no
     *     backup; those of {@link BackupSet#read} if a chain has a hole; {@code DISK_FULL} if there is less room than
     *     it needs; {@link CorruptionException} naming every bad place if it is damaged. The target is as it was then
     */
    public static RestoreReport restore(Storage storage, Path backup, Path target, Progress progress) {
        return restore(storage, backup, target, progress, true, new SecureRandom()::nextLong);
    }

    /** The same; without {@code background} everything happens on the caller's thread. For tests. */
    public static RestoreReport restore(
            Storage storage, Path backup, Path target, Progress progress, boolean background, LongSupplier random) {
        try (EngineThreads threads = new EngineThreads(background, "restore")) {
            Restore restore = new Restore(storage, backup, target, progress, threads, random);
            return OutOfMemory.named(target, () -> threads.call(restore::run));
        }
    }

    private RestoreReport run() {
        Events.Span whole = events.begin();
        try {
            events.tell(EventKind.RESTORE_STARTED, Subject.file(backup, 0), "to " + target);
            RestoreReport done = make(System.nanoTime());
            whole.done(EventKind.RESTORE_DONE, Subject.file(target, done.bytes()), "of " + done.members());
            return done;
        } catch (RuntimeException | Error e) {
            whole.failed(EventKind.RESTORE_FAILED, Subject.file(target, 0), e);
            throw e;
        }
    }

    private RestoreReport make(long start) {
        checkTarget();
        set = BackupSet.read(storage, backup);
        members = set.toTheEnd();
        Manifest full = set.full();
        try {
            stage.claim();
            checkTarget(); // somebody's restore may have been published meanwhile
            Room.check(storage, target.getParent(), Room.ofRestore(members, OTHER_BYTES));
            new SetCheck(storage, set.directory(), members).run();
            stage.prepare();
            RecoveryReport replayed = buildOfAll(full);
            progress.step(Progress.Phase.PUBLISH, 0, 1);
            stage.publish();
            progress.advance(Progress.Phase.PUBLISH, 1, 1);
            stage.release();
            return new RestoreReport(
                    full.id(),
                    members.stream().map(Manifest::id).toList(),
                    databases,
                    bytes,
                    replayed.commits(),
                    replayed.records(),
                    replayed.end(),
                    System.nanoTime() - start,
                    List.copyOf(mended));
        } catch (QuireException e) {
            QuireException judged = set.judged(storage, backup, e);
            stage.clear(judged);
            throw judged;
        } catch (RuntimeException | Error e) {
            stage.clear(e);
            throw e;
        }
    }

    private void checkTarget() {
        Path parent = target.getParent();
        if (parent == null || storage.kind(parent) != Storage.Kind.DIRECTORY) {
            throw new QuireException(QuireError.INVALID_PATH, target, "the directory above it does not exist", null);
        }
        Storage.Kind kind = storage.kind(target);
        if (kind == Storage.Kind.FILE || kind == Storage.Kind.OTHER) {
            throw new QuireException(QuireError.INVALID_PATH, target, "is not a directory", null);
        }
        if (kind == Storage.Kind.DIRECTORY && !storage.list(target).isEmpty()) {
            throw new QuireException(QuireError.INVALID_PATH, target, "is not empty", null);
        }
        Path real = storage.realPath(target);
        Path realBackup = storage.realPath(backup);
        if (real.startsWith(realBackup) || realBackup.startsWith(real)) {
            throw new QuireException(
                    QuireError.INVALID_PATH, target, "lies inside the backup, or the backup inside it", null);
        }
        Place.checkOutsideInstances(storage, target);
    }

    /** What a manifest names and is not there has been lost. */
    private RecoveryReport buildOfAll(Manifest manifest) {
        try {
            return build(manifest);
        } catch (NotFoundException e) {
            throw new CorruptionException(e.error(), e.file().orElse(backup), "is missing in the backup", e);
        }
    }

    private RecoveryReport build(Manifest manifest) {
        EngineSettings settings = settings(manifest);
        Path log = stage.directory().resolve(Names.LOG);
        storage.createDirectory(log);
        StagedPages pages = new StagedPages(storage, threads, progress, events, mended);
        long total = manifest.databases().stream()
                .mapToLong(Manifest.CopiedDatabase::usedBytes)
                .sum();
        pages.expect(total);
        for (Manifest.CopiedDatabase database : manifest.databases()) {
            pages.copy(
                    manifest,
                    set.directory(),
                    database,
                    Names.database(stage.directory(), database.attachment().name()));
        }
        LogReplayCheck check = new LogReplayCheck(storage, manifest);
        for (Manifest member : members) {
            for (Manifest.CopiedGeneration generation : member.generations()) {
                Path to = LogFiles.path(log, generation.generation());
                Path from = member.generationFile(set.directory(), generation.generation());
                new FileSteps(events, from).run(() -> {
                    copyLog(member, generation, from, to);
                    check.add(generation, to, from);
                    return Subject.log(
                            from, generation.closingOffset(), generation.generation(), generation.generation());
                });
            }
        }
        pages.judge(check.imaged());
        bytes = total + check.bytes();
        List<Attachment> attachments = manifest.databases().stream()
                .map(Manifest.CopiedDatabase::attachment)
                .toList();
        Manifest last = members.get(members.size() - 1);
        RestoredFiles.complete(
                settings,
                manifest.logSignature(),
                manifest.redoStart(),
                last.end(),
                last.generationHigh(),
                last.nextDatabaseId(),
                attachments);
        return replay(settings, manifest);
    }

    private RecoveryReport replay(EngineSettings settings, Manifest manifest) {
        progress.step(Progress.Phase.REPLAY, 0, bytes);
        RecoveryReport report;
        try (Engine engine = Engine.open(settings)) {
            report = engine.report();
            databases = engine.databases().stream().map(DatabasePages::name).toList();
        }
        if (report.end() < manifest.consistentFrom()) {
            throw new CorruptionException(
                    QuireError.ENDING_RESTORE_LOG_TOO_LOW, backup, "the log ends before the pages do", null);
        }
        Engine.beginNewStream(settings);
        progress.step(Progress.Phase.REPLAY, bytes, bytes);
        return report;
    }

    private void copyLog(Manifest manifest, Manifest.CopiedGeneration generation, Path from, Path to) {
        try (StoreFile source = storage.open(from, Storage.Access.READ);
                StoreFile copy = storage.create(to)) {
            int closing = generation.closingOffset();
            if (source.size() < closing) {
                throw new CorruptionException(
                        QuireError.LOG_TORN_WRITE_DURING_HARD_RESTORE,
                        from,
                        "has " + source.size() + " bytes, expected " + closing,
                        null);
            }
            Pieces.copy(source, copy, closing, progress, (end, piece) -> progress.check(Progress.Phase.LOG));
            copy.allocate(closing, manifest.generationBytes());
            copy.force();
        }
    }

    private EngineSettings settings(Manifest manifest) {
        return new EngineSettings(
                storage,
                stage.directory(),
                manifest.generationBytes(),
                MEMORY_BYTES,
                GUARD_HALF_BYTES,
                64L << 20,
                Long.MAX_VALUE,
                Long.MAX_VALUE / 4_000_000,
                0,
                128,
                true,
                true,
                false,
                threads.background(),
                progress,
                System::currentTimeMillis,
                random);
    }

    static DatabaseHeader restored(DatabaseHeader copied, Manifest manifest, Manifest.CopiedDatabase database) {
        return copied.withoutStamps()
                .withState(DatabaseHeader.State.DIRTY)
                .withDatabaseId(database.attachment().id())
                .withLogSignature(manifest.logSignature())
                .withPageCount(database.pages())
                .withRequiredUpTo(manifest.consistentFrom())
                .withCommittedUpTo(manifest.consistentFrom());
    }
}

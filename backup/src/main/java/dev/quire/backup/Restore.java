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
import dev.quire.io.log.Lsn;
import dev.quire.io.log.RecordHandler;
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

    static final int GUARD_HALF_BYTES = 4 << 20;

    private static final long MEMORY_BYTES = 256L << 20;

    private final Storage storage;
    private final RestoreRequest request;
    private final Path backup;
    private final Path target;
    private final Stage stage;
    private final HeardProgress progress;
    private final LogSteps logSteps;
    private final EngineThreads threads;
    private final Events events;
    private final LongSupplier random;
    private final List<Mended> mended = new ArrayList<>();
    private RestoreScan scan;
    private List<String> databases = List.of();
    private long bytes;

    private Restore(Storage storage, RestoreRequest request, EngineThreads threads, LongSupplier random) {
        this.storage = storage;
        this.request = request;
        this.backup = request.backup().toAbsolutePath().normalize();
        this.target = Place.of(storage, request.target());
        this.stage = new Stage(storage, this.target);
        this.progress = new HeardProgress(request.progress());
        this.logSteps = new LogSteps(progress);
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
        return run(
                storage, RestoreRequest.of(backup).to(target).progress(progress).conclude());
    }

    /** The same; without {@code background} everything happens on the caller's thread. For tests. */
    public static RestoreReport restore(
            Storage storage, Path backup, Path target, Progress progress, boolean background, LongSupplier random) {
        RestoreRequest request =
                RestoreRequest.of(backup).to(target).progress(progress).conclude();
        return run(storage, request, background, random);
    }

    /**
     * Restores what a request asks for.
     *
     * @throws QuireException those of {@link #restore(Storage, Path, Path, Progress)}; {@code INVALID_PARAMETER} if the
     *     request names no target; {@code ENDING_RESTORE_LOG_TOO_LOW} if the point to stop at is outside of what can be
     *     restored, naming that; {@code OBJECT_NOT_FOUND} if there is no such restore point; {@code DATABASE_NOT_FOUND}
     *     if a database is not attached there, {@code DATABASE_DUPLICATE} if two would have one name, {@code
     *     ATTACHED_DATABASE_MISMATCH} if one was attached from elsewhere since; of the log of an instance {@code
     *     EXISTING_LOG_FILE_HAS_BAD_SIGNATURE}, {@code EXISTING_LOG_FILE_IS_NOT_CONTIGUOUS}, {@code
     *     MISSING_CURRENT_LOG_FILES}, {@code LOG_CORRUPT_DURING_HARD_RECOVERY}. The target is as it was then
     */
    public static RestoreReport run(Storage storage, RestoreRequest request) {
        return run(storage, request, true, new SecureRandom()::nextLong);
    }

    /** The same; without {@code background} everything happens on the caller's thread. For tests. */
    static RestoreReport run(Storage storage, RestoreRequest request, boolean background, LongSupplier random) {
        if (request.target() == null) {
            throw new QuireException(QuireError.INVALID_PARAMETER, "a restore needs a target");
        }
        try (EngineThreads threads = new EngineThreads(background, "restore")) {
            Restore restore = new Restore(storage, request, threads, random);
            return OutOfMemory.named(request.target(), () -> threads.call(restore::run));
        }
    }

    /**
     * Finds out what a restore would take and reach: reads the manifests, the beginnings of all files and the log, and
     * writes nothing. The target is not looked at.
     *
     * @throws QuireException as {@link #run(Storage, RestoreRequest)}, as far as that is known before a page is copied
     */
    public static RestorePlan plan(Storage storage, RestoreRequest request) {
        try (EngineThreads threads = new EngineThreads(true, "restore")) {
            return OutOfMemory.named(
                    request.backup(),
                    () -> threads.call(() -> {
                        RestoreScan scan = new RestoreScan(storage, request, true, new LogSteps(request.progress()));
                        try {
                            scan.look(true);
                            return scan.plan();
                        } catch (QuireException e) {
                            throw scan.judged(e);
                        }
                    }));
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
        scan = new RestoreScan(storage, request, threads.background(), logSteps);
        try {
            stage.claim();
            checkTarget(); // somebody's restore may have been published meanwhile
            look();
            stage.prepare();
            RecoveryReport replayed = buildOfAll(scan.full());
            progress.step(Progress.Phase.PUBLISH, 0, 1);
            stage.publish();
            progress.advance(Progress.Phase.PUBLISH, 1, 1);
            stage.release();
            return report(replayed, System.nanoTime() - start);
        } catch (QuireException e) {
            QuireException judged = scan.judged(e);
            stage.clear(judged);
            throw judged;
        } catch (RuntimeException | Error e) {
            stage.clear(e);
            throw e;
        }
    }

    private void look() {
        scan.look(false);
        Room.check(storage, target.getParent(), scan.neededBytes());
    }

    private RestoreReport report(RecoveryReport replayed, long nanos) {
        return new RestoreReport(
                scan.full().id(),
                scan.memberIds(),
                databases,
                bytes,
                replayed.commits(),
                replayed.records(),
                scan.reached(replayed.end()),
                scan.reachedTimeMs(),
                scan.rolledForward(),
                scan.leftOut(),
                scan.lostFrom(),
                scan.lost(),
                nanos,
                List.copyOf(mended));
    }

    private void checkTarget() {
        Path parent = target.getParent();
        if (parent == null || storage.kind(parent) != Storage.Kind.DIRECTORY) {
            throw new QuireException(QuireError.INVALID_PATH, target, "the directory above it does not exist", null);
        }
        checkReplaceable();
        Path real = storage.realPath(target);
        Path realBackup = storage.realPath(backup);
        if (real.startsWith(realBackup) || realBackup.startsWith(real)) {
            throw new QuireException(
                    QuireError.INVALID_PATH, target, "lies inside the backup, or the backup inside it", null);
        }
        if (request.rollForward() != null && isIn(real, request.rollForward())) {
            throw new QuireException(QuireError.INVALID_PATH, target, "lies inside the log that is added", null);
        }
        Place.checkOutsideInstances(storage, target);
    }

    /** It is nothing, or gives its name away: an empty directory, which what is made beside it can replace. */
    private void checkReplaceable() {
        Storage.Kind kind = storage.kind(target);
        if (kind == Storage.Kind.NONE) {
            return;
        }
        if (kind != Storage.Kind.DIRECTORY) {
            throw Place.notADirectory(storage, target);
        }
        if (storage.isMountPoint(target)) {
            throw new QuireException(
                    QuireError.INVALID_PATH,
                    target,
                    "is a mount point: it cannot be replaced by what is made beside it, in another file system; a"
                            + " directory below it can",
                    null);
        }
        List<String> names = storage.list(target);
        if (!names.isEmpty()) {
            throw new QuireException(QuireError.INVALID_PATH, target, "is not empty: found " + Place.some(names), null);
        }
    }

    private boolean isIn(Path real, Path directory) {
        return real.startsWith(storage.realPath(directory.toAbsolutePath().normalize()));
    }

    /** What a manifest names and is not there has been lost. */
    private RecoveryReport buildOfAll(Manifest manifest) {
        try {
            return build(manifest);
        } catch (NotFoundException e) {
            progress.again();
            throw new CorruptionException(e.error(), e.file().orElse(backup), "is missing in the backup", e);
        }
    }

    private RecoveryReport build(Manifest manifest) {
        EngineSettings settings = settings(manifest);
        Path log = stage.directory().resolve(Names.LOG);
        storage.createDirectory(log);
        StagedPages pages = new StagedPages(storage, threads, progress, events, mended);
        long total = scan.databases().stream()
                .mapToLong(Manifest.CopiedDatabase::usedBytes)
                .sum();
        pages.expect(total);
        List<Attachment> attachments = new ArrayList<>();
        for (Manifest.CopiedDatabase database : scan.databases()) {
            Attachment restored = scan.scope().of(database.attachment());
            pages.copy(manifest, scan.set().directory(), database, Names.database(stage.directory(), restored.name()));
            attachments.add(restored);
        }
        LogReplayCheck check = copyLog(manifest, log);
        pages.judge(check.imaged());
        bytes = total + check.bytes();
        TakenGeneration last = scan.generations().get(scan.generations().size() - 1);
        RestoredFiles.complete(
                settings,
                manifest.logSignature(),
                manifest.redoStart(),
                Lsn.of(last.number(), last.generation().closingOffset()),
                last.number(),
                scan.nextDatabaseId(),
                attachments);
        return replay(settings, manifest);
    }

    private RecoveryReport replay(EngineSettings settings, Manifest manifest) {
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
        return report;
    }

    private LogReplayCheck copyLog(Manifest manifest, Path log) {
        RecordHandler unsearched = scan.unsearched()
                .<RecordHandler>map(search -> search)
                .orElse((lsn, type, buffer, offset, length) -> {});
        LogReplayCheck check =
                new LogReplayCheck(storage, manifest, scan.scope().limit(), unsearched, logSteps);
        logSteps.ahead(RestoreScan.bytes(scan.generations()));
        for (TakenGeneration taken : scan.generations()) {
            Path to = LogFiles.path(log, taken.number());
            new FileSteps(events, taken.file()).run(() -> {
                taken.read(logSteps, () -> copy(taken, manifest.generationBytes(), to));
                check.add(taken, to, bytes -> logSteps.check());
                return Subject.log(taken.file(), taken.generation().closingOffset(), taken.number(), taken.number());
            });
        }
        logSteps.end();
        return check;
    }

    private void copy(TakenGeneration taken, int generationBytes, Path to) {
        Path from = taken.file();
        try (StoreFile source = storage.open(from, Storage.Access.READ);
                StoreFile copy = storage.create(to)) {
            int closing = taken.generation().closingOffset();
            if (taken.ofSet()) {
                SetCheck.checkLength(from, source.size(), closing);
            } else if (source.size() < closing) {
                throw new CorruptionException(
                        QuireError.LOG_CORRUPT_DURING_HARD_RECOVERY,
                        from,
                        "has " + source.size() + " bytes, expected " + closing,
                        null);
            }
            Pieces.copy(source, copy, closing, progress, (end, piece) -> logSteps.done(piece));
            copy.allocate(closing, generationBytes);
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
                scan.scope(),
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

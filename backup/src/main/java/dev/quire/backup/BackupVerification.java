package dev.quire.backup;

import dev.quire.durable.EngineThreads;
import dev.quire.durable.Mended;
import dev.quire.io.CorruptionException;
import dev.quire.io.Events;
import dev.quire.io.OperationEvent.Operation;
import dev.quire.io.OperationEvent.Subject;
import dev.quire.io.Progress;
import dev.quire.io.QuireError;
import dev.quire.io.QuireException;
import dev.quire.io.Storage;
import dev.quire.io.StoreFile;
import dev.quire.io.log.GenerationInfo;
import dev.quire.io.log.GenerationStart;
import dev.quire.io.log.LogFiles;
import dev.quire.io.page.DatabaseHeader;
import dev.quire.io.page.PageSweep;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;

/**
 * Verifies what is published in a directory, at rest, without restoring it: the manifests and that they belong to one
 * chain, every page in use, every batch of the log and that its generations continue one another, also from one backup
 * to the next. Reports every fault and goes on; changes nothing.
 */
public final class BackupVerification {

    private static final int CHUNK_BYTES = 64 << 20;
    private static final int FAULTS_TOLD_MAX = 1_000;

    private final Storage storage;
    private final Path given;
    private final BackupSet set;
    private final Path backup;
    private final HeardProgress progress;
    private final Events events;
    private final Manifest manifest;
    private final BadPages.Faults faults = new BadPages.Faults(FAULTS_TOLD_MAX);
    private final List<BadPages> badPages = new ArrayList<>();
    private final ImagedPages imaged = new ImagedPages();
    private final AtomicLong pageBytesDone = new AtomicLong();
    private final ReentrantLock reporting = new ReentrantLock();
    private final LogSteps logSteps;
    private final long pageBytes;
    private long records;
    private long logBytes;

    private BackupVerification(Storage storage, Path given, Progress caller) {
        this.storage = storage;
        this.progress = new HeardProgress(caller);
        this.logSteps = new LogSteps(progress);
        this.given = given;
        this.set = BackupSet.read(storage, given, fault -> faults.add(fault.getMessage()));
        this.backup = set.directory();
        this.manifest = set.full();
        this.events = new Events(Operation.VERIFY, manifest.id(), progress);
        this.pageBytes = manifest.databases().stream()
                .mapToLong(Manifest.CopiedDatabase::usedBytes)
                .sum();
    }

    /**
     * Verifies the backup in a directory, on all processors.
     *
     * @throws QuireException {@code INVALID_BACKUP} if there is no manifest of a full or copy, or it is damaged; {@code
     *     BACKUP_IN_PROGRESS} if an atomic backup takes its place meanwhile; {@code BACKUP_ABORT_BY_CALLER} if it was
     *     cancelled
     */
    public static VerifyReport verify(Storage storage, Path backup, Progress progress) {
        Path given = backup.toAbsolutePath().normalize();
        try (EngineThreads threads = new EngineThreads(true, "verify")) {
            return OutOfMemory.named(
                    given, () -> threads.call(() -> new BackupVerification(storage, given, progress).run(threads)));
        }
    }

    private VerifyReport run(EngineThreads threads) {
        for (Manifest.CopiedDatabase database : manifest.databases()) {
            Path file = manifest.databaseFile(backup, database);
            guarded(() -> new FileSteps(events, file).run(() -> {
                database(threads, database, file);
                return Subject.file(file, database.usedBytes());
            }));
        }
        log();
        badPages.forEach(bad -> FileSteps.bad(events, bad, imaged, faults));
        if (!faults.told().isEmpty() && !set.isThere(storage, given)) {
            throw BackupSet.replaced(given, null);
        }
        long pages = manifest.databases().stream()
                .mapToLong(Manifest.CopiedDatabase::usedPages)
                .sum();
        List<Mended> rebuilt =
                badPages.stream().flatMap(bad -> bad.rebuilt().stream()).toList();
        return new VerifyReport(manifest, set.members(), pages, pageBytes, records, logBytes, faults.told(), rebuilt);
    }

    private void database(EngineThreads threads, Manifest.CopiedDatabase database, Path path) {
        DatabaseHeader header = DatabaseHeader.read(storage, path, damage -> faults.add(damage.getMessage()));
        SetCheck.checkCopy(path, header, manifest, database);
        UsageMap use =
                UsageMap.read(storage, manifest.usageFile(backup, database), database.useBytes(), database.useCrc());
        if (use.used(database.pages()) != database.usedPages()) {
            faults.add(path + ": usedPages=" + database.usedPages() + ", the map of its pages has "
                    + use.used(database.pages()));
        }
        try (StoreFile file = storage.open(path, Storage.Access.READ)) {
            pages(threads, database, use, file);
            SetCheck.checkLength(path, file.size(), use, header.pageSize());
        }
    }

    private void pages(EngineThreads threads, Manifest.CopiedDatabase database, UsageMap use, StoreFile file) {
        int pageSize = database.attachment().pageSize();
        BadPages bad = new BadPages(database.attachment().id(), file.path(), use);
        badPages.add(bad);
        report(use.used(0, 2) * pageSize); // the header and its shadow
        List<Future<?>> chunks = new ArrayList<>();
        AtomicLong next = new AtomicLong(2);
        LongAdder readTwice = new LongAdder();
        for (int i = 0; i < Runtime.getRuntime().availableProcessors(); i++) {
            chunks.add(threads.start(() -> {
                PageSweep sweep =
                        new PageSweep(file, pageSize, database.attachment().signature(), use).freeIsZeros();
                while (next.get() < use.end()) {
                    long chunk = progress.limit().piece(CHUNK_BYTES, pageSize);
                    long begin = next.getAndAdd(chunk / pageSize);
                    long from = use.nextStart(begin); // what is in front of it is read with the chunk before
                    long to = use.nextStart(Math.max(begin, Math.min(use.end(), begin + chunk / pageSize)));
                    progress.pace(Progress.Phase.VERIFY, (to - from) * pageSize);
                    sweep.sweep(from, to, (page, count, fault) -> bad.add(page, fault));
                    report(use.used(from, to) * pageSize);
                }
                readTwice.add(sweep.readTwice());
            }));
        }
        RuntimeException first = null;
        for (Future<?> each : chunks) {
            try {
                EngineThreads.await(each);
            } catch (RuntimeException e) {
                first = first == null ? e : first;
            }
        }
        FileSteps.readTwice(events, file.path(), readTwice.sum());
        if (first != null) {
            throw first;
        }
    }

    private void report(long bytes) {
        reporting.lock();
        try {
            long done = Math.min(pageBytes, pageBytesDone.addAndGet(bytes));
            progress.step(Progress.Phase.VERIFY, done, pageBytes);
        } finally {
            reporting.unlock();
        }
    }

    private void log() {
        Map<String, List<Manifest>> differentials = set.differentials().stream()
                .collect(Collectors.groupingBy(each -> each.builtOn().previous()));
        logSteps.ahead(set.members().stream().mapToLong(Manifest::logBytes).sum());
        GenerationInfo last = null;
        for (Manifest member : set.chain()) {
            last = log(member, last);
            for (Manifest each : differentials.getOrDefault(member.id(), List.of())) {
                log(each, last);
            }
        }
        logSteps.end();
    }

    private GenerationInfo log(Manifest member, GenerationInfo behind) {
        GenerationInfo last = behind;
        for (Manifest.CopiedGeneration generation : member.generations()) {
            GenerationInfo before = last;
            GenerationInfo[] found = new GenerationInfo[1];
            Path file = member.generationFile(backup, generation.generation());
            guarded(() -> new FileSteps(events, file).run(() -> {
                found[0] = generation(member, generation, file, before);
                return Subject.log(file, generation.closingOffset(), generation.generation(), generation.generation());
            }));
            last = found[0];
        }
        return last;
    }

    private GenerationInfo generation(
            Manifest member, Manifest.CopiedGeneration copied, Path path, GenerationInfo before) {
        long signature = member.logSignature();
        ImagedPages found = new ImagedPages(); // counts only if all of it is sound
        long[] count = new long[1];
        GenerationInfo info = LogFiles.verify(
                storage,
                path,
                signature,
                copied.generation(),
                copied.closingOffset(),
                (lsn, type, buffer, offset, length) -> {
                    count[0]++;
                    if (member.kind().hasPages() && lsn >= manifest.redoStart()) {
                        found.note(type, buffer, offset);
                    }
                },
                logSteps::read);
        SetCheck.checkLength(path, SetCheck.size(storage, path), copied.closingOffset());
        GenerationStart start = LogFiles.start(storage, path, signature, copied.generation());
        if (info.chain() != copied.chain() || before != null && !before.equals(start.previous())) {
            throw new CorruptionException(
                    QuireError.LOG_READ_VERIFY_FAILURE,
                    path,
                    "generation " + copied.generation() + " is not the one that the manifest speaks of",
                    null);
        }
        imaged.addAll(found);
        records += count[0];
        logBytes += copied.closingOffset();
        return info;
    }

    /** A fault of one file is noted and the next one is looked at; what the caller throws ends everything. */
    private void guarded(Runnable task) {
        try {
            task.run();
        } catch (QuireException e) {
            progress.again();
            faults.add(e.getMessage());
        }
    }
}

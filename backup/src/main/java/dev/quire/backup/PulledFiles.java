package dev.quire.backup;

import dev.quire.durable.EngineThreads;
import dev.quire.io.CorruptionException;
import dev.quire.io.Events;
import dev.quire.io.OperationEvent.Subject;
import dev.quire.io.Progress;
import dev.quire.io.QuireError;
import dev.quire.io.QuireException;
import dev.quire.io.Storage;
import dev.quire.io.StoreFile;
import dev.quire.io.log.LogFiles;
import dev.quire.io.page.DatabaseHeader;
import dev.quire.io.page.PageLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.agrona.CloseHelper;

/**
 * The files of an offered backup, stored in a directory: what arrived is verified and forced behind the one who stores,
 * as in a backup that copies by itself. Nothing that was said of them is believed before it was compared.
 */
final class PulledFiles implements AutoCloseable {

    private static final String PAGES = ".qdb";
    private static final String USE = ".use";
    private static final int FILES_MAX = 2 * ManifestFormat.DATABASES_MAX;
    private static final long USE_BYTES_MAX = PageLayout.FILE_BYTES_MAX / PageLayout.PAGE_BYTES_MIN / 2;
    private static final int HEADER_PAGES = 2;
    private static final int LOOK_MS = 2;
    private static final long STAY_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final BackupOffer offer;
    private final Storage storage;
    private final EngineThreads threads;
    private final Path directory;
    private final String id;
    private final Progress progress;
    private final Events events;
    private final Forces forces;
    private final Map<String, Pulled> databases = new TreeMap<>();
    private VerifiedLog log;
    private long done;
    private long total;

    /** A database that arrives. */
    private static final class Pulled {

        private final ExternalFile file;
        private final UsageMap use;
        private StoreFile target;
        private DatabaseHeader header;
        private BadPages bad;
        private ArrivedPages arrived;

        Pulled(ExternalFile file, UsageMap use) {
            this.file = file;
            this.use = use;
        }
    }

    /** Of the backup {@code id}, into a directory that is ours. */
    PulledFiles(
            BackupOffer offer,
            Storage storage,
            EngineThreads threads,
            Path directory,
            String id,
            Progress progress,
            Events events) {
        this.offer = offer;
        this.storage = storage;
        this.threads = threads;
        this.directory = directory;
        this.id = id;
        this.progress = progress;
        this.events = events;
        this.forces = new Forces(threads);
    }

    /** Stores the databases; those behind may still be at the last two of them. */
    void pages() {
        List<ExternalFile> files = offer.databases();
        checkNames(files, FILES_MAX);
        for (ExternalFile file : files) {
            if (file.name().endsWith(USE)) {
                add(file, files);
            }
        }
        if (databases.size() * 2 != files.size()) {
            throw refused("says that there are files=" + files.size() + " of databases=" + databases.size());
        }
        Pulled last = null;
        for (Pulled each : databases.values()) {
            store(each.file, () -> pages(each));
            if (last != null) {
                await(last.arrived::isDone);
                last.arrived.await();
            }
            last = each;
        }
    }

    /** Which pages are in use is stored first: it says which of the others are verified. */
    private void add(ExternalFile map, List<ExternalFile> files) {
        String name = map.name().substring(0, map.name().length() - USE.length()) + PAGES;
        ExternalFile file = files.stream()
                .filter(each -> each.name().equals(name))
                .findAny()
                .orElseThrow(() -> refused("names " + map.name() + " and no " + name));
        if (map.bytes() > USE_BYTES_MAX || !PageLayout.isPageSize(file.unitBytes())) {
            throw refused("says what cannot be: " + map + ", " + file);
        }
        store(map, () -> {
            try (StoreFile target = storage.create(path(map))) {
                pull(map, target, Progress.Phase.PAGES, (end, bytes) -> {});
                target.force();
            }
        });
        UsageMap use = UsageMap.read(storage, path(map), map.bytes());
        if (file.bytes() != Math.max(HEADER_PAGES, use.end()) * file.unitBytes()) {
            throw refused("says what cannot be: " + file + " with pages in use up to " + use.end());
        }
        databases.put(name, new Pulled(file, use));
        total += use.used(use.end()) * file.unitBytes();
    }

    private void pages(Pulled database) {
        int pageSize = database.file.unitBytes();
        database.target = storage.create(path(database.file));
        pull(database.file, database.target, Progress.Phase.PAGES, (end, bytes) -> {
            if (database.arrived == null && end >= HEADER_PAGES * pageSize) {
                begin(database);
            }
            if (database.arrived != null) {
                database.arrived.arrived(end / pageSize, bytes);
            }
            done = Math.min(total, done + bytes);
            progress.step(Progress.Phase.PAGES, done, total);
        });
        if (database.arrived == null) {
            begin(database);
        }
        await(forces::isDone);
        database.arrived.end();
    }

    /** Its header is there. */
    private void begin(Pulled database) {
        Path path = path(database.file);
        DatabaseHeader header = DatabaseHeader.read(storage, path, damage -> {
            throw damage; // one good copy is enough to be restored, and not to be stored
        });
        database.header = header;
        database.bad = new BadPages(header.databaseId(), path, database.use);
        database.arrived = new ArrivedPages(
                database.target, database.file.unitBytes(), header.signature(), database.use, database.bad, forces);
        database.arrived.begin(threads);
    }

    /** Has the log closed, stores and verifies it. */
    void log() {
        List<ExternalFile> files = offer.logFiles();
        checkNames(files, ManifestFormat.GENERATIONS_MAX);
        long bytes = files.stream().mapToLong(ExternalFile::bytes).sum();
        Room.check(storage, directory, bytes);
        long[] before = new long[1];
        for (ExternalFile file : files) {
            int generation = LogFiles.generation(file.name().substring(id.length() + 1));
            if (generation <= 0 || file.bytes() > Integer.MAX_VALUE) {
                throw refused("says what cannot be: " + file);
            }
            store(file, () -> {
                try (StoreFile target = storage.create(path(file))) {
                    pull(file, target, Progress.Phase.LOG, (end, moved) -> {
                        forces.moved(target, moved);
                        progress.step(Progress.Phase.LOG, before[0] + end, bytes);
                    });
                    await(forces::isDone);
                    forces.start(target);
                    verified(path(file)).verify(path(file), generation, (int) file.bytes());
                    await(forces::isDone);
                    forces.await();
                }
            });
            before[0] += file.bytes();
        }
    }

    /** The stream is that of its first generation, which the manifest must name. */
    private VerifiedLog verified(Path file) {
        if (log == null) {
            long redoStart = databases.values().stream()
                    .mapToLong(each -> each.header.requiredFrom())
                    .min()
                    .orElse(Long.MAX_VALUE);
            log = new VerifiedLog(storage, LogFiles.start(storage, file).signature(), redoStart);
        }
        return log;
    }

    /** A disk that is slow may need longer for what has arrived than whoever asks nothing may stay. */
    private void await(BooleanSupplier done) {
        long said = System.nanoTime();
        while (!done.getAsBoolean()) {
            EngineThreads.pause(LOOK_MS);
            progress.check(Progress.Phase.WAIT);
            if (System.nanoTime() - said > STAY_NANOS) {
                offer.stay();
                said = System.nanoTime();
            }
        }
    }

    /** Returns when every page is verified and forced. */
    void complete() {
        await(() -> forces.isDone() && databases.values().stream().allMatch(each -> each.arrived.isDone()));
        databases.values().forEach(each -> each.arrived.await());
        forces.await();
        databases.values().forEach(each -> each.arrived.tellReadTwice(events));
    }

    /**
     * The manifest, judged by what arrived: every number in it that speaks of a file, and every page that did not
     * verify.
     *
     * @param set what it is added to; null for a full or a copy
     * @throws CorruptionException {@code READ_VERIFY_FAILURE} naming the first pages that are bad
     */
    void judge(Manifest manifest, BackupSet set) {
        List<Manifest> chain = new ArrayList<>(set == null ? List.of() : set.chain());
        chain.add(manifest);
        require(log != null && manifest.generations().equals(log.generations()), "generations");
        require(manifest.databases().size() == databases.size(), "number of databases");
        for (Manifest.CopiedDatabase copied : manifest.databases()) {
            Pulled pulled = databases.get(id + '.' + copied.attachment().name() + PAGES);
            require(pulled != null, "name of a database");
            require(pulled.header.databaseId() == copied.attachment().id(), "id of a database");
            require(pulled.header.requiredFrom() == manifest.redoStart(), "redoStart");
            require(pulled.use.used(copied.pages()) == copied.usedPages(), "usedPages");
            require(pulled.use.end() <= copied.pages(), "pages");
        }
        try {
            new SetCheck(storage, directory, chain, name -> true, progress).run();
        } catch (CorruptionException e) {
            throw new CorruptionException(
                    QuireError.READ_VERIFY_FAILURE, directory, "what arrived is not what its manifest says", e);
        }
        BadPages.Faults faults = new BadPages.Faults(BadPages.TOLD_MAX);
        databases.values().forEach(each -> FileSteps.bad(events, each.bad, log.imaged(), faults));
        faults.check("bad pages");
    }

    private void require(boolean holds, String what) {
        if (!holds) {
            throw refused("offers files that its manifest does not speak of: " + what);
        }
    }

    /** The manifest, as it was sent. */
    byte[] manifest(ExternalFile file) {
        if (file.bytes() < 0 || file.bytes() > ManifestFormat.BYTES_MAX) {
            throw refused("says what cannot be: " + file);
        }
        ReceivedBytes received = new ReceivedBytes((int) file.bytes());
        offer.read(file.name(), received);
        return received.toBytes();
    }

    /** Ends what still goes on behind, which is so only after a fault, and closes the files. */
    @Override
    public void close() {
        List<AutoCloseable> parts = new ArrayList<>(List.of(forces));
        for (Pulled each : databases.values()) {
            if (each.arrived != null) {
                parts.add(each.arrived);
            } else if (each.target != null) {
                parts.add(each.target);
            }
        }
        CloseHelper.closeAll(parts);
    }

    private void pull(ExternalFile file, StoreFile target, Progress.Phase phase, Pieces.Piece moved) {
        ArrivingFile arriving = new ArrivingFile(target, file, progress, phase, moved);
        offer.read(file.name(), arriving);
        arriving.end();
    }

    private void store(ExternalFile file, Runnable work) {
        new FileSteps(events, path(file)).run(() -> {
            work.run();
            return Subject.file(path(file), file.bytes());
        });
    }

    private Path path(ExternalFile file) {
        return directory.resolve(file.name());
    }

    /** A name decides where something is written, and a unit by how much it grows. */
    private void checkNames(List<ExternalFile> files, int most) {
        if (files.size() > most) {
            throw refused("says that there are files=" + files.size() + " max=" + most);
        }
        for (ExternalFile file : files) {
            if (!Leftovers.isFileOf(id, file.name()) || file.bytes() < 0 || file.unitBytes() <= 0) {
                throw refused("says what cannot be: " + file);
            }
        }
    }

    private QuireException refused(String what) {
        return new QuireException(QuireError.INVALID_BACKUP, directory, "who offers backup " + id + ' ' + what, null);
    }
}

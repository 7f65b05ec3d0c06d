package dev.quire.backup;

import dev.quire.durable.EngineThreads;
import dev.quire.durable.Mended;
import dev.quire.io.CorruptionException;
import dev.quire.io.Events;
import dev.quire.io.OperationEvent.Subject;
import dev.quire.io.Progress;
import dev.quire.io.QuireError;
import dev.quire.io.Storage;
import dev.quire.io.StoreFile;
import dev.quire.io.page.DatabaseHeader;
import dev.quire.io.page.PageSweep;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Brings the pages of a backup to where they are restored, fills the places of free pages with real zeros, verifies
 * what arrived and that the free pages of the backup are empty, and forces it behind the mover.
 */
final class StagedPages {

    /** What is read of free pages between two looks at whether to go on. */
    private static final long FREE_BYTES = 64 << 20;

    private final Storage storage;
    private final EngineThreads threads;
    private final Progress progress;
    private final Events events;
    private final List<Mended> mended;
    private final List<BadPages> bad = new ArrayList<>();
    private long done;
    private long total;

    StagedPages(Storage storage, EngineThreads threads, Progress progress, Events events, List<Mended> mended) {
        this.storage = storage;
        this.threads = threads;
        this.progress = progress;
        this.events = events;
        this.mended = mended;
    }

    void expect(long bytes) {
        total = bytes;
    }

    /** Copies one database, forced, with a header that says what log it needs. */
    void copy(Manifest manifest, Path backup, Manifest.CopiedDatabase database, Path to) {
        Path from = manifest.databaseFile(backup, database);
        new FileSteps(events, from).run(() -> {
            copy(manifest, backup, database, from, to);
            return Subject.file(from, database.usedBytes());
        });
    }

    private void copy(Manifest manifest, Path backup, Manifest.CopiedDatabase database, Path from, Path to) {
        DatabaseHeader header =
                DatabaseHeader.read(storage, from, damage -> mended.add(new Mended(from, damage.getMessage())));
        SetCheck.checkCopy(from, header, manifest, database);
        UsageMap use =
                UsageMap.read(storage, manifest.usageFile(backup, database), database.useBytes(), database.useCrc());
        if (use.end() > database.pages()) {
            throw new CorruptionException(
                    QuireError.BAD_BACKUP_DATABASE_SIZE, from, "has pages in use behind its end", null);
        }
        try (StoreFile source = storage.open(from, Storage.Access.READ);
                StoreFile target = storage.create(to);
                Forces forces = new Forces(threads)) {
            SetCheck.checkLength(from, source.size(), use, header.pageSize());
            BadPages here = new BadPages(database.attachment().id(), from, use);
            bad.add(here);
            new Move(source, target, database, use, here, forces).run();
            Restore.restored(header, manifest, database).putInto(target);
            forces.start(target); // the disk has its last to do while what arrived is read
            PageSweep sweep = new PageSweep(target, header.pageSize(), header.signature(), use);
            sweep.sweep(2, use.end(), (page, count, fault) -> here.add(page, fault));
            FileSteps.readTwice(events, to, sweep.readTwice());
        }
    }

    /** What does not verify must be rebuilt by the log. */
    void judge(ImagedPages imaged) {
        BadPages.Faults faults = new BadPages.Faults(BadPages.TOLD_MAX);
        for (BadPages each : bad) {
            FileSteps.bad(events, each, imaged, faults);
            each.rebuilt().ifPresent(mended::add);
        }
        if (faults.count() > 0) {
            throw new CorruptionException(
                    QuireError.READ_VERIFY_FAILURE,
                    null,
                    "bad pages in the backup: " + faults.count() + "; " + String.join("; ", faults.told()),
                    null);
        }
    }

    /** The way of one database. */
    private final class Move {

        private final StoreFile source;
        private final StoreFile target;
        private final long pageSize;
        private final long pages;
        private final UsageMap use;
        private final BadPages bad;
        private final Forces forces;
        private final PageSweep free;

        Move(
                StoreFile source,
                StoreFile target,
                Manifest.CopiedDatabase database,
                UsageMap use,
                BadPages bad,
                Forces forces) {
            this.source = source;
            this.target = target;
            this.pageSize = database.attachment().pageSize();
            this.pages = database.pages();
            this.use = use;
            this.bad = bad;
            this.forces = forces;
            this.free = new PageSweep(
                            source,
                            database.attachment().pageSize(),
                            database.attachment().signature(),
                            use)
                    .freeIsZeros();
        }

        void run() {
            target.allocate(0, 2 * pageSize);
            moved(use.used(0, 2) * pageSize); // the header and its shadow are made anew
            long page = 2;
            while (page < pages) {
                long most = progress.limit().piece(PageCopy.UNIT_BYTES, pageSize) / pageSize;
                long used = use.nextUsed(page, pages);
                target.allocate(page * pageSize, used * pageSize);
                checkFree(page, Math.min(used, use.end()));
                long end = use.nextFree(used, Math.min(pages, used + most));
                if (end > used) {
                    progress.pace(Progress.Phase.PAGES, (end - used) * pageSize);
                    source.transferTo(used * pageSize, (end - used) * pageSize, target, used * pageSize);
                    forces.moved(target, (end - used) * pageSize);
                    moved((end - used) * pageSize);
                }
                page = end;
            }
        }

        /** Zeros stand there in the target, whatever the backup has; but something there is damage all the same. */
        private void checkFree(long from, long to) {
            for (long page = from; page < to; ) {
                long most = progress.limit().piece(FREE_BYTES, pageSize) / pageSize;
                long end = Math.min(to, page + most);
                progress.pace(Progress.Phase.PAGES, (end - page) * pageSize);
                progress.check(Progress.Phase.PAGES);
                page = free.sweep(page, end, (at, count, fault) -> bad.add(at, fault));
            }
        }
    }

    private void moved(long bytes) {
        done += bytes;
        progress.step(Progress.Phase.PAGES, done, total);
    }
}

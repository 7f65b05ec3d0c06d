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
 * what arrived, and forces it behind the mover.
 */
final class StagedPages {

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
            target.allocate(0, 2L * header.pageSize());
            move(source, target, use, database, forces);
            Restore.restored(header, manifest, database).putInto(target);
            forces.start(target); // the disk has its last to do while what arrived is read
            PageSweep sweep = new PageSweep(target, header.pageSize(), header.signature(), use);
            BadPages here = new BadPages(database.attachment().id(), from, use);
            bad.add(here);
            sweep.sweep(2, use.end(), (page, count, fault) -> here.add(page, fault));
            FileSteps.readTwice(events, to, sweep.readTwice());
        }
    }

    /** What does not verify must be rebuilt by the log. */
    void judge(ImagedPages imaged) {
        BadPages.Faults faults = new BadPages.Faults(BadPages.TOLD_MAX);
        bad.forEach(each -> FileSteps.bad(events, each, imaged, faults));
        if (faults.count() > 0) {
            throw new CorruptionException(
                    QuireError.READ_VERIFY_FAILURE,
                    null,
                    "bad pages in the backup: " + faults.count() + "; " + String.join("; ", faults.told()),
                    null);
        }
    }

    private void move(
            StoreFile source, StoreFile target, UsageMap use, Manifest.CopiedDatabase database, Forces forces) {
        long pageSize = database.attachment().pageSize();
        long page = 2;
        while (page < database.pages()) {
            long most = progress.limit().piece(PageCopy.UNIT_BYTES, pageSize) / pageSize;
            long used = use.nextUsed(page, database.pages());
            target.allocate(page * pageSize, used * pageSize);
            long end = use.nextFree(used, Math.min(database.pages(), used + most));
            if (end > used) {
                progress.pace(Progress.Phase.PAGES, (end - used) * pageSize);
                source.transferTo(used * pageSize, (end - used) * pageSize, target, used * pageSize);
                forces.moved(target, (end - used) * pageSize);
                done += (end - used) * pageSize;
                progress.step(Progress.Phase.PAGES, done, total);
            }
            page = end;
        }
    }
}

package dev.quire.backup;

import dev.quire.durable.BackupSession;
import dev.quire.durable.EngineThreads;
import dev.quire.durable.RangeLatch;
import dev.quire.io.CorruptionException;
import dev.quire.io.Progress;
import dev.quire.io.QuireError;
import dev.quire.io.Storage;
import dev.quire.io.StoreFile;
import dev.quire.io.page.PageSweep;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;

/**
 * Moves the pages of databases that were in use as of R0 into files of the same shape, and has other threads read back
 * and verify what arrived, behind the mover. Free pages do not travel: their places stay holes.
 *
 * <p>A page that does not verify is not bad yet: it may have been freed and given a new life since R0, of which the log
 * holds a full image. So faults are collected, and judged when the log has been copied.
 */
final class PageCopy {

    /** The most that moves under the latch at once. */
    static final int UNIT_BYTES = 1 << 20;

    private static final long PAUSE_NS = 100_000;

    private final Storage storage;
    private final EngineThreads threads;
    private final RangeLatch latch;
    private final Progress progress;
    private final List<Copied> copies = new ArrayList<>();
    private long pages;
    private long doneBytes;
    private long totalBytes;

    /** One database on its way. */
    private static final class Copied {
        final BackupSession.Source source;
        final UsageMap use;
        final StoreFile target;
        final BadPages bad;
        Future<?> verifier;
        volatile long moved;
        volatile boolean finished;

        Copied(BackupSession.Source source, StoreFile target) {
            this.source = source;
            this.use = new UsageMap(source.use());
            this.bad = new BadPages(source.attachment().id(), target.path(), use);
            this.target = target;
        }

        /** Verifies what has been moved until everything has. */
        void verify() {
            int pageSize = source.file().pageSize();
            PageSweep sweep = new PageSweep(target, pageSize, source.file().signature(), use);
            long margin = UNIT_BYTES / pageSize;
            long at = 2;
            while (at < use.end()) {
                boolean last = finished;
                long to = last ? moved : Math.min(moved - margin, at + 64 * margin);
                if (to > at) {
                    at = sweep.sweep(at, to, (page, count, fault) -> bad.add(page, fault));
                } else if (last) {
                    return;
                } else {
                    LockSupport.parkNanos(PAUSE_NS);
                }
            }
        }
    }

    PageCopy(Storage storage, EngineThreads threads, RangeLatch latch, Progress progress) {
        this.storage = storage;
        this.threads = threads;
        this.latch = latch;
        this.progress = progress;
    }

    /** Makes the target files and knows from here on how much there is to do. */
    void plan(BackupSession session, Function<BackupSession.Source, Path> targets) {
        for (BackupSession.Source source : session.sources()) {
            Copied copied = new Copied(source, storage.create(targets.apply(source)));
            copies.add(copied);
            totalBytes += copied.use.used(source.pages()) * source.file().pageSize();
            CopiedHeader.write(copied.target, source, session);
        }
    }

    /** Copies one database. */
    void copy(BackupSession.Source source) {
        Copied copied =
                copies.stream().filter(c -> c.source.equals(source)).findFirst().orElseThrow();
        if (threads.background()) {
            copied.verifier = threads.start(copied::verify);
        }
        try {
            move(copied);
            copied.target.force();
        } finally {
            copied.finished = true;
            if (copied.verifier != null) {
                EngineThreads.await(copied.verifier);
            }
        }
        if (copied.verifier == null) {
            copied.verify();
        }
        pages += copied.use.used(source.pages());
    }

    /** Closes the files. */
    void finish() {
        copies.forEach(copied -> copied.target.close());
    }

    /** Pages copied and verified. */
    long pages() {
        return pages;
    }

    long used(BackupSession.Source source) {
        return new UsageMap(source.use()).used(source.pages());
    }

    /**
     * Holds the pages that did not verify against the copied log.
     *
     * @throws CorruptionException {@code READ_VERIFY_FAILURE} naming the first pages that are bad, and how many are
     */
    void judge(LogCopy log) {
        BadPages.Faults faults = new BadPages.Faults(BadPages.TOLD_MAX);
        copies.forEach(copied -> copied.bad.judge(log.imaged(), faults));
        if (faults.count() > 0) {
            throw new CorruptionException(
                    QuireError.READ_VERIFY_FAILURE,
                    null,
                    "bad pages: " + faults.count() + "; " + String.join("; ", faults.told()),
                    null);
        }
    }

    private void move(Copied copied) {
        int pageSize = copied.source.file().pageSize();
        long end = copied.use.end();
        long page = copied.use.nextUsed(2, end);
        while (page < end) {
            long runEnd = Math.min(copied.use.nextFree(page, end), page + UNIT_BYTES / pageSize);
            long bytes = (runEnd - page) * pageSize;
            latch.copying();
            try {
                copied.source.file().file().transferTo(page * pageSize, bytes, copied.target, page * pageSize);
            } finally {
                latch.copied();
            }
            copied.moved = runEnd;
            doneBytes += bytes;
            progress.step(Progress.Phase.PAGES, doneBytes, totalBytes);
            page = copied.use.nextUsed(runEnd, end);
        }
        copied.moved = end;
    }
}

package dev.quire.backup;

import dev.quire.durable.BackupSession;
import dev.quire.durable.EngineThreads;
import dev.quire.io.CorruptionException;
import dev.quire.io.Events;
import dev.quire.io.OperationEvent.Subject;
import dev.quire.io.Progress;
import dev.quire.io.Storage;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.agrona.CloseHelper;

/**
 * Moves the pages of databases that were in use as of R0 into files of the same shape; what arrived is verified and
 * forced behind the mover. Beside writers they take another way, past the system's cache. Free pages do not travel:
 * their places stay holes.
 *
 * <p>A page that does not verify is not bad yet: it may have been freed and given a new life since R0, of which the log
 * holds a full image. So faults are collected, and judged when the log has been copied.
 */
final class PageCopy implements AutoCloseable {

    /** The most that moves under the latch at once. */
    static final int UNIT_BYTES = 1 << 20;

    private final Storage storage;
    private final EngineThreads threads;
    private final BackupSession session;
    private final Forces forces;
    private final Progress progress;
    private final Events events;
    private final List<Copied> copies = new ArrayList<>();
    private ByteBuffer memory;
    private long doneBytes;
    private long totalBytes;

    /** A database, and what of it has arrived. */
    record Copied(BackupSession.Source source, UsageMap use, ArrivedPages arrived) {

        Path origin() {
            return source.file().file().path();
        }
    }

    PageCopy(
            Storage storage,
            EngineThreads threads,
            BackupSession session,
            Forces forces,
            Progress progress,
            Events events) {
        this.storage = storage;
        this.threads = threads;
        this.session = session;
        this.forces = forces;
        this.progress = progress;
        this.events = events;
    }

    /** Makes the target files and knows from here on how much there is to do. */
    void plan(Function<BackupSession.Source, Path> targets) {
        for (BackupSession.Source source : session.sources()) {
            UsageMap use = new UsageMap(source.use());
            Path origin = source.file().file().path();
            ArrivedPages arrived = new ArrivedPages(
                    storage.create(targets.apply(source)),
                    source.file().pageSize(),
                    source.file().signature(),
                    use,
                    new BadPages(source.attachment().id(), origin, use),
                    forces);
            copies.add(new Copied(source, use, arrived));
            totalBytes += use.used(source.pages()) * source.file().pageSize();
            CopiedHeader.write(arrived.target(), source, session);
        }
    }

    /** Copies the databases, one after the other. Those behind the mover may still be at the last two of them. */
    void copy() {
        ArrivedPages last = null;
        for (Copied copied : copies) {
            ArrivedPages arrived = copied.arrived();
            new FileSteps(events, copied.origin()).run(() -> {
                arrived.begin(threads);
                moved(copied.use().used(0, 2) * copied.source().file().pageSize()); // the header and its shadow
                long before = doneBytes;
                move(copied);
                arrived.end();
                return Subject.file(copied.origin(), doneBytes - before);
            });
            if (last != null) {
                last.await();
            }
            last = arrived;
        }
    }

    /** Returns when every page is verified and forced. */
    void complete() {
        copies.forEach(copied -> copied.arrived().await());
        forces.await();
        copies.forEach(copied -> copied.arrived().tellReadTwice(events));
    }

    /**
     * Holds the pages that did not verify against the copied log.
     *
     * @throws CorruptionException {@code READ_VERIFY_FAILURE} naming the first pages that are bad, and how many are
     */
    void judge(LogCopy log) {
        BadPages.Faults faults = new BadPages.Faults(BadPages.TOLD_MAX);
        copies.forEach(copied -> FileSteps.bad(events, copied.arrived().bad(), log.imaged(), faults));
        faults.check("bad pages");
    }

    /** Ends what still goes on behind the mover, which is so only after a fault, and closes the files. */
    @Override
    public void close() {
        List<AutoCloseable> parts = new ArrayList<>(List.of(forces));
        copies.forEach(copied -> parts.add(copied.arrived()));
        CloseHelper.closeAll(parts);
    }

    private void move(Copied copied) {
        UsageMap use = copied.use();
        DirectPages direct = null;
        long end = use.end();
        long page = use.nextUsed(2, end);
        while (page < end) {
            long next;
            if (forces.besideWriters()) {
                direct = direct == null ? direct(copied) : direct;
                next = direct.move(page, progress);
            } else {
                next = move(copied, page);
            }
            moved((next - page) * copied.source().file().pageSize());
            page = use.nextUsed(next, end);
        }
        if (direct != null) {
            FileSteps.readTwice(events, copied.origin(), direct.readTwice());
        }
    }

    /** From file to file inside of the system. */
    private long move(Copied copied, long page) {
        BackupSession.Source source = copied.source();
        int pageSize = source.file().pageSize();
        UsageMap use = copied.use();
        long most = progress.limit().piece(UNIT_BYTES, pageSize) / pageSize;
        long runEnd = use.nextFree(page, Math.min(use.end(), page + most));
        long bytes = (runEnd - page) * pageSize;
        progress.pace(Progress.Phase.PAGES, bytes); // with nothing in hand
        session.latch().copying();
        try {
            source.file()
                    .file()
                    .transferTo(page * pageSize, bytes, copied.arrived().target(), page * pageSize);
        } finally {
            session.latch().copied();
        }
        copied.arrived().arrived(runEnd, bytes);
        return runEnd;
    }

    private DirectPages direct(Copied copied) {
        memory = memory == null ? DirectPages.memory() : memory;
        return new DirectPages(session, copied, memory);
    }

    private void moved(long bytes) {
        doneBytes += bytes;
        progress.step(Progress.Phase.PAGES, doneBytes, totalBytes);
    }
}

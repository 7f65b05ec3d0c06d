package dev.quire.durable;

import dev.quire.io.page.DatabaseHeader;
import dev.quire.pages.CommitClock;
import dev.quire.pages.DatabasePages;
import dev.quire.pages.Frame;
import dev.quire.pages.Versions;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/**
 * Brings committed versions from memory to the page files and moves the redo start forward, in the order on which
 * recovery rests:
 *
 * <ol>
 *   <li>choose T: the highest position that the log's force and every reader allow;
 *   <li>force a slot that knows T as forced, and headers that name T as required: from here on the files may hold T;
 *   <li>copy to the guard, force, write in place, force, batch by batch;
 *   <li>force a slot with redo start T;
 *   <li>drop the versions at or below T, and release log.
 * </ol>
 *
 * <p>Runs on engine threads, one at a time. An instance that is halted, or has met a fault, stops it at its next write,
 * as a crash would.
 */
public final class Checkpointer {

    /** A header's dbtime bound is moved ahead in steps of so many changes, so that it is not written for each. */
    private static final long DBTIME_STEP = 1 << 20;

    private final ReentrantLock running = new ReentrantLock();
    private final Versions versions;
    private final CheckpointFile slots;
    private final TornPageGuard guard;
    private final RangeLatch latch;
    private final PageWriteback writeback;
    private final Supplier<Collection<DatabasePages>> databases;
    private final Attachments attachments;
    private final CommitTimes times;
    private final Poison poison;
    private long count;

    Checkpointer(
            Versions versions,
            CheckpointFile slots,
            TornPageGuard guard,
            RangeLatch latch,
            Supplier<Collection<DatabasePages>> databases,
            Attachments attachments,
            CommitTimes times,
            Poison poison) {
        this.versions = versions;
        this.slots = slots;
        this.guard = guard;
        this.latch = latch;
        this.writeback = new PageWriteback(guard, latch, poison);
        this.databases = databases;
        this.attachments = attachments;
        this.times = times;
        this.poison = poison;
    }

    /** Runs a checkpoint; returns its position. A reader that is just entering makes it look again. */
    public long run() {
        running.lock();
        try {
            long position = versions.beginCheckpoint();
            while (position < 0) {
                Thread.onSpinWait();
                position = versions.beginCheckpoint();
            }
            return at(position);
        } finally {
            running.unlock();
        }
    }

    /** Keeps every checkpoint from running until {@link #resume}; waits for one that runs. Same thread for both. */
    public void hold() {
        running.lock();
    }

    /** Ends {@link #hold}. */
    public void resume() {
        running.unlock();
    }

    /** Between the checkpoint's writes and whoever copies pages out of the files. */
    public RangeLatch latch() {
        return latch;
    }

    /** How many checkpoints have completed. */
    public long count() {
        return count;
    }

    /**
     * During recovery: writes everything to the files to win memory, without moving the redo start, so that a crash
     * starts again from the same place.
     */
    void flush() {
        running.lock();
        try {
            long position = versions.beginCheckpoint();
            writePages(position);
            versions.endCheckpoint(databases.get(), position);
        } finally {
            running.unlock();
        }
    }

    void close() {
        guard.close();
        slots.close();
    }

    void closeGuard() {
        guard.close();
    }

    private long at(long position) {
        boolean done = false;
        try {
            CheckpointSlot slot = slots.newest();
            if (position > slot.redoStart()) {
                writePages(position);
                poison.check();
                slots.advance(next -> slot(next, position, false));
            }
            done = true;
        } finally {
            if (!done) {
                versions.abandonCheckpoint();
            }
        }
        versions.endCheckpoint(databases.get(), position);
        attachments.forget(slots.oldestRedoStart());
        count++;
        return position;
    }

    private void writePages(long position) {
        Collection<DatabasePages> all = databases.get();
        List<DatabasePages> concerned = new ArrayList<>();
        List<List<Frame>> dirty = new ArrayList<>();
        for (DatabasePages database : all) {
            List<Frame> frames = versions.dirty(database, position);
            if (!frames.isEmpty()) {
                concerned.add(database);
                dirty.add(frames);
            }
        }
        if (concerned.isEmpty()) {
            return;
        }
        CommitClock clock = versions.clock();
        long redoStart = slots.newest().redoStart();
        poison.check();
        slots.advance(next -> next.started(next.generation(), clock.durable()));
        for (DatabasePages database : concerned) {
            poison.check();
            database.file().writeHeader(header(database, redoStart, position, clock.durable()));
        }
        for (int i = 0; i < concerned.size(); i++) {
            writeback.write(
                    concerned.get(i), dirty.get(i), redoStart, !slots.newest().unlogged());
        }
    }

    private static DatabaseHeader header(DatabasePages database, long redoStart, long required, long committed) {
        DatabaseHeader header = database.file().header();
        long bound = header.dbtimeBound();
        if (bound < database.dbtime()) {
            bound = database.dbtime() + DBTIME_STEP;
        }
        DatabaseHeader.State state =
                header.state() == DatabaseHeader.State.CLEAN ? DatabaseHeader.State.DIRTY : header.state();
        return header.withState(state)
                .withDbtimeBound(bound)
                .withRequiredFrom(redoStart)
                .withRequiredUpTo(Math.max(required, header.requiredUpTo()))
                .withCommittedUpTo(Math.max(committed, header.committedUpTo()));
    }

    /** The slot of a completed checkpoint. */
    CheckpointSlot slot(CheckpointSlot next, long position, boolean clean) {
        return new CheckpointSlot(
                next.sequence(),
                next.signature(),
                position,
                Math.max(next.forced(), Math.max(position, versions.clock().durable())),
                next.generation(),
                clean,
                next.unlogged(),
                attachments.nextId(),
                next.generationBytes(),
                Math.max(next.commitTimeMs(), times.last()),
                attachments.asOf(position));
    }
}

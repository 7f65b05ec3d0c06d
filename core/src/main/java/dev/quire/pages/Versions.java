package dev.quire.pages;

import dev.quire.io.LimitException;
import dev.quire.io.QuireError;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The rule by which versions of pages come and go, for all databases of an instance: under one lock versions are
 * published and pruned, the position of a checkpoint is chosen, and what it has written is dropped.
 *
 * <p>A prune keeps, for each page, every version above F (the newest durable commit: a later force may end at any of
 * them), and the newest at or below F, at or below each registered snapshot, and at or below T, the position of a
 * running checkpoint. When a reader is just entering, nothing is pruned.
 *
 * <p>Memory of a pruned version is free at once: nobody needs it and nobody can come to need it. Memory of a version
 * that was dropped because the file has it may still be read by those who found it before, so it waits until everybody
 * who had entered by then has left.
 */
public final class Versions {

    private static final long NO_CHECKPOINT = -1;

    private final ReentrantLock lock = new ReentrantLock();
    private final ReaderSlots slots = new ReaderSlots();
    private final ReaderSlots.Scan scan = new ReaderSlots.Scan();
    private final ArrayDeque<Retired> retired = new ArrayDeque<>();
    private final CommitClock clock;
    private final FramePool pool;
    private long checkpoint = NO_CHECKPOINT;
    private volatile boolean hasRetired;

    private record Retired(Frame frame, long epoch) {}

    /** Versions in frames of {@code pool}, ordered by {@code clock}. */
    public Versions(FramePool pool, CommitClock clock) {
        this.pool = pool;
        this.clock = clock;
    }

    /** Who reads. */
    public ReaderSlots readers() {
        return slots;
    }

    /** Which commits there are. */
    public CommitClock clock() {
        return clock;
    }

    /** The memory. */
    public FramePool pool() {
        return pool;
    }

    /** A frame, or null when the budget is spent and nothing dropped earlier can be used again yet. */
    public Frame take(int length) {
        Frame frame = pool.take(length);
        if (frame == null && reclaim() > 0) {
            frame = pool.take(length);
        }
        return frame;
    }

    /** Takes back a frame that was {@linkplain #take taken} and is no version of anything. */
    public void giveBack(Frame frame) {
        pool.give(frame);
    }

    /** Makes the frames of a transaction the newest versions of their pages, as of {@code commit}. */
    public void publish(Collection<DatabasePages> databases, long commit, boolean lazy) {
        lock.lock();
        try {
            long durable = clock.durable();
            slots.scan(scan);
            for (DatabasePages database : databases) {
                for (Frame frame : database.changes().frames()) {
                    frame.commit = commit;
                    // What it was made from is logged by now; kept, it would keep every version there ever was.
                    frame.base = null;
                    install(database, frame);
                    if (!scan.pending) {
                        prune(frame, durable);
                    }
                }
            }
            clock.publish(commit, lazy);
        } finally {
            lock.unlock();
        }
        databases.forEach(database -> database.changes().committed());
    }

    /**
     * During redo, when there are no readers: enters a page or leaves it in place, now as of {@code commit}.
     */
    public void redone(DatabasePages database, Frame frame, long commit) {
        frame.commit = commit;
        if (database.table().newest(frame.page) != frame) {
            lock.lock();
            try {
                install(database, frame);
            } finally {
                lock.unlock();
            }
        }
    }

    /**
     * Chooses and registers the position of a checkpoint: the highest that every reader and the log allow.
     *
     * @return the position, or -1 when a reader is just entering: look again
     */
    public long beginCheckpoint() {
        lock.lock();
        try {
            long bound = clock.durable();
            slots.scan(scan);
            if (scan.pending) {
                return -1;
            }
            checkpoint = scan.snapshotMin(bound);
            return checkpoint;
        } finally {
            lock.unlock();
        }
    }

    /** Ends a checkpoint that failed: nothing is dropped. */
    public void abandonCheckpoint() {
        lock.lock();
        try {
            checkpoint = NO_CHECKPOINT;
        } finally {
            lock.unlock();
        }
    }

    /** The versions at or below the checkpoint's position that a page file must hold, in page order. */
    public List<Frame> dirty(DatabasePages database, long position) {
        List<Frame> frames = new ArrayList<>();
        lock.lock();
        try {
            database.table().forEach((page, newest) -> {
                Frame frame = database.table().at(page, position);
                if (frame != null && !frame.isCovered()) {
                    frames.add(frame);
                }
            });
        } finally {
            lock.unlock();
        }
        return frames;
    }

    /** The file holds what it must as of {@code position}: drops every version at or below it. */
    public void endCheckpoint(Collection<DatabasePages> databases, long position) {
        lock.lock();
        try {
            List<Frame> dropped = new ArrayList<>();
            for (DatabasePages database : databases) {
                database.table().forEach((page, newest) -> drop(database, page, newest, position, dropped));
            }
            long epoch = slots.advanceEpoch();
            for (Frame frame : dropped) {
                retired.addLast(new Retired(frame, epoch));
            }
            hasRetired = !retired.isEmpty();
            checkpoint = NO_CHECKPOINT;
        } finally {
            lock.unlock();
        }
        reclaim();
    }

    /** Forgets every version of a database that is dropped; nobody reads it. */
    public void discard(DatabasePages database) {
        lock.lock();
        try {
            database.table().forEach((page, newest) -> {
                for (Frame frame = newest; frame != null; frame = frame.older) {
                    pool.give(frame);
                }
                database.table().clear(page);
            });
        } finally {
            lock.unlock();
        }
    }

    /** Number of pages whose newest version is not in its file. */
    public int dirtyPages(Collection<DatabasePages> databases) {
        int pages = 0;
        lock.lock();
        try {
            for (DatabasePages database : databases) {
                pages += database.table().pages();
            }
        } finally {
            lock.unlock();
        }
        return pages;
    }

    /** The error for a transaction that finds no memory. */
    public LimitException outOfMemory() {
        return new LimitException(
                QuireError.OUT_OF_MEMORY,
                null,
                "memory for changed pages is spent: budgetBytes=" + pool.budgetBytes() + " limitBytes="
                        + pool.limitBytes() + " usedBytes="
                        + pool.usedBytes() + "; the oldest snapshot is held by " + slots.oldest(),
                null);
    }

    /** Gives memory of dropped versions back to the pool as far as nobody can still read it; returns the frames. */
    public int reclaim() {
        if (!hasRetired) {
            return 0;
        }
        lock.lock();
        try {
            slots.scan(scan);
            int given = 0;
            while (!scan.pending && !retired.isEmpty() && retired.peekFirst().epoch() <= scan.epochMin) {
                pool.give(retired.removeFirst().frame());
                given++;
            }
            hasRetired = !retired.isEmpty();
            return given;
        } finally {
            lock.unlock();
        }
    }

    /**
     * An extent covers pages that may have had a life of their own, with versions not written yet. They get a version
     * that holds nothing, or a checkpoint would write the old one into the middle of the extent.
     */
    private static void install(DatabasePages database, Frame frame) {
        if (database.table().push(frame)) {
            database.file().setVersioned(frame.page);
        }
        int pages = frame.length / database.file().pageSize();
        for (long page = frame.page + 1; page < frame.page + pages; page++) {
            Frame newest = database.table().newest(page);
            if (newest != null && !newest.isCovered()) {
                database.table().push(new Frame(page, frame.commit));
            }
        }
    }

    private void prune(Frame newest, long durable) {
        Frame kept = newest;
        long newerCommit = newest.commit;
        for (Frame frame = newest.older; frame != null; frame = frame.older) {
            if (needed(frame.commit, newerCommit, durable)) {
                kept.older = frame;
                kept = frame;
            } else {
                kept.older = frame.older;
                pool.give(frame);
            }
            newerCommit = frame.commit;
        }
    }

    /** Whether somebody sees the version of {@code commit} that the next one followed at {@code newerCommit}. */
    private boolean needed(long commit, long newerCommit, long durable) {
        if (commit > durable || newerCommit > durable) {
            return true;
        }
        if (checkpoint >= commit && checkpoint < newerCommit) {
            return true;
        }
        for (int i = 0; i < scan.count; i++) {
            if (scan.snapshots[i] >= commit && scan.snapshots[i] < newerCommit) {
                return true;
            }
        }
        return false;
    }

    private static void drop(DatabasePages database, long page, Frame newest, long position, List<Frame> dropped) {
        Frame above = null;
        Frame frame = newest;
        while (frame != null && frame.commit > position) {
            above = frame;
            frame = frame.older;
        }
        if (frame == null) {
            return;
        }
        if (above == null) {
            database.table().clear(page);
            database.file().clearVersioned(page);
        } else {
            above.older = null;
        }
        for (; frame != null; frame = frame.older) {
            dropped.add(frame);
        }
    }
}

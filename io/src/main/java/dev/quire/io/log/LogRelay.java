package dev.quire.io.log;

import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Reads a log once for two: a scout, who is shown each window of it as soon as it is verified, on the thread that
 * reads, and a follower behind, on a thread of his own, who is shown what the scout knows to count. There are {@value
 * #WINDOWS} windows; one is filled again when the follower has left it, so memory is bounded whatever the log
 * is.
 *
 * <pre>
 *                 being filled --+                 +-- left by the follower
 *                                v                 v
 *   windows, by number   ...    n+5 | n+4 ... n+1  n | n-1  ...
 *                                       ^-- decided up to here
 * </pre>
 *
 * <p>A stretch without a decision may be longer than all windows. Then the follower is left behind for good, having
 * been shown everything up to it, and the scout goes on alone: whoever needs the rest must read it a second time.
 */
final class LogRelay {

    /** 6 MiB: room for several transactions of a thousand changes. */
    private static final int WINDOWS = 12;

    private final LogSource source;
    private final long from;
    private final long to;
    private final LogScout scout;
    private final RecordHandler follower;

    private final LogWindow[] windows;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private boolean threads;
    /** How many windows there are; less than planned if memory is short. */
    private volatile int size;

    /** How many windows were filled, and how many of them the follower has left. */
    private long filled;

    private long left;
    /** What lies below may be shown to the follower, and what was. */
    private long decided = Lsn.NONE;

    private long shown = Lsn.NONE;
    private boolean following;
    private boolean finished;
    private boolean failed;

    /**
     * Of what {@code source} has, the records with {@code from <= lsn < to}.
     *
     * @param follower null for nobody
     */
    LogRelay(LogSource source, long from, long to, LogScout scout, RecordHandler follower) {
        this.source = source;
        this.from = from;
        this.to = to;
        this.scout = scout;
        this.follower = follower;
        following = follower != null;
        size = following ? WINDOWS : 1;
        windows = new LogWindow[size];
    }

    /**
     * Reads all of it, or throws what stopped it.
     *
     * @param withThreads whether the follower has a thread of his own; otherwise each is shown the log in turn
     * @return the position below which the follower was shown everything
     */
    long run(boolean withThreads) {
        threads = withThreads && following;
        try {
            if (threads) {
                LogThreads.together(List.of(() -> orFail(this::read), () -> orFail(this::follow)), this::fail);
            } else {
                read();
            }
        } finally {
            source.close();
        }
        return shown;
    }

    private void read() {
        for (LogWindow window = free(); source.fill(window); window = free()) {
            window.read(from, to, scout);
            filled(scout.decided(window.end()));
            if (!threads && following) {
                show();
            }
        }
        lock.lock();
        try {
            finished = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** The next window that nobody has. */
    private LogWindow free() {
        lock.lock();
        try {
            while (true) {
                awaitRoom();
                int index = (int) (filled % size);
                if (windows[index] != null || allocate(index)) {
                    return windows[index];
                }
                // The process has no memory for more: these must do, in the order that they have.
                size = (int) filled;
            }
        } finally {
            lock.unlock();
        }
    }

    private void awaitRoom() {
        while (following && filled - left == size) {
            checkGoingOn();
            if (shown == decided) {
                following = false; // he has nothing to do, and never will: we hold what must be read for that
                changed.signalAll();
            } else {
                changed.awaitUninterruptibly();
            }
        }
        checkGoingOn();
    }

    private boolean allocate(int index) {
        try {
            windows[index] = new LogWindow();
            return true;
        } catch (OutOfMemoryError e) {
            if (filled == 0) {
                throw e;
            }
            return false;
        }
    }

    private void filled(long decidedNow) {
        lock.lock();
        try {
            filled++;
            decided = decidedNow;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void follow() {
        while (awaitDecision()) {
            show();
        }
    }

    private boolean awaitDecision() {
        lock.lock();
        try {
            while (shown == decided && following && !finished) {
                checkGoingOn();
                changed.awaitUninterruptibly();
            }
            checkGoingOn();
            return following && shown < decided;
        } finally {
            lock.unlock();
        }
    }

    /** Shows the follower what has been decided. */
    private void show() {
        long upTo;
        long last;
        lock.lock();
        try {
            upTo = decided;
            last = filled;
        } finally {
            lock.unlock();
        }
        for (long number = left; number < last; number++) {
            LogWindow window = windows[(int) (number % size)];
            window.follow(Math.max(from, shown), Math.min(to, upTo), follower);
            if (window.end() <= upTo) {
                leave(number + 1);
            }
        }
        lock.lock();
        try {
            shown = upTo;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void leave(long number) {
        lock.lock();
        try {
            left = number;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Whoever fails makes the other stop where he is. */
    private void orFail(Runnable part) {
        try {
            part.run();
        } catch (Stopped e) {
            // because of the other's failure, which is thrown
        } catch (RuntimeException | Error e) {
            fail();
            throw e;
        }
    }

    private void fail() {
        lock.lock();
        try {
            failed = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void checkGoingOn() {
        if (failed) {
            throw new Stopped();
        }
    }

    /** Ends a thread because the other one has failed. */
    private static final class Stopped extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Stopped() {
            super(null, null, false, false);
        }
    }
}

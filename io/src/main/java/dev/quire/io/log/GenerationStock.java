package dev.quire.io.log;

import dev.quire.io.LimitException;
import dev.quire.io.QuireError;
import dev.quire.io.Storage.Access;
import dev.quire.io.StorageFullException;
import dev.quire.io.StoreFile;
import dev.quire.io.UnavailableException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Generations built ahead of their use, so that a switch finds zeros on the disk and no full disk. With a builder
 * thread the next is made ready as soon as a switch is over; without, they are built when they are asked for.
 */
final class GenerationStock implements AutoCloseable {

    private final LogSettings settings;
    private final LogHealth health;
    private final GenerationBuilder builder;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Thread thread;
    private final boolean closedCleanly;
    private final ZerosAhead zeros;
    private boolean adopted;
    private int first;
    private int ready;
    private int wanted;
    private int builtForDemand;
    private boolean building;
    private boolean stopping;
    private StorageFullException refused;

    /**
     * For the generations behind {@code last}; looks at the directory when the first one is required.
     *
     * @param zeros for the first one that must be built; null if there are none
     */
    GenerationStock(LogSettings settings, LogHealth health, int last, boolean closedCleanly, ZerosAhead zeros) {
        this.settings = settings;
        this.health = health;
        this.closedCleanly = closedCleanly;
        this.zeros = zeros;
        builder = new GenerationBuilder(settings);
        first = last + 1;
        thread = settings.background() ? new Thread(this::buildWanted, "quire-log-builder") : null;
        if (thread != null) {
            thread.setDaemon(true);
            thread.start();
        }
    }

    /**
     * Returns when {@code count} generations stand ready.
     *
     * @throws StorageFullException if there is no room for them; what was built for this is removed again
     */
    void require(int count) {
        lock.lock();
        try {
            if (ready < count) {
                refused = null;
                builtForDemand = 0;
            }
            while (ready < count) {
                if (refused != null) {
                    throw full(refused);
                }
                health.check();
                want(count);
                awaitOrBuild();
            }
        } finally {
            lock.unlock();
        }
    }

    private void want(int count) {
        if (wanted < count) {
            wanted = count;
            changed.signalAll();
        }
    }

    @SuppressWarnings("WaitNotInLoop") // the loop is the caller's
    private void awaitOrBuild() {
        if (thread == null && !building) {
            buildOne();
        } else if (stopping) {
            throw new UnavailableException(QuireError.TERM_IN_PROGRESS, null, "the log is being closed", null);
        } else {
            changed.awaitUninterruptibly();
        }
    }

    private StorageFullException full(StorageFullException cause) {
        String message = "no room for a log generation of " + settings.generationBytes() + " bytes";
        return new StorageFullException(QuireError.LOG_DISK_FULL, settings.directory(), message, cause);
    }

    /** How many stand ready. */
    int ready() {
        lock.lock();
        try {
            return ready;
        } finally {
            lock.unlock();
        }
    }

    /** A generation has started: the one after it is wanted soon. */
    void buildAhead() {
        if (thread != null) {
            lock.lock();
            try {
                want(1);
            } finally {
                lock.unlock();
            }
        }
    }

    /** Opens the next generation, which must stand ready. */
    StoreFile take(int generation) {
        lock.lock();
        try {
            if (ready == 0 || generation != first) {
                throw new IllegalStateException("generation=" + generation + " first=" + first + " ready=" + ready);
            }
            ready--;
            first++;
            wanted = Math.min(wanted, ready); // zeros for another one now would make the force of Begin wait for theirs
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        return settings.storage().open(LogFiles.path(settings.directory(), generation), Access.WRITE);
    }

    /** Keeps or deletes the files of the generations below {@code below}. */
    void release(int below) {
        try {
            builder.release(below);
        } catch (RuntimeException e) {
            if (builder.namesInDoubt()) {
                health.poison(e);
            }
            throw e;
        }
    }

    private void buildWanted() {
        lock.lock();
        try {
            while (!stopping) {
                if (ready < wanted && health.sound()) {
                    buildOne();
                } else {
                    if (!health.sound()) {
                        changed.signalAll(); // whoever waits for a generation must learn that none will come
                    }
                    changed.awaitUninterruptibly();
                }
            }
        } finally {
            lock.unlock();
        }
    }

    /**
     * Looks at the directory, the first time; later builds the next one. The lock is given up meanwhile: who takes or
     * asks only moves the other end.
     */
    private void buildOne() {
        int generation = first + ready;
        boolean built = false;
        int found = 0;
        StorageFullException full = null;
        building = true;
        lock.unlock();
        try {
            if (adopted) {
                checkNumber(generation);
                built = builder.build(generation);
            } else {
                found = builder.adopt(first - 1, closedCleanly, zeros == null ? null : zeros.take());
            }
        } catch (StorageFullException e) {
            full = e;
        } catch (RuntimeException | Error e) {
            health.poison(e);
        } finally {
            lock.lock();
            building = false;
        }
        adopted = true;
        ready += found;
        if (built) {
            ready++;
            builtForDemand++;
        }
        if (full != null) {
            giveUp(full);
        }
        changed.signalAll();
    }

    private static void checkNumber(int generation) {
        if (generation < 0) {
            throw new LimitException(QuireError.LOG_SEQUENCE_END, null, "generation numbers are used up", null);
        }
    }

    /** What was built for a demand that cannot be met would only keep the disk full. */
    private void giveUp(StorageFullException full) {
        int surplus = Math.min(builtForDemand, ready - 1);
        try {
            while (surplus-- > 0) {
                ready--;
                builder.discard(first + ready);
            }
        } catch (RuntimeException e) {
            health.poison(e);
        }
        wanted = ready;
        refused = full;
    }

    @Override
    public void close() {
        lock.lock();
        try {
            stopping = true;
            builder.stop();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        LogThreads.join(thread);
    }
}

package dev.quire.durable;

import dev.quire.io.InUseException;
import dev.quire.io.QuireError;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/**
 * The place of the one backup that may run, and what it keeps from happening meanwhile: no database is attached or
 * taken away. Whoever does that says so first and looks for a backup afterwards; a backup takes its place first and
 * looks for him afterwards. So a backup waits for nobody but for who is at it when it begins, and never for an open
 * transaction.
 */
public final class BackupPlace {

    private static final long PAUSE_NS = 500_000;

    private final AtomicBoolean taken = new AtomicBoolean();
    private volatile boolean changing;

    BackupPlace() {}

    /** Whether a backup has it, or the instance that is ending. */
    public boolean isTaken() {
        return taken.get();
    }

    /**
     * Takes the place, or refuses.
     *
     * @throws InUseException {@code BACKUP_IN_PROGRESS}
     */
    public void take() {
        if (!taken.compareAndSet(false, true)) {
            throw running();
        }
    }

    /**
     * The same for a backup: returns when nobody changes what is attached any more.
     *
     * @param waiting run again and again while there is something to wait for; what it throws ends the attempt
     */
    void take(Runnable waiting) {
        take();
        boolean done = false;
        try {
            while (changing) {
                waiting.run();
                LockSupport.parkNanos(PAUSE_NS);
            }
            done = true;
        } finally {
            taken.set(done);
        }
    }

    /** Gives the place back. */
    public void leave() {
        taken.set(false);
    }

    /**
     * Runs a task that changes what is attached. The caller has the writer's place, so there is one at a time.
     *
     * @throws InUseException {@code BACKUP_IN_PROGRESS}
     */
    public <T> T apart(Supplier<T> task) {
        changing = true;
        try {
            if (taken.get()) {
                throw running();
            }
            return task.get();
        } finally {
            changing = false;
        }
    }

    private static InUseException running() {
        return new InUseException(QuireError.BACKUP_IN_PROGRESS, null, "a backup of this instance is running", null);
    }
}

package dev.quire.durable;

import dev.quire.io.CancelledException;
import dev.quire.io.ForwardingProgress;
import dev.quire.io.InUseException;
import dev.quire.io.Progress;
import dev.quire.io.QuireError;
import dev.quire.io.UnavailableException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * The place of the one backup that may run, and what it keeps from happening meanwhile: no database is attached or
 * taken away, and the instance is not closed. Whoever attaches or takes away says so first and looks for a backup
 * afterwards; a backup takes its place first and looks for him afterwards. So a backup waits for nobody but for who is
 * at it when it begins, and never for an open transaction. An instance that is being closed has the place, too.
 *
 * <p>A backup that goes on from call to call has it as a {@link Tenant}: whoever finds the place taken asks whether
 * that backup was given up, so that no thread has to watch over it.
 */
public final class BackupPlace {

    /** Who has the place from one call to the next, and may never make the next one. */
    public interface Tenant {

        /**
         * Leaves the place if nobody goes on with the backup; does nothing while somebody is at it. From then on it
         * touches nothing of the instance. Any thread; does not wait.
         *
         * @return whether it has left, now or before
         */
        boolean leaveIfAbandoned();
    }

    private enum State {
        FREE,
        TAKEN,
        /** Taken by a backup that was asked to end. */
        STOPPING,
        ENDING
    }

    private static final long PAUSE_NS = 500_000;

    private final AtomicReference<State> state = new AtomicReference<>(State.FREE);
    private volatile Tenant tenant;
    private volatile boolean changing;
    private volatile boolean stopped;
    private volatile boolean closing;
    private volatile Thread holder;

    BackupPlace() {}

    /** Whether a backup has it, or the instance that is ending. */
    public boolean isTaken() {
        return state.get() != State.FREE;
    }

    /** From now on no backup may take the place; one that has it may end. */
    public void stop() {
        stopped = true;
    }

    /** Asks the backup that has the place to end; returns at once, and does nothing if there is none. */
    public void askToEnd() {
        state.compareAndSet(State.TAKEN, State.STOPPING);
    }

    /** Whether the backup that has the place was asked to end, and is still there. */
    public boolean isAskedToEnd() {
        return state.get() == State.STOPPING;
    }

    /** The same progress for who has the place: it ends with {@code BACKUP_ABORT_BY_SERVER} when that is asked. */
    public Progress watched(Progress progress) {
        return new ForwardingProgress(progress) {
            @Override
            public void check(Phase phase) {
                if (isAskedToEnd()) {
                    throw new CancelledException(
                            QuireError.BACKUP_ABORT_BY_SERVER, null, "stopped by the instance in phase " + phase, null);
                }
                super.check(phase);
            }
        };
    }

    /**
     * Takes the place for the end of the instance, like {@link #end}, but asks the backup that has it to end, and waits
     * for that; no other begins meanwhile. Any thread, but with nothing in hand that the backup may want.
     *
     * @param over asked again and again: whether somebody else has ended the instance
     * @return whether the place was taken
     * @throws IllegalStateException on the thread of that backup, which would wait for itself
     */
    public boolean endBackup(BooleanSupplier over) {
        closing = true;
        try {
            while (!state.compareAndSet(State.FREE, State.ENDING)) {
                if (over.getAsBoolean()) {
                    return false;
                }
                if (holder == Thread.currentThread()) {
                    throw new IllegalStateException(
                            "thread=" + Thread.currentThread().getName() + " runs the backup that it would wait for");
                }
                askToEnd();
                if (!leaveIfAbandoned()) {
                    EngineThreads.pause(1);
                }
            }
            return true;
        } finally {
            closing = false;
        }
    }

    /**
     * Takes the place for the end of the instance.
     *
     * @throws InUseException {@code BACKUP_IN_PROGRESS}
     */
    public void end() {
        take(State.ENDING);
    }

    /**
     * Takes the place for a backup; returns when nobody changes what is attached any more.
     *
     * @param waiting run again and again while there is something to wait for; what it throws ends the attempt
     * @throws InUseException {@code BACKUP_IN_PROGRESS}
     * @throws UnavailableException {@code TERM_IN_PROGRESS} while somebody closes the instance, or tries to; {@code
     *     CLIENT_REQUEST_TO_STOP_SERVICE} if the instance was asked to stop
     */
    void take(Runnable waiting) {
        if (stopped) {
            throw new UnavailableException(
                    QuireError.CLIENT_REQUEST_TO_STOP_SERVICE, null, "the instance was asked to stop", null);
        }
        if (closing) {
            throw closing();
        }
        take(State.TAKEN);
        holder = Thread.currentThread();
        boolean done = false;
        try {
            while (changing) {
                waiting.run();
                LockSupport.parkNanos(PAUSE_NS);
            }
            done = true;
        } finally {
            if (!done) {
                leave();
            }
        }
    }

    private void take(State next) {
        State seen = state.compareAndExchange(State.FREE, next);
        if ((seen == State.TAKEN || seen == State.STOPPING) && leaveIfAbandoned()) {
            seen = state.compareAndExchange(State.FREE, next);
        }
        if (seen == State.ENDING) {
            throw closing();
        }
        if (seen != State.FREE) {
            throw running();
        }
    }

    /** Says who has the place, if that is not a single call. */
    public void let(Tenant to) {
        holder = null; // whoever waits for it to end waits for no thread
        tenant = to; // from here on it may leave, and the place be somebody else's
    }

    /** Has a tenant leave whose backup nobody goes on with; whether there was one, and it has left. */
    public boolean leaveIfAbandoned() {
        Tenant seen = tenant;
        return seen != null && seen.leaveIfAbandoned();
    }

    /** Gives the place back. */
    public void leave() {
        tenant = null; // before somebody else can let it
        holder = null;
        state.set(State.FREE);
    }

    /**
     * Runs a task that changes what is attached. The caller has the writer's place, so there is one at a time, and who
     * wants to close the instance is refused that place.
     *
     * @throws InUseException {@code BACKUP_IN_PROGRESS}
     */
    public <T> T apart(Supplier<T> task) {
        changing = true;
        try {
            State seen = state.get();
            if ((seen == State.TAKEN || seen == State.STOPPING) && leaveIfAbandoned()) {
                seen = state.get();
            }
            if (seen == State.TAKEN || seen == State.STOPPING) {
                throw running();
            }
            return task.get();
        } finally {
            changing = false;
        }
    }

    private static UnavailableException closing() {
        return new UnavailableException(QuireError.TERM_IN_PROGRESS, null, "the instance is being closed", null);
    }

    private static InUseException running() {
        return new InUseException(QuireError.BACKUP_IN_PROGRESS, null, "a backup of this instance is running", null);
    }
}

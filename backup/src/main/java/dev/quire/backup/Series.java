package dev.quire.backup;

import dev.quire.durable.BackupPlace;
import dev.quire.durable.BackupSession;
import dev.quire.durable.Engine;
import dev.quire.io.CancelledException;
import dev.quire.io.QuireError;
import dev.quire.io.QuireException;
import java.lang.ref.WeakReference;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * The life of an external backup: how far it is, who is at it, and how it ends. Whatever touches the instance happens
 * in a turn: reading in one that many may have at once, everything else in one that excludes all others. So it never
 * ends under somebody who reads, and whoever comes later learns that it has ended. No turn lasts while bytes are on
 * their way to the caller: one who does not take them holds back nothing.
 *
 * <p>It is given up when its lease is over, or when nobody can call any more because the object is unreachable. No
 * thread watches: whoever wants the place looks, and the instance before its checkpoints.
 */
final class Series implements BackupPlace.Tenant {

    private static final String STOPPED = "the backup was stopped, or taken for abandoned";

    private final Engine engine;
    private final BackupSession session;
    private final long leaseMs;
    private final Consumer<Throwable> ending;
    private final ToldLater told;
    private final ReentrantReadWriteLock gate = new ReentrantReadWriteLock();
    private WeakReference<?> owner;
    private volatile SeriesState state;
    private volatile QuireError over;
    private volatile Throwable why;
    private volatile long calledMs;

    /**
     * {@code ending} says what is to be told of every end without result. Neither it nor {@code told} must know the
     * owner, which could not go then.
     */
    Series(
            Engine engine,
            BackupSession session,
            long leaseMs,
            SeriesState first,
            Consumer<Throwable> ending,
            ToldLater told) {
        this.engine = engine;
        this.session = session;
        this.leaseMs = leaseMs;
        this.state = first;
        this.ending = ending;
        this.told = told;
        touch();
    }

    /** A turn that excludes all others, until it is closed. */
    final class Turn implements AutoCloseable {

        private Turn() {}

        /** Does what a fault of ends the series. */
        <T> T run(Supplier<T> task) {
            try {
                return onEngine(task);
            } catch (RuntimeException | Error e) {
                leave(QuireError.NO_BACKUP, e);
                throw e;
            }
        }

        /** Does what needs memory alone; a fault changes nothing. */
        <T> T attempt(Supplier<T> task) {
            return OutOfMemory.named(engine.settings().directory(), task);
        }

        /** For a call that is not in order yet, and changes nothing. */
        QuireException refusal(String what) {
            return Series.refusal(what);
        }

        void goOn(SeriesState next) {
            state = next;
        }

        /** Ends the series; whoever has the turn tells of that. */
        void end() {
            over(QuireError.NO_BACKUP, null);
        }

        /** Ends it without result, as the caller wishes. */
        CancelledException abort(String why) {
            CancelledException aborted = new CancelledException(
                    QuireError.BACKUP_ABORT_BY_CALLER, null, "the backup ended without result: " + why, null);
            end();
            ending.accept(aborted);
            return aborted;
        }

        @Override
        public void close() {
            touch();
            leaveGate(null);
        }
    }

    /** Takes the place for good: it stays so long as the series goes on, and {@code object} is reachable. */
    void begin(Object object) {
        owner = new WeakReference<>(object);
        engine.backup().let(this);
    }

    SeriesState state() {
        return state;
    }

    /** Begins a turn for a call in order. */
    Turn turn(SeriesState.Call call) {
        Turn turn = turn();
        try {
            check(call);
            return turn;
        } catch (RuntimeException | Error e) {
            touch();
            leaveGate(e);
            throw e;
        }
    }

    /** Begins a turn for a call that is always possible. */
    Turn turn() {
        gate.writeLock().lock();
        try {
            if (state != SeriesState.ENDED && engine.backup().isAskedToEnd()) {
                leave(QuireError.BACKUP_ABORT_BY_SERVER, null);
            }
            check();
        } catch (RuntimeException | Error e) {
            leaveGate(e);
            throw e;
        }
        touch();
        return new Turn();
    }

    /** Does what touches nothing of the instance, and is possible at any time. */
    void apart(Runnable task) {
        gate.writeLock().lock();
        try {
            task.run();
        } finally {
            leaveGate(null);
        }
    }

    /** Reads, beside others; a fault ends the series. */
    void read(Runnable task) {
        Throwable fault = null;
        gate.readLock().lock();
        try {
            check();
            onEngine(() -> {
                task.run();
                return null;
            });
            touch();
        } catch (RuntimeException | Error e) {
            fault = e;
            throw e;
        } finally {
            gate.readLock().unlock();
            if (fault != null) {
                end(fault instanceof CancelledException stopped ? stopped.error() : QuireError.NO_BACKUP, fault);
            }
        }
    }

    /** Whether it is over, or the instance wants it to be; nobody goes on with it by asking. */
    boolean isOver() {
        return over != null || engine.backup().isAskedToEnd();
    }

    /** Says that somebody goes on; refuses if it is over. */
    void check() {
        QuireError ended = over;
        if (ended == QuireError.BACKUP_ABORT_BY_SERVER) {
            throw new CancelledException(ended, null, STOPPED, why);
        }
        if (ended != null) {
            throw new QuireException(ended, null, why == null ? "it is over" : "it was ended by a fault", why);
        }
        if (engine.backup().isAskedToEnd()) { // who wants the place finds it abandoned
            throw new CancelledException(
                    QuireError.BACKUP_ABORT_BY_SERVER, null, "the instance wants the backup to end", null);
        }
        touch();
    }

    /** Refuses a call that is out of order as well. */
    void check(SeriesState.Call call) {
        check();
        if (!state.allows(call)) {
            throw refusal(call + " is not to be called in state " + state);
        }
    }

    /** Ends it, unless it is over: when this returns, nothing of the instance is touched any more. */
    void end(QuireError because, Throwable fault) {
        gate.writeLock().lock();
        Throwable cause = null;
        try {
            cause = leave(because, fault);
        } finally {
            leaveGate(cause != null ? cause : fault); // of two ends the later one keeps its own fault as well
        }
    }

    @Override
    public boolean leaveIfAbandoned() {
        if (!gate.writeLock().tryLock()) {
            return false;
        }
        Throwable cause = null;
        try {
            if (state != SeriesState.ENDED && isAbandoned()) {
                cause = leave(QuireError.BACKUP_ABORT_BY_SERVER, null);
            }
            return state == SeriesState.ENDED;
        } finally {
            gate.writeLock().unlock();
            if (cause != null) { // the instance must not be ended by what others have to tell
                told.tell(cause);
            }
        }
    }

    private static QuireException refusal(String what) {
        return new QuireException(QuireError.INVALID_BACKUP_SEQUENCE, what);
    }

    private boolean isAbandoned() {
        long now = nowMs();
        if (now < calledMs) {
            calledMs = now; // somebody has set the clock back, and the lease begins anew
        }
        return owner.get() == null
                || now - calledMs > leaseMs
                || engine.backup().isAskedToEnd();
    }

    private void touch() {
        calledMs = nowMs();
    }

    private long nowMs() {
        return engine.settings().clock().getAsLong();
    }

    private <T> T onEngine(Supplier<T> task) {
        engine.poison().check();
        return OutOfMemory.named(
                engine.settings().directory(), () -> engine.threads().call(task));
    }

    /** Nobody is kept any more, also not by those who listen. */
    private void leaveGate(Throwable fault) {
        gate.writeLock().unlock();
        told.tell(fault);
    }

    /** Only for the holder of a turn that excludes all others; returns why it has ended, null if it had before. */
    private Throwable leave(QuireError because, Throwable fault) {
        if (state == SeriesState.ENDED) {
            return null;
        }
        over(because, fault);
        Throwable cause = fault != null ? fault : withoutFault(because);
        ending.accept(cause);
        return cause;
    }

    private void over(QuireError because, Throwable fault) {
        why = fault;
        over = because;
        state = SeriesState.ENDED;
        session.close();
    }

    private static CancelledException withoutFault(QuireError because) {
        return because == QuireError.BACKUP_ABORT_BY_SERVER
                ? new CancelledException(because, null, STOPPED, null)
                : new CancelledException(QuireError.BACKUP_ABORT_BY_CALLER, null, "it was closed before its end", null);
    }
}

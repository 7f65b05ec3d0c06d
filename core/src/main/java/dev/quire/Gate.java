package dev.quire;

import dev.quire.io.InUseException;
import dev.quire.io.QuireError;
import dev.quire.io.UnavailableException;
import dev.quire.pages.CommitClock;
import dev.quire.pages.ReaderSlots;
import dev.quire.pages.Versions;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;

/**
 * Who may begin a transaction. Whoever begins registers first and asks afterwards; whoever wants the instance for
 * himself shuts the gate first and counts afterwards: so one of the two always sees the other.
 */
final class Gate {

    /** Only ever goes forward, so that whoever stops or ends the instance is not undone by whoever opens the gate. */
    private enum State {
        OPEN,
        STOPPED,
        CLOSED
    }

    private static final long PAUSE_NS = 20_000;

    private final ReaderSlots readers;
    private final CommitClock clock;
    private final AtomicReference<State> state = new AtomicReference<>(State.OPEN);
    /** Somebody wants the instance for himself, for a moment. */
    private volatile boolean shut;

    Gate(Versions versions) {
        this.readers = versions.readers();
        this.clock = versions.clock();
    }

    /** Registers a transaction; returns its slot. */
    int enter(boolean writer) {
        while (true) {
            int slot = readers.enter(writer ? clock::published : clock::visible);
            // In this order: who finds the gate open again behind a close must find the instance closed.
            boolean open = !shut;
            State seen = state.get();
            if (open && seen == State.OPEN) {
                return slot;
            }
            readers.leave(slot);
            refuse(seen);
            LockSupport.parkNanos(PAUSE_NS);
        }
    }

    /** Ends a registration. */
    void leave(int slot) {
        readers.leave(slot);
    }

    /** Runs {@code task} while no transaction is open and none can begin. The caller has the writer's place. */
    void alone(QuireError otherwise, Runnable task) {
        check();
        shut = true;
        try {
            checkUnused(otherwise);
            task.run();
        } finally {
            shut = false;
        }
    }

    void stop() {
        state.compareAndSet(State.OPEN, State.STOPPED);
    }

    /** Closes for good, with {@code task}, if no transaction is open. The caller has the writer's place. */
    void close(QuireError otherwise, Runnable task) {
        shut = true;
        try {
            checkUnused(otherwise);
            state.set(State.CLOSED);
        } finally {
            shut = false;
        }
        task.run();
    }

    /** Closes for good, whoever is inside. */
    void abandon() {
        state.set(State.CLOSED);
    }

    private void checkUnused(QuireError otherwise) {
        int active = readers.active();
        if (active > 0) {
            String what = "open transactions=" + active + ", " + readers.oldest();
            throw new InUseException(otherwise, null, what, null);
        }
    }

    boolean isClosed() {
        return state.get() == State.CLOSED;
    }

    /** Refuses what may not begin any more. */
    void check() {
        refuse(state.get());
    }

    private static void refuse(State seen) {
        if (seen == State.CLOSED) {
            throw new UnavailableException(QuireError.NOT_INITIALIZED, null, "the instance is closed", null);
        }
        if (seen == State.STOPPED) {
            throw new UnavailableException(
                    QuireError.CLIENT_REQUEST_TO_STOP_SERVICE, null, "the instance was asked to stop", null);
        }
    }
}

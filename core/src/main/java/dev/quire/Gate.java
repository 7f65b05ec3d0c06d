package dev.quire;

import dev.quire.durable.Engine;
import dev.quire.io.InUseException;
import dev.quire.io.QuireError;
import dev.quire.io.UnavailableException;

/**
 * Who may begin a transaction. Whoever begins registers first and asks afterwards; whoever wants the instance for
 * himself shuts the gate first and counts afterwards: so one of the two always sees the other.
 */
final class Gate {

    private enum State {
        OPEN,
        SHUT,
        STOPPED,
        CLOSED
    }

    private static final long PAUSE_MS = 1;

    private final Engine engine;
    private volatile State state = State.OPEN;

    Gate(Engine engine) {
        this.engine = engine;
    }

    /** Registers a transaction; returns its slot. */
    int enter(boolean writer) {
        while (true) {
            int slot = engine.versions()
                    .readers()
                    .enter(
                            writer
                                    ? engine.versions().clock()::published
                                    : engine.versions().clock()::visible);
            State seen = state;
            if (seen == State.OPEN) {
                return slot;
            }
            engine.versions().readers().leave(slot);
            refuse(seen);
            pause();
        }
    }

    /** With the interrupt flag set there would be none, and a virtual thread would keep its carrier to itself. */
    private static void pause() {
        boolean interrupted = Thread.interrupted();
        try {
            Thread.sleep(PAUSE_MS);
        } catch (InterruptedException e) {
            interrupted = true;
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Ends a registration. */
    void leave(int slot) {
        engine.versions().readers().leave(slot);
    }

    /** Runs {@code task} while no transaction is open and none can begin. */
    void alone(QuireError otherwise, Runnable task) {
        check();
        State before = state;
        state = State.SHUT;
        try {
            int active = engine.versions().readers().active();
            if (active > 0) {
                throw new InUseException(
                        otherwise,
                        null,
                        "open transactions=" + active + ", "
                                + engine.versions().readers().oldest(),
                        null);
            }
            task.run();
        } finally {
            state = state == State.SHUT ? before : state;
        }
    }

    void stop() {
        if (state == State.OPEN) {
            state = State.STOPPED;
        }
    }

    /** Closes for good, with {@code task}, if no transaction is open. */
    void close(QuireError otherwise, Runnable task) {
        State before = state;
        state = State.SHUT;
        int active = engine.versions().readers().active();
        if (active > 0) {
            state = before;
            throw new InUseException(
                    otherwise,
                    null,
                    "open transactions=" + active + ", "
                            + engine.versions().readers().oldest(),
                    null);
        }
        state = State.CLOSED;
        task.run();
    }

    /** Closes for good, whoever is inside. */
    void abandon() {
        state = State.CLOSED;
    }

    boolean isClosed() {
        return state == State.CLOSED;
    }

    /** Refuses what may not begin any more. */
    void check() {
        refuse(state);
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

package dev.quire;

import dev.quire.durable.EngineThreads;
import dev.quire.io.InUseException;
import dev.quire.io.QuireError;
import dev.quire.io.UnavailableException;
import dev.quire.pages.ReaderSlots;
import dev.quire.pages.Versions;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/**
 * Who may begin a transaction. Whoever begins takes a slot first and asks afterwards; whoever wants the instance for
 * himself shuts the gate first and counts afterwards: so one of the two always sees the other. Who is turned away is
 * never counted.
 *
 * <p>That the gate is shut for a while, that the instance was asked to stop, that it is being closed and that it is
 * closed are four things, each set by itself: none of them takes back another.
 */
final class Gate {

    private static final int OPEN = 0;
    private static final int SHUT = 1;
    private static final int STOPPED = 2;
    private static final int CLOSING = 4;
    private static final int CLOSED = 8;

    private static final long PAUSE_MS = 1;

    private final ReaderSlots slots;
    private final LongSupplier visible;
    private final LongSupplier published;
    private final AtomicInteger state = new AtomicInteger(OPEN);
    private final BooleanSupplier open = () -> state.get() == OPEN;

    Gate(Versions versions) {
        this.slots = versions.readers();
        this.visible = versions.clock()::visible;
        this.published = versions.clock()::published;
    }

    /** Registers a transaction; returns its slot. */
    int enter(boolean writer) {
        while (true) {
            int slot = open.getAsBoolean() ? slots.enter(writer ? published : visible, open) : ReaderSlots.REFUSED;
            if (slot != ReaderSlots.REFUSED) {
                return slot;
            }
            check();
            EngineThreads.pause(PAUSE_MS);
        }
    }

    /** Ends a registration. */
    void leave(int slot) {
        slots.leave(slot);
    }

    /** Runs {@code task} while no transaction is open and none can begin. One thread at a time. */
    void alone(QuireError otherwise, Runnable task) {
        check();
        shut();
        try {
            checkEmpty(otherwise);
            task.run();
        } finally {
            reopen();
        }
    }

    /** Lets no transaction begin any more. */
    void stop() {
        set(STOPPED);
    }

    /**
     * Closes for good, with {@code task}, if no transaction is open: closed it is when that has ended, in whatever way.
     * Not at the same time as {@link #alone}.
     */
    void close(QuireError otherwise, Runnable task) {
        shut();
        try {
            checkEmpty(otherwise);
            set(CLOSING);
        } finally {
            reopen();
        }
        end(task);
    }

    /** Closes for good, with {@code task}, whoever is inside. */
    void abandon(Runnable task) {
        set(CLOSING);
        end(task);
    }

    private void end(Runnable task) {
        try {
            task.run();
        } finally {
            set(CLOSED);
        }
    }

    /** Whether it is closed, or about to be: there is no way back. */
    boolean isClosed() {
        return (state.get() & (CLOSING | CLOSED)) != 0;
    }

    /** Refuses what may not begin any more. */
    void check() {
        int seen = state.get();
        if ((seen & CLOSED) != 0) {
            throw new UnavailableException(QuireError.NOT_INITIALIZED, null, "the instance is closed", null);
        }
        if ((seen & CLOSING) != 0) {
            throw new UnavailableException(QuireError.TERM_IN_PROGRESS, null, "the instance is being closed", null);
        }
        if ((seen & STOPPED) != 0) {
            throw new UnavailableException(
                    QuireError.CLIENT_REQUEST_TO_STOP_SERVICE, null, "the instance was asked to stop", null);
        }
    }

    private void checkEmpty(QuireError otherwise) {
        int users = slots.users();
        if (users > 0) {
            throw new InUseException(otherwise, null, "open transactions=" + users + ", " + slots.oldest(), null);
        }
    }

    private void shut() {
        set(SHUT);
    }

    private void reopen() {
        state.getAndUpdate(seen -> seen & ~SHUT);
    }

    private void set(int bit) {
        state.getAndUpdate(seen -> seen | bit);
    }
}

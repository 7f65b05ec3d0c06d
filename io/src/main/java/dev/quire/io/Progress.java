package dev.quire.io;

import java.util.function.Consumer;

/**
 * How a long operation tells how far it is and what happens, and learns how fast it may be and that it is not wanted
 * any more: the same for a backup, a verification, a restore, a check and the opening of an instance. Called by the
 * thread that works, often, so it should return soon. What it throws ends the operation like a cancellation and comes
 * out of it.
 *
 * <p>Who listens answers {@link #advance}, {@link #isCancelled} or {@link #check}, {@link #happened}, {@link #limit}.
 * The other methods are for those who work and made of these, so they are not to be overridden: whoever passes a
 * progress on, changed, as {@link ForwardingProgress} does, makes them anew.
 */
@FunctionalInterface
public interface Progress {

    /** For those who do not look. */
    Progress NONE = (phase, done, total) -> {};

    /** What an operation is busy with. */
    enum Phase {
        /** Waits for others to end what must not happen meanwhile; there is nothing to count. */
        WAIT,
        /** Copies or reads pages of databases. */
        PAGES,
        /** Copies or reads generations of the log. */
        LOG,
        /** Verifies what was copied. */
        VERIFY,
        /** Applies the log. */
        REPLAY,
        /** Forces and publishes the result. */
        PUBLISH
    }

    /**
     * {@code done} of {@code total} bytes of a phase are done. The total may change; {@code done} never goes back.
     * Who has a clock knows the rate.
     */
    void advance(Phase phase, long done, long total);

    /** Whether the operation shall end; asked often. */
    default boolean isCancelled() {
        return false;
    }

    /**
     * Something has happened, which is in the log of the system and known to the flight recorder already. When the
     * operation has failed, what this throws is only told with the fault. The operation may have in hand what others
     * wait for, so this must not wait for anybody, nor close, attach or detach anything.
     */
    default void happened(OperationEvent event) {}

    /** How fast the operation may be; asked for every piece, so it may change while it runs. */
    default RateLimit limit() {
        return RateLimit.NONE;
    }

    /**
     * Ends the operation if that is wanted.
     *
     * @throws CancelledException {@code BACKUP_ABORT_BY_CALLER}
     */
    default void check(Phase phase) {
        if (isCancelled()) {
            throw new CancelledException(QuireError.BACKUP_ABORT_BY_CALLER, null, "cancelled in phase " + phase, null);
        }
    }

    /**
     * Reports, and ends the operation if that is wanted.
     *
     * @throws CancelledException {@code BACKUP_ABORT_BY_CALLER}
     */
    default void step(Phase phase, long done, long total) {
        advance(phase, done, total);
        check(phase);
    }

    /**
     * Waits until so many bytes may be moved, and ends the operation if that is wanted meanwhile. Called before they
     * are, by a thread that holds nothing that others wait for.
     *
     * @throws CancelledException {@code BACKUP_ABORT_BY_CALLER}
     */
    default void pace(Phase phase, long bytes) {
        limit().take(bytes, () -> check(phase));
    }

    /** The same, at most so fast. */
    default Progress atMost(long bytesPerSecond) {
        return within(RateLimit.of(bytesPerSecond));
    }

    /** The same, within a limit that others may have a part in. */
    default Progress within(RateLimit limit) {
        return new ForwardingProgress(this) {
            @Override
            public RateLimit limit() {
                return limit;
            }
        };
    }

    /** The same; {@code listener} learns what happens as well. */
    default Progress telling(Consumer<OperationEvent> listener) {
        return new ForwardingProgress(this) {
            @Override
            public void happened(OperationEvent event) {
                super.happened(event);
                listener.accept(event);
            }
        };
    }
}

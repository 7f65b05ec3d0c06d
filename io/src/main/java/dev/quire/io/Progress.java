package dev.quire.io;

/**
 * How a long operation tells how far it is, and learns that it is not wanted any more. Called by the thread that works,
 * often, so it should return soon. What it throws ends the operation like a cancellation and comes out of it.
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
     * {@code done} of {@code total} bytes of a phase are done. The total may still grow; {@code done} never goes back.
     */
    void advance(Phase phase, long done, long total);

    /** Whether the operation shall end; asked often. */
    default boolean isCancelled() {
        return false;
    }

    /**
     * Reports, and ends the operation if that is wanted.
     *
     * @throws CancelledException {@code BACKUP_ABORT_BY_CALLER}
     */
    default void step(Phase phase, long done, long total) {
        advance(phase, done, total);
        if (isCancelled()) {
            throw new CancelledException(QuireError.BACKUP_ABORT_BY_CALLER, null, "cancelled in phase " + phase, null);
        }
    }
}

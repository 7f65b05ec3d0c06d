package dev.quire.io.log;

import dev.quire.io.QuireError;
import dev.quire.io.QuireException;
import dev.quire.io.UnavailableException;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Whether the log may still be written. The first failed write or force ends it for good: after it the kernel may have
 * dropped bytes that later reads still show, so no later success proves anything.
 */
final class LogHealth {

    private final LogWitness witness;
    private final AtomicReference<QuireException> failure = new AtomicReference<>();

    LogHealth(LogWitness witness) {
        this.witness = witness;
    }

    /** The failure that ended the log, or null. */
    QuireException failure() {
        return failure.get();
    }

    boolean sound() {
        return failure.get() == null;
    }

    /** Ends the log; only the first failure counts, and only it is told. */
    void poison(Throwable cause) {
        QuireException first = cause instanceof QuireException known
                ? known
                : new QuireException(QuireError.LOG_WRITE_FAIL, null, "the log failed", cause);
        if (failure.compareAndSet(null, first)) {
            try {
                witness.failed(first);
            } catch (RuntimeException e) {
                first.addSuppressed(e);
            }
        }
    }

    /** Refuses if the log has ended. */
    void check() {
        if (!sound()) {
            throw refusal();
        }
    }

    /** What every caller gets once the log has ended; each its own, since a stack trace belongs to one thread. */
    UnavailableException refusal() {
        String message = "the log cannot be written since an earlier failure; what was not yet acknowledged may or may"
                + " not be found after reopening";
        return new UnavailableException(QuireError.LOG_WRITE_FAIL, null, message, failure.get());
    }
}

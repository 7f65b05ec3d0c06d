package dev.quire.durable;

import dev.quire.io.QuireError;
import dev.quire.io.UnavailableException;
import java.util.concurrent.atomic.AtomicReference;

/**
 * The first fault after which nothing may be acknowledged any more. It is never cleared: what reached the medium is
 * known only to a recovery.
 */
public final class Poison {

    private final AtomicReference<Throwable> cause = new AtomicReference<>();

    /** Notes the fault; the first one counts. */
    public void set(Throwable fault) {
        cause.compareAndSet(null, fault);
    }

    /** The fault, or null. */
    public Throwable cause() {
        return cause.get();
    }

    /**
     * Refuses to go on when there was a fault.
     *
     * @throws UnavailableException {@code INSTANCE_UNAVAILABLE}
     */
    public void check() {
        Throwable fault = cause.get();
        if (fault != null) {
            throw new UnavailableException(
                    QuireError.INSTANCE_UNAVAILABLE,
                    null,
                    "an earlier fault made the instance unusable for writing; reopening recovers it: "
                            + fault.getMessage(),
                    fault);
        }
    }
}

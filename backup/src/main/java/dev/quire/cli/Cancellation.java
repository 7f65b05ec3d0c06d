package dev.quire.cli;

import dev.quire.io.CancelledException;
import dev.quire.io.QuireError;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Whether the user wants the command to end. A signal raises the flag, and the virtual machine then waits for the
 * command
 * to clean up behind itself: what is left behind afterwards would be there for ever. Any thread may ask.
 */
final class Cancellation {

    private static final long CLEAN_UP_SECONDS_MAX = 120;

    private final CountDownLatch finished = new CountDownLatch(1);
    private volatile boolean cancelled;

    /** Raises the flag when the process is told to end. */
    void listen() {
        Runtime.getRuntime().addShutdownHook(new Thread(this::signalled, "quire-cancel"));
    }

    private void signalled() {
        cancelled = true;
        try {
            boolean inTime = finished.await(CLEAN_UP_SECONDS_MAX, TimeUnit.SECONDS);
            assert inTime || cancelled;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Raises the flag. */
    void cancel() {
        cancelled = true;
    }

    /** The command has ended; nobody waits for it any more. */
    void finish() {
        finished.countDown();
    }

    /** Whether the flag is up. */
    boolean isCancelled() {
        return cancelled;
    }

    /**
     * Ends what asks, if the flag is up.
     *
     * @throws CancelledException {@code BACKUP_ABORT_BY_CALLER}
     */
    void check() {
        if (cancelled) {
            throw new CancelledException(QuireError.BACKUP_ABORT_BY_CALLER, null, "cancelled", null);
        }
    }
}

package dev.quire.cli;

import dev.quire.io.CancelledException;
import dev.quire.io.QuireError;
import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Whether the user wants the command to end. A signal raises the flag, and the virtual machine then waits for the
 * command
 * to clean up behind itself: what is left behind afterwards would be there for ever. Any thread may ask.
 */
final class Cancellation {

    private static final int CLEAN_UP_SECONDS_MAX = 120;
    private static final int LOOKS_A_SECOND = 20;
    private static final int MS_A_SECOND = 1000;

    private final CountDownLatch finished = new CountDownLatch(1);
    private volatile boolean cancelled;
    private volatile boolean waiting;

    /** Bytes that may be long in coming. */
    @FunctionalInterface
    interface Input {
        /** Reads all of them. */
        byte[] read() throws IOException;
    }

    /** Raises the flag when the process is told to end. */
    void listen() {
        Runtime.getRuntime().addShutdownHook(new Thread(this::signalled, "quire-cancel"));
    }

    /** Returns when the process may end. */
    void signalled() {
        cancelled = true;
        try {
            for (int i = 0; i < CLEAN_UP_SECONDS_MAX * LOOKS_A_SECOND && !waiting; i++) {
                if (finished.await(MS_A_SECOND / LOOKS_A_SECOND, TimeUnit.MILLISECONDS)) {
                    return;
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Raises the flag. */
    void cancel() {
        cancelled = true;
    }

    /**
     * Reads what somebody may still have to type, and nobody may ever send. There is nothing to clean up meanwhile, so
     * a signal ends the process at once.
     */
    byte[] await(Input input) throws IOException {
        waiting = true;
        try {
            return input.read();
        } finally {
            waiting = false;
            check(); // a signal that came until now waits for nobody
        }
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

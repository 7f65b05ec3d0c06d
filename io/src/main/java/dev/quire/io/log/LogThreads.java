package dev.quire.io.log;

/** Waiting for a thread to end without losing an interrupt that arrives meanwhile. */
final class LogThreads {

    private LogThreads() {}

    /** Returns when {@code thread} has ended; null is no thread. */
    static void join(Thread thread) {
        boolean interrupted = false;
        while (thread != null && thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}

package dev.quire.io.log;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadFactory;

/** Waiting for threads to end without losing an interrupt that arrives meanwhile. */
public final class LogThreads {

    private LogThreads() {}

    /** Returns when {@code thread} has ended; null is no thread. */
    public static void join(Thread thread) {
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

    /**
     * Does all of {@code parts} at once, the first of them on the calling thread, the others on threads that end with
     * them. Returns when all have ended; throws what one of them threw, with the others suppressed in it.
     *
     * @param unstarted told when a thread cannot be started, so that those who would wait for its part give up
     */
    static void together(List<Runnable> parts, Runnable unstarted) {
        together(parts, unstarted, Thread::new);
    }

    /** The same on threads that {@code factory} makes. */
    static void together(List<Runnable> parts, Runnable unstarted, ThreadFactory factory) {
        ConcurrentLinkedQueue<Throwable> faults = new ConcurrentLinkedQueue<>();
        List<Thread> threads = new ArrayList<>();
        try {
            for (Runnable part : parts.subList(1, parts.size())) {
                Thread thread = factory.newThread(() -> keeping(faults, part));
                thread.setName("quire-log-reader-" + threads.size());
                thread.setDaemon(true);
                threads.add(thread);
                thread.start();
            }
            keeping(faults, parts.get(0));
        } catch (RuntimeException | Error e) {
            unstarted.run();
            throw e;
        } finally {
            threads.forEach(LogThreads::join);
        }
        Throwable fault = faults.poll();
        if (fault != null) {
            faults.forEach(fault::addSuppressed);
            throw unchecked(fault);
        }
    }

    private static void keeping(ConcurrentLinkedQueue<Throwable> faults, Runnable part) {
        try {
            part.run();
        } catch (RuntimeException | Error e) {
            faults.add(e);
        }
    }

    /** What was caught as neither checked nor wrapped, to be thrown again. */
    static RuntimeException unchecked(Throwable fault) {
        if (fault instanceof Error error) {
            throw error;
        }
        return (RuntimeException) fault;
    }
}

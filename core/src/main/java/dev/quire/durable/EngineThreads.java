package dev.quire.durable;

import dev.quire.io.QuireError;
import dev.quire.io.UnavailableException;
import dev.quire.io.log.LogThreads;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/**
 * Threads that no user ever sees and nobody interrupts: all channel I/O runs on them, because an interrupt closes the
 * channel of whoever is using it. All are daemons, so that a forgotten instance does not keep a process alive.
 *
 * <p>Without background there are none: everything runs on the caller's thread, in a fixed order, which is what makes a
 * run repeatable.
 */
public final class EngineThreads implements AutoCloseable {

    private static final AtomicInteger NUMBER = new AtomicInteger();

    private final boolean background;
    private final ThreadFactory factory;
    private final ExecutorService control;

    /** Threads named after {@code name}; none when {@code background} is false. */
    public EngineThreads(boolean background, String name) {
        this.background = background;
        this.factory = task -> {
            Thread thread = new EngineThread(task, "quire-" + name + '-' + NUMBER.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        };
        this.control = background ? Executors.newCachedThreadPool(factory) : null;
    }

    private static final class EngineThread extends Thread {
        EngineThread(Runnable task, String name) {
            super(task, name);
        }
    }

    /** Whether there are threads at all. */
    public boolean background() {
        return background;
    }

    /**
     * Runs {@code task} where channels are safe and waits for it, whatever interrupts the caller; throws what it threw.
     */
    public void run(Runnable task) {
        call(() -> {
            task.run();
            return null;
        });
    }

    /** The same with a result. */
    public <T> T call(Supplier<T> task) {
        if (!background || Thread.currentThread() instanceof EngineThread) {
            return task.get();
        }
        try {
            return await(control.submit(task::get));
        } catch (RejectedExecutionException e) {
            throw new UnavailableException(QuireError.TERM_IN_PROGRESS, null, "the instance is being closed", e);
        }
    }

    /** Starts {@code task} and does not wait. */
    public Future<?> start(Runnable task) {
        return control.submit(task);
    }

    /** Returns when a thread has ended. An interrupt does not end the wait; its status is kept. */
    public static void join(Thread thread) {
        LogThreads.join(thread);
    }

    /** Waits for a task, whatever interrupts the caller; throws what it threw. */
    public static <T> T await(Future<T> future) {
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return future.get();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        } catch (ExecutionException e) {
            throw rethrown(e.getCause());
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /**
     * Waits so long, whatever interrupts the caller; the status is kept. Slept, not parked: with the interrupt status
     * set, or the permit that an interrupt leaves, no park waits, and a virtual thread would keep its carrier.
     */
    public static void pause(long ms) {
        boolean interrupted = Thread.interrupted();
        try {
            Thread.sleep(ms);
        } catch (InterruptedException e) {
            interrupted = true;
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        if (control == null) {
            return;
        }
        control.shutdown();
        boolean interrupted = false;
        try {
            while (!control.isTerminated()) {
                try {
                    control.awaitTermination(1, TimeUnit.SECONDS);
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static RuntimeException rethrown(Throwable cause) {
        if (cause instanceof RuntimeException runtime) {
            return runtime;
        }
        if (cause instanceof Error error) {
            throw error;
        }
        return new IllegalStateException(cause);
    }
}

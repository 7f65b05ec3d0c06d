package dev.quire.durable;

import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;

/**
 * The one place of a writer, given in the order in which it was asked for.
 *
 * <p>A short transaction takes less time than it takes to wake a thread. So whoever gets the place wakes the one behind
 * it at once; that one waits for the place awake for a moment, and sleeps again when it takes longer. Nobody else is
 * awake meanwhile.
 *
 * <pre>
 *   first    ├─ transaction ─┤ force ···
 *   second   wake · · · spin ├─ transaction ─┤ force ···
 *   third                    wake · · · spin ├─ ...
 * </pre>
 *
 * <p>Interrupts do not end a wait; the status is kept. Any thread may give back what another has taken.
 */
final class WriterPlace {

    /** About what a short transaction takes, with the time to wake up. */
    private static final long SPIN_NANOS = 60_000;

    private static final long LOOK_ROUND_NANOS = 10_000_000;

    private final AtomicBoolean taken = new AtomicBoolean();
    private final ConcurrentLinkedQueue<Waiter> waiters = new ConcurrentLinkedQueue<>();

    /** Somebody in the queue. Asleep is said before the last look at the place, and cleared by whoever wakes. */
    private static final class Waiter {
        private final Thread thread = Thread.currentThread();
        private volatile boolean asleep;

        void wake() {
            if (asleep) {
                asleep = false;
                LockSupport.unpark(thread);
            }
        }
    }

    /** Takes the place if it is free and nobody waits for it. */
    boolean tryAcquire() {
        return waiters.isEmpty() && taken.compareAndSet(false, true);
    }

    /** Waits for the place. */
    void acquire() {
        if (!tryAcquire()) {
            acquire(Long.MAX_VALUE);
        }
    }

    /** Waits for the place; {@code waiting} is called now and then, and what it throws ends the wait. */
    void acquire(Runnable waiting) {
        if (tryAcquire()) {
            return;
        }
        Waiter waiter = new Waiter();
        waiters.add(waiter);
        boolean interrupted = false;
        boolean given = false;
        try {
            given = take(waiter);
            while (!given) {
                waiting.run();
                interrupted |= sleep(waiter, LOOK_ROUND_NANOS);
                given = spin(waiter);
            }
        } finally {
            leave(waiter, given, interrupted);
        }
    }

    /** Waits for the place, but not longer than so many nanoseconds; returns whether it was given. */
    boolean tryAcquire(long nanos) {
        return tryAcquire() || acquire(nanos);
    }

    /** Gives the place to the next. */
    void release() {
        taken.set(false);
        wakeFirst();
    }

    private boolean acquire(long nanos) {
        long start = System.nanoTime();
        Waiter waiter = new Waiter();
        waiters.add(waiter);
        boolean interrupted = false;
        boolean given = take(waiter);
        while (!given && System.nanoTime() - start < nanos) {
            interrupted |= sleep(waiter, nanos - (System.nanoTime() - start));
            given = spin(waiter);
        }
        leave(waiter, given, interrupted);
        return given;
    }

    private void leave(Waiter waiter, boolean given, boolean interrupted) {
        waiters.remove(waiter);
        if (given || !taken.get()) {
            wakeFirst();
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean take(Waiter waiter) {
        return waiters.peek() == waiter && taken.compareAndSet(false, true);
    }

    /** Returns whether the thread was interrupted. */
    private boolean sleep(Waiter waiter, long nanos) {
        waiter.asleep = true;
        if (waiters.peek() != waiter || taken.get()) {
            LockSupport.parkNanos(this, nanos);
        }
        waiter.asleep = false;
        return Thread.interrupted();
    }

    private boolean spin(Waiter waiter) {
        long start = System.nanoTime();
        while (waiters.peek() == waiter && System.nanoTime() - start < SPIN_NANOS) {
            if (take(waiter)) {
                return true;
            }
            Thread.yield(); // to whoever has something to do
        }
        return take(waiter);
    }

    private void wakeFirst() {
        Waiter first = waiters.peek();
        if (first != null) {
            first.wake();
        }
    }
}

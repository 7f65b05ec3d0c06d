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
        if (tryAcquire()) {
            return;
        }
        Waiter waiter = new Waiter();
        waiters.add(waiter);
        boolean interrupted = false;
        while (!take(waiter)) {
            interrupted |= sleep(waiter);
            spin(waiter);
        }
        waiters.remove(waiter);
        wakeFirst();
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Gives the place to the next. */
    void release() {
        taken.set(false);
        wakeFirst();
    }

    private boolean take(Waiter waiter) {
        return waiters.peek() == waiter && taken.compareAndSet(false, true);
    }

    /** Returns whether the thread was interrupted. */
    private boolean sleep(Waiter waiter) {
        waiter.asleep = true;
        if (waiters.peek() != waiter || taken.get()) {
            LockSupport.park(this);
        }
        waiter.asleep = false;
        return Thread.interrupted();
    }

    /** Waits a moment for the place to be free, if it is the waiter's turn. */
    private void spin(Waiter waiter) {
        long start = System.nanoTime();
        while (waiters.peek() == waiter && taken.get() && System.nanoTime() - start < SPIN_NANOS) {
            Thread.yield(); // to whoever has something to do
        }
    }

    private void wakeFirst() {
        Waiter first = waiters.peek();
        if (first != null) {
            first.wake();
        }
    }
}

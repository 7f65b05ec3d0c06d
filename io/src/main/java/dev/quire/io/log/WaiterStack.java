package dev.quire.io.log;

import java.util.concurrent.atomic.AtomicReference;

/**
 * Waiters in no particular order. Anybody pushes, only the leader takes, and it takes all at once: so a waiter that is
 * used again can never be mistaken for itself.
 */
final class WaiterStack {

    private final AtomicReference<ForceWaiter> top = new AtomicReference<>();

    void push(ForceWaiter waiter) {
        ForceWaiter below;
        do {
            below = top.get();
            waiter.next = below;
            waiter.depth = below == null ? 1 : below.depth + 1;
        } while (!top.compareAndSet(below, waiter));
    }

    /** All of them, linked by {@link ForceWaiter#next}; null if there are none. */
    ForceWaiter takeAll() {
        return top.getAndSet(null);
    }

    /** How many there are. */
    int size() {
        ForceWaiter waiter = top.get();
        return waiter == null ? 0 : waiter.depth;
    }

    boolean isEmpty() {
        return top.get() == null;
    }
}

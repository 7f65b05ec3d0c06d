package dev.quire.io.page;

import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * A few scratches for first touches, one taken by each caller for the time of a call. A thread tries the same slot
 * first each time, so that its scratch knows whether it goes on sequentially. A caller that finds all of them taken
 * makes a new one, which is dropped if there is no room for it later: no caller waits and memory is bounded.
 */
final class PageVerifierPool {

    private static final int SLOTS = 8;

    private final AtomicReferenceArray<PageVerifier> slots = new AtomicReferenceArray<>(SLOTS);

    /** A scratch for the caller alone. */
    PageVerifier take() {
        int home = home();
        for (int i = 0; i < SLOTS; i++) {
            int slot = (home + i) & (SLOTS - 1);
            if (slots.getPlain(slot) != null) {
                PageVerifier taken = slots.getAndSet(slot, null);
                if (taken != null) {
                    return taken;
                }
            }
        }
        return new PageVerifier();
    }

    /** Gives it back. */
    void give(PageVerifier verifier) {
        int home = home();
        for (int i = 0; i < SLOTS; i++) {
            if (slots.compareAndSet((home + i) & (SLOTS - 1), null, verifier)) {
                return;
            }
        }
    }

    private static int home() {
        return (int) Thread.currentThread().getId() & (SLOTS - 1);
    }
}

package dev.quire.backup;

import dev.quire.io.ForwardingProgress;
import dev.quire.io.OperationEvent;
import dev.quire.io.Progress;

/**
 * The progress of a caller, which remembers what it threw: that ends the operation, also where a fault of what is read
 * would be noted, or told as another one. Any thread.
 */
final class HeardProgress extends ForwardingProgress {

    private volatile RuntimeException thrown;

    HeardProgress(Progress to) {
        super(to);
    }

    @Override
    public void advance(Phase phase, long done, long total) {
        heard(() -> super.advance(phase, done, total));
    }

    @Override
    public void check(Phase phase) {
        heard(() -> super.check(phase));
    }

    @Override
    public void happened(OperationEvent event) {
        heard(() -> super.happened(event));
    }

    /** Throws what it has thrown, if it has. */
    void again() {
        if (thrown != null) {
            throw thrown;
        }
    }

    private void heard(Runnable call) {
        try {
            call.run();
        } catch (RuntimeException e) {
            thrown = thrown == null ? e : thrown;
            throw e;
        }
    }
}

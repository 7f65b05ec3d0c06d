package dev.quire.io;

import java.util.Objects;

/**
 * A progress that passes on what it is told and asks another one: to be changed in one place. {@link #step} and {@link
 * #pace} are not passed on: they are made of what is, so that what was changed here holds in them too.
 */
public class ForwardingProgress implements Progress {

    private final Progress to;

    /** Passes everything on to {@code to}. */
    public ForwardingProgress(Progress to) {
        this.to = Objects.requireNonNull(to, "to");
    }

    @Override
    public void advance(Phase phase, long done, long total) {
        to.advance(phase, done, total);
    }

    @Override
    public boolean isCancelled() {
        return to.isCancelled();
    }

    @Override
    public void check(Phase phase) {
        Progress.super.check(phase); // isCancelled may be overridden here, or the check there
        to.check(phase);
    }

    @Override
    public void happened(OperationEvent event) {
        to.happened(event);
    }

    @Override
    public RateLimit limit() {
        return to.limit();
    }
}

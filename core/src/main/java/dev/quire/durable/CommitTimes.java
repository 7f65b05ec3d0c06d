package dev.quire.durable;

import java.util.function.LongSupplier;

/**
 * The clock that commits get their time from: it never goes back, whatever the clock behind it does, nor from one
 * session to the next, so that a time names one place in the log. The highest time so far stands in every slot of the
 * checkpoint file; later ones stand in the log behind it.
 *
 * <p>Asked by the holder of the writer's place; {@link #last} is for any thread.
 */
final class CommitTimes implements LongSupplier {

    private final LongSupplier clock;
    private volatile long last;

    /** Over a clock that counts milliseconds since 1970. */
    CommitTimes(LongSupplier clock) {
        this.clock = clock;
    }

    /** An earlier session got this far. */
    void startAt(long time) {
        last = Math.max(last, time);
    }

    /** The time of the next commit. */
    @Override
    public long getAsLong() {
        startAt(clock.getAsLong());
        return last;
    }

    /** The highest time that was given. */
    long last() {
        return last;
    }
}

package dev.quire.io.log;

import java.util.function.LongSupplier;

/** Counts: the same calls always give the same times. The log keeps the higher of this and its predecessor's. */
final class LogicalClock implements LongSupplier {

    private long time;

    @Override
    public long getAsLong() {
        return ++time;
    }
}

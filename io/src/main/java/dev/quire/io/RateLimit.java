package dev.quire.io;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;

/**
 * So many bytes a second and no more, for all threads that ask. What is taken must be earned first; what was not used
 * stays earned for a moment, so that a thread that sleeps too long loses nothing. In any second at most 5 % more are
 * moved than in the limit, if nobody takes more at once than {@link #piece}: 2 % that were earned before, 2.5 % in one
 * piece.
 *
 * <pre>
 *   earned ─────────────────────────▶ time
 *        │ taken      │ taken      │ taken, waits until here
 *              now − burst ▲  ▲ now
 * </pre>
 */
public final class RateLimit {

    /** For those who are in a hurry. */
    public static final RateLimit NONE = new RateLimit(Long.MAX_VALUE, System::nanoTime, RateLimit::sleep);

    /** The lowest rate, in bytes a second. */
    public static final long BYTES_PER_SECOND_MIN = 4096;

    private static final long SECOND_NANOS = 1_000_000_000;
    private static final long BURST_NANOS = SECOND_NANOS / 50;
    private static final int PIECES_A_SECOND = 40;

    /** Between two looks at whether to go on. */
    private static final long LOOK_NANOS = SECOND_NANOS / 20;

    private final long bytesPerSecond;
    private final LongSupplier clock;
    private final LongConsumer sleeper;
    /** When everything that was taken is earned. */
    private final AtomicLong earnedAt;

    private RateLimit(long bytesPerSecond, LongSupplier clock, LongConsumer sleeper) {
        this.bytesPerSecond = bytesPerSecond;
        this.clock = clock;
        this.sleeper = sleeper;
        this.earnedAt = new AtomicLong(clock.getAsLong());
    }

    /** A limit of so many bytes a second, {@value #BYTES_PER_SECOND_MIN} or more. */
    public static RateLimit of(long bytesPerSecond) {
        if (bytesPerSecond < BYTES_PER_SECOND_MIN) {
            throw new IllegalArgumentException("bytesPerSecond=" + bytesPerSecond);
        }
        return new RateLimit(bytesPerSecond, System::nanoTime, RateLimit::sleep);
    }

    /** The same with another clock, in nanoseconds, and somebody else who sleeps. For tests. */
    public static RateLimit of(long bytesPerSecond, LongSupplier clock, LongConsumer sleeper) {
        return new RateLimit(bytesPerSecond, clock, sleeper);
    }

    /** How many bytes a second; {@link Long#MAX_VALUE} for {@link #NONE}. */
    public long bytesPerSecond() {
        return bytesPerSecond;
    }

    /**
     * How much to take at once where {@code most} would be taken without a limit: a whole number of units of {@code
     * unitBytes}, at least one. A unit that is longer than a fortieth of a second makes the limit as coarse as itself.
     */
    public long piece(long most, long unitBytes) {
        return Math.max(unitBytes, Math.min(most, bytesPerSecond / PIECES_A_SECOND) / unitBytes * unitBytes);
    }

    /**
     * Takes {@code bytes}, and returns when they are earned; at once if the rate is not reached. An interrupt does not
     * end the wait; its status is kept.
     *
     * @param waiting run now and then meanwhile; what it throws ends the wait
     */
    public void take(long bytes, Runnable waiting) {
        if (bytesPerSecond == Long.MAX_VALUE) {
            return;
        }
        long until = book((long) Math.ceil((double) bytes * SECOND_NANOS / bytesPerSecond));
        for (long left = until - clock.getAsLong(); left > 0; left = until - clock.getAsLong()) {
            waiting.run();
            sleeper.accept(Math.min(left, LOOK_NANOS));
        }
    }

    /** By the clock. */
    long earnedAtNanos() {
        return earnedAt.get();
    }

    private long book(long cost) {
        while (true) {
            long seen = earnedAt.get();
            long oldest = clock.getAsLong() - BURST_NANOS;
            long from = seen - oldest > 0 ? seen : oldest;
            if (earnedAt.compareAndSet(seen, from + cost)) {
                return from + cost;
            }
        }
    }

    /** Slept, not parked: with the interrupt status set no park waits. */
    private static void sleep(long nanos) {
        boolean interrupted = Thread.interrupted();
        try {
            TimeUnit.NANOSECONDS.sleep(nanos);
        } catch (InterruptedException e) {
            interrupted = true;
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}

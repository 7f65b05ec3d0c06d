package dev.quire.cli;

import dev.quire.io.Progress;
import java.io.PrintStream;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

/**
 * Tells how far a long operation is: a bar on a terminal; elsewhere a line every ten seconds, so that a log shows that
 * something goes on and a short operation says nothing. Any thread; who finds another one here does not wait.
 */
final class ProgressLine implements Progress, AutoCloseable {

    private static final long LINE_NANOS = 10_000_000_000L;
    private static final double PERCENT = 100.0;

    private final ReentrantLock lock = new ReentrantLock();
    private final PrintStream err;
    private final boolean bars;
    private final boolean silent;
    private final Cancellation cancellation;
    private final LongSupplier clock;
    private final Map<String, Start> starts = new HashMap<>();
    private String phase = "";
    private TerminalBar bar;
    private long lastLine;

    /** When a phase was seen first, and how far it was then. */
    private record Start(long nanos, long done) {}

    ProgressLine(PrintStream err, boolean terminal, boolean silent, Cancellation cancellation) {
        this(err, terminal, silent, cancellation, System::nanoTime);
    }

    /** The same with another clock, in nanoseconds. */
    ProgressLine(PrintStream err, boolean terminal, boolean silent, Cancellation cancellation, LongSupplier clock) {
        this.clock = clock;
        this.lastLine = clock.getAsLong();
        this.err = err;
        this.bars = terminal && !silent;
        this.silent = silent;
        this.cancellation = cancellation;
    }

    @Override
    public void advance(Phase of, long done, long total) {
        show(of.name().toLowerCase(Locale.ROOT), done, total);
    }

    @Override
    public boolean isCancelled() {
        return cancellation.isCancelled();
    }

    /** The same for what is no phase of a backup: {@code done} of {@code total} bytes. */
    void step(String name, long done, long total) {
        show(name, done, total);
        cancellation.check();
    }

    private void show(String name, long done, long total) {
        if (silent || !lock.tryLock()) {
            return;
        }
        try {
            if (bars) {
                bar(name, done, total);
            } else {
                line(name, done, total);
            }
        } finally {
            lock.unlock();
        }
    }

    private void line(String name, long done, long total) {
        long now = clock.getAsLong();
        Start start = starts.computeIfAbsent(name, each -> new Start(now, done));
        if (now - lastLine > LINE_NANOS) {
            lastLine = now;
            err.println(name + amount(done, total, rate(done - start.done(), now - start.nanos())));
        }
    }

    /** On the average since the phase began, as the bar shows it. */
    private static String rate(long bytes, long nanos) {
        return bytes <= 0 || nanos <= 0 ? "" : ", " + Amounts.bytes(Amounts.perSecond(bytes, nanos)) + "/s";
    }

    private static String amount(long done, long total, String rate) {
        if (total == 1) {
            return ""; // a phase that is one step
        }
        return total <= 0
                ? ": " + Amounts.bytes(done) + rate
                : ": " + Math.round(PERCENT * done / total) + " %, " + Amounts.bytes(done) + " of "
                        + Amounts.bytes(total) + rate;
    }

    private void bar(String name, long done, long total) {
        if (!name.equals(phase)) {
            endBar();
            phase = name;
            bar = new TerminalBar(err, name);
        }
        bar.show(done, total);
    }

    private void endBar() {
        if (bar != null) {
            bar.close();
            bar = null;
            phase = "";
        }
    }

    @Override
    public void close() {
        lock.lock();
        try {
            endBar();
        } finally {
            lock.unlock();
        }
    }
}

package dev.quire.io.log;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Reads a stretch of a surveyed log once, for several handlers at once, each on its own thread. All go through the same
 * windows, of which there are {@value #WINDOWS}; a window is filled again when all have left it, so memory is bounded
 * whatever the log is.
 *
 * <pre>
 *                  filled next --+            +-- left by the slowest handler
 *                                v            v
 *   windows, by number   ...  n+3 | n+2  n+1  n | n-1  ...
 *                                    ^-- the fastest handler is here
 * </pre>
 *
 * <p>There is no thread for reading: a handler that comes to the end of its window, and finds fewer than
 * {@value #AHEAD} filled ahead of it, fills one first. So all processors work, and hardly anybody waits for anybody.
 */
final class LogBroadcast {

    private static final int WINDOWS = 12;

    /** How many windows a handler wants to see filled before it goes on: to wait for one costs more than they do. */
    private static final int AHEAD = 8;

    private final LogSettings settings;
    private final List<GenerationInfo> generations;
    private final long from;
    private final long to;

    private final Window[] windows = new Window[WINDOWS];
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    /** How many windows each handler has left. */
    private long[] left;
    /** How many windows were filled. */
    private long filled;

    private boolean filling;
    private boolean finished;
    private boolean failed;

    // These belong to whoever is filling.
    private int opened;
    private GenerationReader reader;
    private BatchWalk walk;

    /** Some verified batches, one behind the other. Written by the reader while no handler has it. */
    private static final class Window {
        final ByteBuffer buffer = GenerationReader.window(GenerationReader.WINDOW_BYTES);
        int first;
        int batches;
        long firstLsn;

        void add(BatchWalk walk, long lsn) {
            if (batches++ == 0) {
                first = walk.index();
                firstLsn = lsn;
            }
        }
    }

    LogBroadcast(LogSettings settings, List<GenerationInfo> generations, long from, long to) {
        this.settings = settings;
        this.generations = generations;
        this.from = from;
        this.to = to;
    }

    /** Reads all of it; returns when every handler has had it, or throws what stopped it. */
    void run(List<? extends RecordHandler> handlers, boolean threads) {
        if (!threads) {
            inTurn(handlers);
            return;
        }
        List<RecordHandler> all = new ArrayList<>(handlers);
        if (all.size() == 1) {
            all.add(new Nobody());
        }
        left = new long[all.size()];
        List<Runnable> parts = new ArrayList<>();
        for (int i = 0; i < all.size(); i++) {
            int index = i;
            parts.add(() -> orFail(() -> follow(index, all.get(index))));
        }
        try {
            LogThreads.together(parts, this::fail);
        } finally {
            closeReader();
        }
    }

    /** Somebody who is shown nothing, and so has time to fill windows for the one who is. */
    private static final class Nobody implements RecordHandler {
        @Override
        public void record(long lsn, int type, ByteBuffer buffer, int offset, int length) {
            throw new IllegalStateException("lsn=" + lsn);
        }

        @Override
        public void stretch(Runnable records) {
            // shown nothing
        }
    }

    private void inTurn(List<? extends RecordHandler> handlers) {
        ByteBuffer window = GenerationReader.window(GenerationReader.WINDOW_BYTES);
        for (GenerationInfo info : generations) {
            try (GenerationReader reader = new GenerationReader(
                    settings.storage(), LogFiles.path(settings.directory(), info.generation()), window)) {
                LogFiles.walk(
                        reader,
                        settings.signature(),
                        info,
                        to,
                        walk -> handlers.forEach(handler -> handler.stretch(() -> walk.records(from, to, handler))));
            }
        }
    }

    /** Whoever fails makes the others stop where they are. */
    private void orFail(Runnable part) {
        try {
            part.run();
        } catch (Stopped e) {
            // because of another's failure, which is thrown
        } catch (RuntimeException | Error e) {
            fail();
            throw e;
        }
    }

    private void fail() {
        lock.lock();
        try {
            failed = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Fills a window that nobody has; says whether there was anything to fill it with. */
    private boolean fill(Window window) {
        window.batches = 0;
        while (window.batches == 0) {
            if (reader != null) {
                reader.move(walk.offset(), window.buffer);
            } else if (!openNext(window.buffer)) {
                return false;
            }
            fillFromGeneration(window);
        }
        return true;
    }

    private boolean openNext(ByteBuffer buffer) {
        if (opened == generations.size()) {
            return false;
        }
        GenerationInfo info = generations.get(opened);
        reader = new GenerationReader(
                settings.storage(), LogFiles.path(settings.directory(), info.generation()), buffer);
        LogFiles.accept(reader, settings.signature(), info.generation());
        walk = new BatchWalk(reader);
        opened++;
        return true;
    }

    private void fillFromGeneration(Window window) {
        GenerationInfo info = generations.get(opened - 1);
        while (window.batches == 0 || walk.isAtHand()) {
            if (!LogFiles.advance(reader, walk, info, to)) {
                closeReader();
                return;
            }
            window.add(walk, Lsn.of(info.generation(), walk.batchOffset()));
        }
    }

    private void closeReader() {
        if (reader != null) {
            reader.close();
            reader = null;
        }
    }

    private long slowest() {
        long least = Long.MAX_VALUE;
        for (long number : left) {
            least = Math.min(least, number);
        }
        return least;
    }

    private void follow(int index, RecordHandler handler) {
        for (Window window = after(index, 0); window != null; window = after(index, left[index] + 1)) {
            Window current = window;
            ByteBuffer view = window.buffer.duplicate().order(ByteOrder.LITTLE_ENDIAN);
            handler.stretch(() -> records(current, view, handler));
        }
    }

    /**
     * Leaves the first {@code number} windows, sees to it that there are more, and returns the one behind them; null if
     * there is none.
     */
    private Window after(int index, long number) {
        lock.lock();
        try {
            left[index] = number;
            changed.signalAll();
            while (true) {
                checkGoingOn();
                if (!filling && !finished && filled < number + AHEAD && filled - slowest() < WINDOWS) {
                    fillNext();
                } else if (filled > number) {
                    return windows[(int) (number % WINDOWS)];
                } else if (finished) {
                    return null;
                } else {
                    changed.awaitUninterruptibly();
                }
            }
        } finally {
            lock.unlock();
        }
    }

    /** Called with the lock, which is given up meanwhile. */
    private void fillNext() {
        int index = (int) (filled % WINDOWS);
        filling = true;
        lock.unlock();
        boolean more = false;
        try {
            if (windows[index] == null) {
                windows[index] = new Window();
            }
            more = fill(windows[index]);
        } finally {
            lock.lock();
            filling = false;
            filled += more ? 1 : 0;
            finished = !more;
            changed.signalAll();
        }
    }

    private void checkGoingOn() {
        if (failed) {
            throw new Stopped();
        }
    }

    private void records(Window window, ByteBuffer view, RecordHandler handler) {
        int index = window.first;
        long lsn = window.firstLsn;
        for (int i = 0; i < window.batches; i++) {
            BatchWalk.records(view, index, lsn, from, to, handler);
            int bytes = view.getInt(index + BatchLayout.BYTES_OFFSET);
            index += bytes;
            lsn += bytes;
        }
    }

    /** Ends a thread because another one has failed. */
    private static final class Stopped extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Stopped() {
            super(null, null, false, false);
        }
    }
}

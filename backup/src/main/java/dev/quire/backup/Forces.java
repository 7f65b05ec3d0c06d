package dev.quire.backup;

import dev.quire.durable.EngineThreads;
import dev.quire.io.StoreFile;
import java.util.concurrent.Future;
import java.util.function.LongSupplier;

/**
 * Forces files on another thread while the caller goes on: most of the time of a backup is the disk's, and while nobody
 * forces, the disk has nothing to do. One force at a time, and every failure of one comes out of the next call. Used by
 * one thread; without background that thread forces itself.
 *
 * <p>The disk serves one after the other. A commit that comes while it has much to write waits for all of that: so
 * beside writers it is given little at a time, and nothing while that little is copied.
 */
final class Forces implements AutoCloseable {

    /**
     * How much is moved at least from the beginning of one force to that of the next. 2 to 16 MiB are the same; with 32
     * the disk stands idle too long at first and has too much left to do at last.
     */
    private static final int FORCE_BYTES = 8 << 20;

    /** The same beside writers. With half of it a force is mostly the file system's own notes; more is felt. */
    private static final int BESIDE_WRITERS_BYTES = 1 << 20;

    /** For so long somebody who has written still counts: our own force may be what he waits for. */
    private static final long WRITING_NS = 50_000_000;

    private final EngineThreads threads;
    private final LongSupplier written;
    private Future<?> running;
    private long unforcedBytes;
    private long lastWritten;
    private long lastWrittenNs;

    /** Beside nobody who writes. */
    Forces(EngineThreads threads) {
        this(threads, () -> 0);
    }

    /** Beside those of whom {@code written} says how much they have written to the log. */
    Forces(EngineThreads threads, LongSupplier written) {
        this.threads = threads;
        this.written = written;
        this.lastWritten = written.getAsLong();
        this.lastWrittenNs = System.nanoTime() - WRITING_NS;
    }

    /** So many more bytes are in a file that will be forced: begins with that if it is time. Promises nothing. */
    void moved(StoreFile file, long bytes) {
        unforcedBytes += bytes;
        if (!threads.background()) {
            return;
        }
        if (besideWriters()) {
            if (unforcedBytes >= BESIDE_WRITERS_BYTES) {
                start(file);
                await();
            }
        } else if (unforcedBytes >= FORCE_BYTES && (running == null || running.isDone())) {
            start(file);
        }
    }

    /** Whether somebody writes; without background only if he has since this was last asked. */
    boolean besideWriters() {
        long now = System.nanoTime();
        long position = written.getAsLong();
        if (position != lastWritten) {
            lastWritten = position;
            lastWrittenNs = now;
            return true;
        }
        return threads.background() && now - lastWrittenNs < WRITING_NS;
    }

    /** Forces what is in a file by now: done when {@link #await} has returned. */
    void start(StoreFile file) {
        unforcedBytes = 0;
        if (threads.background()) {
            await();
            running = threads.start(file::force);
        } else {
            file.force();
        }
    }

    /** Whether {@link #await} returns at once. */
    boolean isDone() {
        return running == null || running.isDone();
    }

    /** Returns when everything that was started is forced; throws why it is not. */
    void await() {
        Future<?> last = running;
        running = null;
        if (last != null) {
            EngineThreads.await(last);
        }
    }

    /** The same; for files that are closed next. */
    @Override
    public void close() {
        await();
    }
}

package dev.quire.backup;

import dev.quire.durable.EngineThreads;
import dev.quire.io.StoreFile;
import java.util.concurrent.Future;

/**
 * Forces files on another thread while the caller goes on: most of the time of a backup is the disk's, and while nobody
 * forces, the disk has nothing to do. One force at a time, and every failure of one comes out of the next call. Used by
 * one thread; without background that thread forces itself.
 */
final class Forces implements AutoCloseable {

    /**
     * How much is moved at least from the beginning of one force to that of the next. 2 to 16 MiB are the same; with 32
     * the disk stands idle too long at first and has too much left to do at last.
     */
    private static final int FORCE_BYTES = 8 << 20;

    private final EngineThreads threads;
    private Future<?> running;
    private long unforcedBytes;

    Forces(EngineThreads threads) {
        this.threads = threads;
    }

    /** So many more bytes are in a file that will be forced: begins with that if it is time. Promises nothing. */
    void moved(StoreFile file, long bytes) {
        unforcedBytes += bytes;
        boolean idle = running == null || running.isDone();
        if (threads.background() && idle && unforcedBytes >= FORCE_BYTES) {
            start(file);
        }
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

package dev.quire.backup;

import dev.quire.durable.EngineThreads;
import dev.quire.io.StoreFile;
import java.util.concurrent.Future;

/**
 * Forces files on another thread while the caller goes on: most of the time of a backup is the disk's, and while nobody
 * forces, the disk has nothing to do. One force at a time, and every failure of one comes out of the next call. Used by
 * one thread; without background that thread forces itself.
 */
final class Forces {

    private final EngineThreads threads;
    private Future<?> running;

    Forces(EngineThreads threads) {
        this.threads = threads;
    }

    /** Begins to bring to the disk what is in a file by now, unless it is busy still. Promises nothing. */
    boolean tryStart(StoreFile file) {
        if (!threads.background() || running != null && !running.isDone()) {
            return false;
        }
        start(file);
        return true;
    }

    /** Forces what is in a file by now: done when {@link #await} has returned. */
    void start(StoreFile file) {
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
}

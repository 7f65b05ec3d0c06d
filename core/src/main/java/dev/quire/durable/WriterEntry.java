package dev.quire.durable;

import dev.quire.io.LimitException;
import dev.quire.io.QuireError;
import dev.quire.pages.Frame;
import java.util.concurrent.TimeUnit;

/**
 * The writer's place, and what an instance sees to before it gives it: that there is memory for a transaction, and that
 * the log behind the redo start does not grow beyond its bound.
 */
final class WriterEntry {

    private static final long PRESSURE_PAUSE_MS = 5;

    private final Engine engine;
    private final WriterPlace place = new WriterPlace();
    private volatile Thread thread;

    WriterEntry(Engine engine) {
        this.engine = engine;
    }

    /**
     * Waits for the place, whatever interrupts the caller. Whoever had it before may have ended the instance: so {@code
     * open} is asked again, before anything of the instance is used.
     */
    void begin(Runnable open) {
        open.run();
        engine.poison().check();
        checkNotWriting();
        place.acquire();
        thread = Thread.currentThread();
        try {
            open.run();
            engine.poison().check();
            makeRoom();
            checkDepth();
        } catch (RuntimeException | Error e) {
            thread = null;
            place.release();
            throw e;
        }
    }

    void end() {
        thread = null;
        place.release();
    }

    boolean tryBegin() {
        return place.tryAcquire();
    }

    void leave() {
        place.release();
    }

    void thread(Thread owner) {
        thread = owner;
    }

    void checkNotWriting() {
        if (thread == Thread.currentThread()) {
            throw new IllegalStateException("this thread has a write transaction open and would wait for itself");
        }
    }

    /**
     * Memory for a writer when there is none: forces, writes a checkpoint, waits a bounded time for those who read. May
     * return null, at once if nobody reads: what the writer itself keeps it gives back at its end.
     */
    Frame relieve(int length) {
        EngineSettings settings = engine.settings();
        long start = System.nanoTime();
        long waitNs = TimeUnit.MILLISECONDS.toNanos(settings.memoryWaitMs());
        while (true) {
            boolean alone = engine.versions().readers().active() == 1;
            engine.checkpoint();
            Frame frame = engine.versions().take(length);
            boolean waits = settings.background() && !alone && System.nanoTime() - start <= waitNs;
            if (frame != null || !waits) {
                return frame;
            }
            EngineThreads.pause(PRESSURE_PAUSE_MS);
        }
    }

    /**
     * Memory that a checkpoint drops while a transaction is open cannot be used again before that transaction ends. So
     * a writer that might need the half that one may use looks for it before it begins.
     */
    private void makeRoom() {
        engine.versions().reclaim();
        if (engine.versions().pool().usedBytes() > engine.versions().pool().limitBytes() / 2) {
            engine.checkpoint();
        }
    }

    private void checkDepth() {
        long limit = engine.settings().depthBytesMax();
        if (engine.depthBytes() > limit) {
            engine.checkpoint();
        }
        if (engine.depthBytes() > limit) {
            throw new LimitException(
                    QuireError.CHECKPOINT_DEPTH_TOO_DEEP,
                    null,
                    "depthBytes=" + engine.depthBytes() + " limit=" + limit + "; the checkpoint is held back by "
                            + engine.versions().readers().oldest(),
                    null);
        }
    }
}

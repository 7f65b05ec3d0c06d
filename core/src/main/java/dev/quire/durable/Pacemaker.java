package dev.quire.durable;

import dev.quire.pages.FramePool;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;

/**
 * Decides when a checkpoint is due: enough log behind the redo start, most of half the memory in use, or time gone by;
 * and makes lazy commits durable within their bound. One engine thread; without background there is none, and whoever
 * runs the engine calls for checkpoints.
 */
final class Pacemaker {

    private static final long TICK_NS = 10_000_000;

    private final Engine engine;
    private volatile boolean stopping;
    private volatile Thread thread;
    private Future<?> loop;
    private long lastCheckpointNs = System.nanoTime();

    Pacemaker(Engine engine) {
        this.engine = engine;
    }

    void start() {
        if (engine.threads().background()) {
            loop = engine.threads().start(this::run);
        }
    }

    /** Something was committed: looks whether memory calls for a checkpoint now. */
    void nudge() {
        if (thread != null && memoryIsShort()) {
            LockSupport.unpark(thread);
        }
    }

    void stop() {
        stopping = true;
        if (loop != null) {
            LockSupport.unpark(thread);
            EngineThreads.await(loop);
        }
    }

    private void run() {
        thread = Thread.currentThread();
        while (!stopping && engine.poison().cause() == null) {
            LockSupport.parkNanos(TICK_NS);
            try {
                if (!stopping) {
                    tick();
                }
            } catch (RuntimeException | Error e) {
                engine.poison().set(e);
            }
        }
    }

    private void tick() {
        EngineSettings settings = engine.settings();
        if (engine.log() != null
                && engine.versions().clock().published()
                        > engine.versions().clock().durable()) {
            // Nothing waits for a lazy commit; the bound on its durability is a few ticks.
            engine.log().force();
        }
        long elapsedMs = (System.nanoTime() - lastCheckpointNs) / 1_000_000;
        boolean due = memoryIsShort()
                || engine.depthBytes() > settings.checkpointBytes() && elapsedMs > 100
                || elapsedMs > settings.checkpointIntervalMs();
        if (due) {
            engine.checkpoint();
            lastCheckpointNs = System.nanoTime();
        }
    }

    /** Before half of the memory is in use, where writers begin to wait. */
    private boolean memoryIsShort() {
        engine.versions().reclaim();
        FramePool pool = engine.versions().pool();
        return pool.usedBytes() > pool.limitBytes() / 8 * 3;
    }
}

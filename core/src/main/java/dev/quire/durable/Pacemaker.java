package dev.quire.durable;

import dev.quire.pages.CommitClock;
import dev.quire.pages.FramePool;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;

/**
 * Decides when a checkpoint is due: enough log behind the redo start, most of half the memory in use, or time gone by;
 * and makes lazy commits durable within their bound. Two engine threads, for a checkpoint may take many times that
 * bound; without background there are none, and whoever runs the engine calls for checkpoints.
 */
final class Pacemaker {

    private static final long TICK_NS = 10_000_000;

    private final Engine engine;
    private volatile boolean stopping;
    private volatile Thread thread;
    private Future<?> forcing;
    private Future<?> checkpointing;
    private long lastCheckpointNs = System.nanoTime();

    Pacemaker(Engine engine) {
        this.engine = engine;
    }

    void start() {
        if (!engine.threads().background()) {
            return;
        }
        if (engine.log() != null) {
            forcing = engine.threads().start(() -> run(this::forceLazy));
        }
        checkpointing = engine.threads().start(() -> {
            thread = Thread.currentThread();
            run(this::checkpointIfDue);
        });
    }

    /** Something was committed: looks whether memory calls for a checkpoint now. */
    void nudge() {
        if (thread != null && memoryIsShort()) {
            LockSupport.unpark(thread);
        }
    }

    void stop() {
        stopping = true;
        if (forcing != null) {
            EngineThreads.await(forcing);
        }
        if (checkpointing != null) {
            LockSupport.unpark(thread);
            EngineThreads.await(checkpointing);
        }
    }

    private void run(Runnable task) {
        while (!stopping && engine.poison().cause() == null) {
            LockSupport.parkNanos(TICK_NS);
            try {
                if (!stopping) {
                    task.run();
                }
            } catch (RuntimeException | Error e) {
                engine.poison().set(e);
            }
        }
    }

    /** Nothing waits for a lazy commit; the bound on its durability is a few ticks. */
    private void forceLazy() {
        CommitClock clock = engine.versions().clock();
        if (clock.published() > clock.durable()) {
            engine.log().force();
        }
    }

    private void checkpointIfDue() {
        EngineSettings settings = engine.settings();
        long elapsedMs = (System.nanoTime() - lastCheckpointNs) / 1_000_000;
        boolean due = memoryIsShort()
                || engine.depthBytes() > settings.checkpointBytes() && elapsedMs > 100
                || elapsedMs > settings.checkpointIntervalMs();
        if (due) {
            engine.backup().leaveIfAbandoned(); // or the log that it keeps would grow until somebody wants its place
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

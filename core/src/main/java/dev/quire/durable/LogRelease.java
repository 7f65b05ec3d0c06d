package dev.quire.durable;

import dev.quire.io.log.LogWriter;
import dev.quire.io.log.Lsn;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.IntSupplier;
import java.util.function.IntUnaryOperator;

/**
 * The one function by which generations of the log disappear. A generation goes only if it lies below the redo start of
 * the older checkpoint slot, nothing pins it, and either circular logging is on or it is in a published backup.
 */
public final class LogRelease {

    private final ReentrantLock lock = new ReentrantLock();
    private final CheckpointFile checkpoint;
    private final LogWriter log;
    private final boolean circular;
    private final IntSupplier backedUpBelow;
    private final List<Pin> pins = new ArrayList<>();

    /** Keeps a generation and all behind it until it is closed. */
    public final class Pin implements AutoCloseable {

        private final int generation;
        private final long redoStart;

        private Pin(long redoStart, int generation) {
            this.generation = generation;
            this.redoStart = redoStart;
        }

        /** The redo start of the newest slot when the pin was set. */
        public long redoStart() {
            return redoStart;
        }

        /** The lowest generation it keeps. */
        public int generation() {
            return generation;
        }

        @Override
        public void close() {
            lock.lock();
            try {
                pins.remove(this);
            } finally {
                lock.unlock();
            }
        }
    }

    /** {@code backedUpBelow} answers up to which generation, exclusive, every attached database is backed up. */
    LogRelease(CheckpointFile checkpoint, LogWriter log, boolean circular, IntSupplier backedUpBelow) {
        this.checkpoint = checkpoint;
        this.log = log;
        this.circular = circular;
        this.backedUpBelow = backedUpBelow;
    }

    /** Pins the generation where recovery would start now, or the lower one that {@code lowest} makes of it. */
    Pin pin(IntUnaryOperator lowest) {
        lock.lock();
        try {
            long redoStart = checkpoint.newest().redoStart();
            Pin pin = new Pin(redoStart, lowest.applyAsInt(Lsn.generation(redoStart)));
            pins.add(pin);
            return pin;
        } finally {
            lock.unlock();
        }
    }

    /** Releases what the rule allows; returns the lowest generation that is kept. Engine threads. */
    public int release() {
        lock.lock();
        try {
            int below = Lsn.generation(checkpoint.oldestRedoStart());
            for (Pin pin : pins) {
                below = Math.min(below, pin.generation);
            }
            if (!circular) {
                below = Math.min(below, backedUpBelow.getAsInt());
            }
            log.release(below);
            return below;
        } finally {
            lock.unlock();
        }
    }
}

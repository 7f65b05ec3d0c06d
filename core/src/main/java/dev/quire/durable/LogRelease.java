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

    /** Why a generation stays. */
    public enum Reason {
        /** Recovery may have to start there. */
        RECOVERY,
        /** A backup that runs needs it. */
        PINNED,
        /** Logging is not circular, and no full or incremental backup of every database has it. */
        NOT_BACKED_UP
    }

    /**
     * What is left when log was released.
     *
     * @param generation the lowest that is kept
     * @param reason why
     */
    public record Kept(int generation, Reason reason) {}

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

    /** Releases what the rule allows; says which generation is the lowest that is kept, and why. Engine threads. */
    public Kept release() {
        lock.lock();
        try {
            Kept kept = kept(null, circular ? Integer.MAX_VALUE : backedUpBelow.getAsInt());
            log.release(kept.generation());
            return kept;
        } finally {
            lock.unlock();
        }
    }

    /** What would be kept now if {@code without} were closed, and all below {@code backedUp} in a backup. */
    Kept expected(Pin without, int backedUp) {
        lock.lock();
        try {
            return kept(without, circular ? Integer.MAX_VALUE : backedUp);
        } finally {
            lock.unlock();
        }
    }

    private Kept kept(Pin without, int backedUp) {
        Kept kept = new Kept(Lsn.generation(checkpoint.oldestRedoStart()), Reason.RECOVERY);
        for (Pin pin : pins) {
            kept = pin == without ? kept : lower(kept, pin.generation, Reason.PINNED);
        }
        return lower(kept, backedUp, Reason.NOT_BACKED_UP);
    }

    private static Kept lower(Kept kept, int generation, Reason reason) {
        return generation < kept.generation() ? new Kept(generation, reason) : kept;
    }
}

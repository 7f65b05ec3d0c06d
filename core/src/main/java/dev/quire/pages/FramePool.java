package dev.quire.pages;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

/**
 * All frames of an instance, cut from slabs that stay allocated while it is open. A slab costs milliseconds and a
 * stall to allocate, a frame out of one a few dozen nanoseconds; and memory that is never given back cannot be read
 * after it was.
 *
 * <p>One budget bounds the whole. Any thread may call anything.
 */
public final class FramePool {

    private static final int SLAB_BYTES = 4 << 20;
    /** To be refused memory takes half a second, in which the JVM looks for garbage: not for every page. */
    private static final long RETRY_NS = 10_000_000_000L;
    /** Fewer than these are asked for again. */
    private static final int SLABS_MIN = 2;

    private static final int SLABS_LEFT_TO_OTHERS = 2;

    private final ReentrantLock lock = new ReentrantLock();
    private final List<Slab> slabs = new ArrayList<>();
    private final long budgetBytes;
    private long usedBytes;
    private int hint;
    private boolean closed;
    private boolean limited;
    private long limitedSinceNs;

    /** A pool that hands out at most {@code budgetBytes} at once. */
    public FramePool(long budgetBytes) {
        this.budgetBytes = budgetBytes;
    }

    /** A frame for {@code length} bytes with undefined content, or null when the budget is spent. */
    Frame take(int length) {
        int rounded = Slab.roundedBytes(length);
        lock.lock();
        try {
            if (closed || usedBytes + rounded > budgetBytes) {
                return null;
            }
            Slab slab = slabWithRoom(rounded);
            if (slab == null) {
                return null;
            }
            usedBytes += rounded;
            return new Frame(slab, slab.take(rounded), length);
        } finally {
            lock.unlock();
        }
    }

    /** Takes the memory of a frame back; nobody may read it any more. */
    void give(Frame frame) {
        if (frame.isCovered()) {
            return;
        }
        lock.lock();
        try {
            int rounded = Slab.roundedBytes(frame.length);
            frame.slab().give(frame.offset, rounded);
            usedBytes -= rounded;
        } finally {
            lock.unlock();
        }
    }

    /** Counts memory against the budget that is used beside the frames; negative when it is free again. */
    void charge(long length) {
        lock.lock();
        try {
            usedBytes += length;
        } finally {
            lock.unlock();
        }
    }

    /** Lets the memory go, as far as nobody reads it; there is none from now on. */
    public void close() {
        lock.lock();
        try {
            closed = true;
            slabs.clear();
        } finally {
            lock.unlock();
        }
    }

    /** Bytes in use by frames, and beside them. */
    public long usedBytes() {
        lock.lock();
        try {
            return usedBytes;
        } finally {
            lock.unlock();
        }
    }

    /** Bytes of memory outside the heap that the pool holds. */
    public long heldBytes() {
        lock.lock();
        try {
            return (long) slabs.size() * SLAB_BYTES;
        } finally {
            lock.unlock();
        }
    }

    /** The most bytes that frames can use at once: the budget, or what the process has, if that is less. */
    public long limitBytes() {
        lock.lock();
        try {
            return limited ? Math.min(budgetBytes, (long) slabs.size() * SLAB_BYTES) : budgetBytes;
        } finally {
            lock.unlock();
        }
    }

    /** The most bytes that frames may use at once. */
    public long budgetBytes() {
        return budgetBytes;
    }

    private Slab slabWithRoom(int rounded) {
        for (int i = 0; i < slabs.size(); i++) {
            int index = (hint + i) % slabs.size();
            if (slabs.get(index).fits(rounded)) {
                hint = index;
                return slabs.get(index);
            }
        }
        if ((slabs.size() + 1L) * SLAB_BYTES - budgetBytes > Math.max(budgetBytes / 4, SLAB_BYTES - budgetBytes)) {
            return null;
        }
        return addSlab() ? slabs.get(hint) : null;
    }

    /**
     * The process may have less memory outside the heap than the budget. Then what there is must do, less a little that
     * others need: the last slabs are let go, and go when nobody can read them any more.
     */
    private boolean addSlab() {
        if (limited && (slabs.size() >= SLABS_MIN || System.nanoTime() - limitedSinceNs < RETRY_NS)) {
            return false;
        }
        try {
            slabs.add(new Slab(SLAB_BYTES));
            limited = false;
        } catch (OutOfMemoryError e) {
            limited = true;
            limitedSinceNs = System.nanoTime();
            for (int i = 0; i < SLABS_LEFT_TO_OTHERS && slabs.size() > SLABS_MIN; i++) {
                slabs.remove(slabs.size() - 1);
            }
        }
        hint = Math.max(0, slabs.size() - 1);
        return !limited;
    }
}

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

    private final ReentrantLock lock = new ReentrantLock();
    private final List<Slab> slabs = new ArrayList<>();
    private final long budgetBytes;
    private long usedBytes;
    private int hint;

    /** A pool that hands out at most {@code budgetBytes} at once. */
    public FramePool(long budgetBytes) {
        this.budgetBytes = budgetBytes;
    }

    /** A frame for {@code length} bytes with undefined content, or null when the budget is spent. */
    Frame take(int length) {
        int rounded = Slab.roundedBytes(length);
        lock.lock();
        try {
            if (usedBytes + rounded > budgetBytes) {
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

    /** Bytes in use by frames. */
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
        if ((slabs.size() + 1L) * SLAB_BYTES > Math.max(budgetBytes + budgetBytes / 4, SLAB_BYTES)) {
            return null;
        }
        try {
            slabs.add(new Slab(SLAB_BYTES));
        } catch (OutOfMemoryError e) {
            // The process may have less memory outside the heap than the budget: what there is must do.
            return null;
        }
        hint = slabs.size() - 1;
        return slabs.get(hint);
    }
}

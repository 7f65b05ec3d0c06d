package dev.quire.durable;

import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * Keeps a backup from reading a range of pages while the checkpoint writes it, and the other way round. Held for one
 * write of at most 256 KiB, or for the copy of one unit of at most 1 MiB: long enough for a page to be read whole, too
 * short for anybody to notice. Fair, so that neither starves the other.
 */
public final class RangeLatch {

    private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock(true);

    /** Pages may be read from the file without being torn until {@link #copied}. */
    public void copying() {
        lock.readLock().lock();
    }

    /** Ends {@link #copying}; same thread. */
    public void copied() {
        lock.readLock().unlock();
    }

    void writing() {
        lock.writeLock().lock();
    }

    void written() {
        lock.writeLock().unlock();
    }
}

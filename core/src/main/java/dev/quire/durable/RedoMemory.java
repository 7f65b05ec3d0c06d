package dev.quire.durable;

import dev.quire.pages.DatabasePages;
import dev.quire.pages.Frame;
import dev.quire.pages.Versions;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * What those who redo share: memory for pages, and the length of the files. When memory is spent, one of them writes
 * what there is like a checkpoint, without moving the redo start, while the others hold still between two records: no
 * page is written half changed.
 *
 * <p>Pages may then stand at different places of the log in the file. That is nothing new to a recovery that starts
 * again: every page says by its dbtime where it stands.
 */
final class RedoMemory {

    private final Versions versions;
    private final Checkpointer checkpointer;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final ReentrantLock growing = new ReentrantLock();
    /** How many are between the beginning and the end of a stretch of records. */
    private int busy;

    private volatile boolean writing;

    RedoMemory(Versions versions, Checkpointer checkpointer) {
        this.versions = versions;
        this.checkpointer = checkpointer;
    }

    /**
     * The caller is about to look at pages, and will call {@link #pause} between records and {@link #leave} at last.
     */
    void enter() {
        lock.lock();
        try {
            awaitWritten();
            busy++;
        } finally {
            lock.unlock();
        }
    }

    /** The caller looks at no page before it calls {@link #enter} again. */
    void leave() {
        lock.lock();
        try {
            busy--;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Between two records: lets somebody write who needs memory. Frames found before mean nothing any more. */
    void pause() {
        if (writing) {
            leave();
            enter();
        }
    }

    /**
     * A frame with undefined content. The caller has changed nothing yet for the record that it is at, and has no
     * frame.
     *
     * @throws dev.quire.io.LimitException if the budget is too small even so
     */
    Frame take(int length) {
        Frame frame = versions.take(length);
        if (frame == null) {
            frame = takeAlone(length);
        }
        if (frame == null) {
            throw versions.outOfMemory();
        }
        return frame;
    }

    private Frame takeAlone(int length) {
        lock.lock();
        try {
            busy--;
            changed.signalAll();
            awaitWritten();
            writing = true;
            while (busy > 0) {
                changed.awaitUninterruptibly();
            }
            Frame frame = versions.take(length);
            if (frame == null) {
                checkpointer.flush();
                frame = versions.take(length);
            }
            return frame;
        } finally {
            writing = false;
            busy++;
            changed.signalAll();
            lock.unlock();
        }
    }

    private void awaitWritten() {
        while (writing) {
            changed.awaitUninterruptibly();
        }
    }

    /**
     * Makes the file {@code pageEnd} pages long, in two steps: so the length says that everything but the last page was
     * written and forced. {@link Recovery} relies on that when this recovery is cut short.
     */
    void grow(DatabasePages database, long pageEnd) {
        growing.lock();
        try {
            for (long end = pageEnd - 1; end <= pageEnd; end++) {
                if (end > database.file().pageCount()) {
                    database.file().grow(end);
                }
            }
        } finally {
            growing.unlock();
        }
    }
}

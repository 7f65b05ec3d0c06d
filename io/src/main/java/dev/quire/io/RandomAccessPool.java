package dev.quire.io;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A few handles of one file that an interrupt cannot close, each lent to one thread at a time because its cursor is
 * part of it. The first is opened when it is first asked for. Waiting for one cannot be interrupted.
 */
final class RandomAccessPool {

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition returned = lock.newCondition();
    private final FileIdentity identity;
    private final String mode;
    private final RandomAccessFile[] idle;
    private int idleCount;
    private int openCount;
    private int most;
    private boolean closed;

    /** A pool of up to {@code handles} handles in {@code mode}, as {@link RandomAccessFile} has it. */
    RandomAccessPool(FileIdentity identity, String mode, int handles) {
        this.identity = identity;
        this.mode = mode;
        this.idle = new RandomAccessFile[handles];
        this.most = handles;
    }

    /** Lends a handle; {@code path} is where the file is now. It must be given back. */
    RandomAccessFile borrow(Path path) throws IOException {
        while (true) {
            RandomAccessFile ready = awaitIdle(path);
            if (ready != null) {
                return ready;
            }
            try {
                return open(path);
            } catch (IOException fault) {
                settleForFewer(fault);
            } catch (RuntimeException | Error fault) {
                giveUpPlace();
                throw fault;
            }
        }
    }

    /** Null: the caller may open one, it is counted already. */
    private RandomAccessFile awaitIdle(Path path) {
        lock.lock();
        try {
            while (true) {
                if (closed) {
                    throw new IllegalStateException("file is closed path=" + path);
                }
                if (idleCount > 0) {
                    return idle[--idleCount];
                }
                if (openCount < most) {
                    openCount++;
                    return null;
                }
                returned.awaitUninterruptibly();
            }
        } finally {
            lock.unlock();
        }
    }

    private RandomAccessFile open(Path path) throws IOException {
        identity.check(path); // a link would be followed, and a missing file created, by what comes next
        RandomAccessFile handle = new RandomAccessFile(path.toFile(), mode);
        try {
            identity.check(path);
            return handle;
        } catch (IOException | RuntimeException | Error fault) {
            handle.close();
            throw fault;
        }
    }

    /** What kept the handle from being opened says nothing about the next one: whoever waits may try. */
    private void giveUpPlace() {
        lock.lock();
        try {
            openCount--;
            returned.signal();
        } finally {
            lock.unlock();
        }
    }

    /** One handle is enough to go on with, none is not. */
    private void settleForFewer(IOException fault) throws IOException {
        lock.lock();
        try {
            openCount--;
            if (openCount == 0) {
                returned.signalAll();
                throw fault;
            }
            most = openCount;
        } finally {
            lock.unlock();
        }
    }

    /** Gives a handle back. */
    void giveBack(RandomAccessFile handle) throws IOException {
        lock.lock();
        try {
            if (!closed) {
                idle[idleCount++] = handle;
                returned.signal();
                return;
            }
        } finally {
            lock.unlock();
        }
        handle.close();
    }

    /** Closes the idle handles now, the lent ones when they come back. */
    void close() throws IOException {
        lock.lock();
        try {
            closed = true;
            returned.signalAll();
            while (idleCount > 0) {
                idle[--idleCount].close();
            }
        } finally {
            lock.unlock();
        }
    }
}

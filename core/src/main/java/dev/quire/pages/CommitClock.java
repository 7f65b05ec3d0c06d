package dev.quire.pages;

import java.util.concurrent.locks.ReentrantLock;

/**
 * Which commits exist, which of them are durable, and which of them readers see.
 *
 * <p>Positions of commits enter in order when their versions are in the tables. The log reports how far it is forced,
 * which may fall into the middle of a later transaction, and may even run ahead of the publication of an earlier one:
 * so both meet here, and what counts as durable is always the position of a whole, published commit.
 */
public final class CommitClock {

    private final ReentrantLock lock = new ReentrantLock();
    /** Published commits that are not durable yet, oldest first, in a ring. */
    private long[] waiting = new long[64];

    private int head;
    private int count;
    private long forced;
    private volatile long published;
    private volatile long durable;
    private volatile long visible;

    /** Starts at a position where everything below is durable. */
    public CommitClock(long position) {
        reset(position);
    }

    /** Starts again at {@code position}; nobody may be using the clock. */
    public void reset(long position) {
        lock.lock();
        try {
            count = 0;
            forced = position;
            published = position;
            durable = position;
            visible = position;
        } finally {
            lock.unlock();
        }
    }

    /** The newest commit whose versions are in the tables: what the next write transaction builds on. */
    public long published() {
        return published;
    }

    /** The newest commit that a crash cannot take back. */
    public long durable() {
        return durable;
    }

    /** The newest commit that a new reader sees: this volatile write is what makes a commit visible. */
    public long visible() {
        return visible;
    }

    /** The versions of {@code commit} are in the tables. A lazy commit is seen at once, a durable one when it is. */
    public void publish(long commit, boolean lazy) {
        lock.lock();
        try {
            if (count == waiting.length) {
                grow();
            }
            waiting[(head + count++) % waiting.length] = commit;
            published = commit;
            advance();
            if (lazy) {
                visible = Math.max(visible, commit);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Everything below {@code position} is on the medium. */
    public void forced(long position) {
        lock.lock();
        try {
            forced = Math.max(forced, position);
            advance();
        } finally {
            lock.unlock();
        }
    }

    private void advance() {
        long newest = durable;
        while (count > 0 && waiting[head] <= forced) {
            newest = waiting[head];
            head = (head + 1) % waiting.length;
            count--;
        }
        // Visible first: the bound of a checkpoint must never be ahead of what a reader that enters behind it sees.
        visible = Math.max(visible, newest);
        durable = newest;
    }

    private void grow() {
        long[] grown = new long[2 * waiting.length];
        for (int i = 0; i < count; i++) {
            grown[i] = waiting[(head + i) % waiting.length];
        }
        waiting = grown;
        head = 0;
    }
}

package dev.quire.pages;

import dev.quire.io.LimitException;
import dev.quire.io.QuireError;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/**
 * Who reads, as of which commit, and since which epoch. A transaction enters by a compare-and-set and two stores, and
 * leaves by one; nobody waits for anybody.
 *
 * <p>A slot is FREE, or PENDING, or holds the snapshot of its owner:
 *
 * <pre>
 *   FREE ──claim──▶ PENDING ──epoch, then visible, are read and stored──▶ snapshot ──leave──▶ FREE
 * </pre>
 *
 * Whoever scans reads its own bound first and the slots after it. A pending slot then means: somebody may have read any
 * value of {@code visible} up to now, keep everything. A slot claimed behind the scan reads a {@code visible} that is
 * at or above the scanner's bound. So a scan never overlooks a reader that needs something older than what it keeps.
 */
public final class ReaderSlots {

    static final long FREE = -1;
    static final long PENDING = -2;

    private static final int BLOCK_SLOTS = 64;
    private static final int BLOCKS_MAX = 1024;
    /** Longs between two slots: two cache lines, so that neighbours do not slow one another down. */
    private static final int STRIDE = 16;

    private static final int EPOCH = 1;

    private final ReentrantLock growLock = new ReentrantLock();
    private final AtomicLong epoch = new AtomicLong(1);
    private volatile Block[] blocks = {new Block()};

    private static final class Block {
        final AtomicLongArray words = new AtomicLongArray(BLOCK_SLOTS * STRIDE);
        final Thread[] owners = new Thread[BLOCK_SLOTS];
        final long[] sinceMillis = new long[BLOCK_SLOTS];

        Block() {
            for (int slot = 0; slot < BLOCK_SLOTS; slot++) {
                words.set(slot * STRIDE, FREE);
            }
        }
    }

    /** What one scan saw. */
    static final class Scan {
        /** A slot was pending: nothing may be decided now. */
        boolean pending;
        /** Lowest epoch of an occupied slot. */
        long epochMin;
        /** Snapshots of all occupied slots. */
        long[] snapshots = new long[16];
        /** How many. */
        int count;

        long snapshotMin(long bound) {
            long min = bound;
            for (int i = 0; i < count; i++) {
                min = Math.min(min, snapshots[i]);
            }
            return min;
        }
    }

    /** Says that whoever asked is not admitted: no slot. */
    public static final int REFUSED = -1;

    /**
     * Registers a reader of the commit that {@code visible} names.
     *
     * @return its slot, to be handed to {@link #snapshot} and {@link #leave}
     */
    public int enter(LongSupplier visible) {
        return enter(visible, () -> true);
    }

    /**
     * The same if {@code admitted} says so. It is asked while the slot is pending: so whoever first makes it say no and
     * calls {@link #users} then knows all who were let in, and counts nobody who is being turned away.
     *
     * @return its slot, or {@link #REFUSED}
     */
    public int enter(LongSupplier visible, BooleanSupplier admitted) {
        Thread self = Thread.currentThread();
        int start = (int) (self.getId() & 7);
        while (true) {
            Block[] seen = blocks;
            for (int b = 0; b < seen.length; b++) {
                int slot = claim(seen[b], start);
                if (slot >= 0) {
                    return occupy(seen[b], slot, self, visible, admitted) ? b * BLOCK_SLOTS + slot : REFUSED;
                }
            }
            grow(seen);
        }
    }

    /** The commit that the owner of {@code slot} sees. */
    public long snapshot(int slot) {
        return block(slot).words.get(slot % BLOCK_SLOTS * STRIDE);
    }

    /** Ends a registration. */
    public void leave(int slot) {
        Block block = block(slot);
        block.owners[slot % BLOCK_SLOTS] = null;
        block.words.set(slot % BLOCK_SLOTS * STRIDE, FREE);
    }

    /** The owner and age of the oldest snapshot, in words; for the message of whoever it holds back. */
    public String oldest() {
        long min = Long.MAX_VALUE;
        String text = "no transaction";
        for (Block block : blocks) {
            for (int slot = 0; slot < BLOCK_SLOTS; slot++) {
                long value = block.words.get(slot * STRIDE);
                Thread owner = block.owners[slot];
                if (value >= 0 && value < min) {
                    min = value;
                    text = "transaction of thread " + (owner == null ? "?" : owner.getName()) + ", open for "
                            + (System.currentTimeMillis() - block.sinceMillis[slot]) + " ms";
                }
            }
        }
        return text;
    }

    /** How many are registered. */
    public int active() {
        int count = 0;
        for (Block block : blocks) {
            for (int slot = 0; slot < BLOCK_SLOTS; slot++) {
                count += block.words.get(slot * STRIDE) == FREE ? 0 : 1;
            }
        }
        return count;
    }

    /**
     * How many are registered for good, after nobody else is admitted any more: waits for each that is just being
     * admitted or refused, which takes a moment.
     */
    public int users() {
        int count = 0;
        for (Block block : blocks) {
            for (int slot = 0; slot < BLOCK_SLOTS; slot++) {
                while (block.words.get(slot * STRIDE) == PENDING) {
                    Thread.yield();
                }
                count += block.words.get(slot * STRIDE) >= 0 ? 1 : 0;
            }
        }
        return count;
    }

    /** Starts a new epoch: what was dropped before is out of reach of everybody who enters from now on. */
    long advanceEpoch() {
        return epoch.incrementAndGet();
    }

    void scan(Scan into) {
        into.pending = false;
        into.count = 0;
        into.epochMin = Long.MAX_VALUE;
        for (Block block : blocks) {
            for (int slot = 0; slot < BLOCK_SLOTS; slot++) {
                long value = block.words.get(slot * STRIDE);
                if (value == PENDING) {
                    into.pending = true;
                } else if (value != FREE) {
                    add(into, value);
                    into.epochMin = Math.min(into.epochMin, block.words.get(slot * STRIDE + EPOCH));
                }
            }
        }
    }

    private static void add(Scan into, long snapshot) {
        if (into.count == into.snapshots.length) {
            into.snapshots = java.util.Arrays.copyOf(into.snapshots, 2 * into.count);
        }
        into.snapshots[into.count++] = snapshot;
    }

    private static int claim(Block block, int start) {
        for (int i = 0; i < BLOCK_SLOTS; i++) {
            int slot = (start + i) % BLOCK_SLOTS;
            if (block.words.get(slot * STRIDE) == FREE && block.words.compareAndSet(slot * STRIDE, FREE, PENDING)) {
                return slot;
            }
        }
        return -1;
    }

    private boolean occupy(Block block, int slot, Thread owner, LongSupplier visible, BooleanSupplier admitted) {
        if (!admitted.getAsBoolean()) {
            block.words.set(slot * STRIDE, FREE);
            return false;
        }
        block.owners[slot] = owner;
        block.sinceMillis[slot] = System.currentTimeMillis();
        block.words.set(slot * STRIDE + EPOCH, epoch.get());
        block.words.set(slot * STRIDE, visible.getAsLong());
        return true;
    }

    private Block block(int slot) {
        return blocks[slot / BLOCK_SLOTS];
    }

    private void grow(Block[] seen) {
        growLock.lock();
        try {
            if (blocks.length > seen.length) {
                return;
            }
            if (seen.length == BLOCKS_MAX) {
                throw new LimitException(
                        QuireError.TOO_MANY_ACTIVE_USERS,
                        null,
                        "open transactions=" + BLOCKS_MAX * BLOCK_SLOTS + " is the most there may be",
                        null);
            }
            Block[] grown = java.util.Arrays.copyOf(seen, seen.length + 1);
            grown[seen.length] = new Block();
            blocks = grown;
        } finally {
            growLock.unlock();
        }
    }
}

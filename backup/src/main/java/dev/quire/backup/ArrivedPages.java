package dev.quire.backup;

import dev.quire.durable.EngineThreads;
import dev.quire.io.Events;
import dev.quire.io.StoreFile;
import dev.quire.io.page.PageSweep;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;

/**
 * The copy of one database: verified where it arrived, and brought to the disk, both behind the mover on threads of
 * their own. What was verified in memory and went past the system's cache is not read back: it would come from the
 * disk. One thread moves; the same waits and closes.
 */
final class ArrivedPages implements AutoCloseable {

    /** What is verified between two looks at whether to go on. */
    private static final int SWEEP_BYTES = 64 << 20;

    private static final long PAUSE_NS = 100_000;

    private final UsageMap use;
    private final StoreFile target;
    private final int pageSize;
    private final long signature;
    private final BadPages bad;
    private final Forces forces;
    private final DoneRanges verified = new DoneRanges();
    private Future<?> verifier;
    private volatile long moved;
    private volatile boolean ended;
    private volatile boolean abandoned;
    private long readTwice;

    /**
     * Of a new file, which it closes.
     *
     * @param signature of the database
     * @param use what its pages are used for
     * @param bad where those go that do not verify
     */
    ArrivedPages(StoreFile target, int pageSize, long signature, UsageMap use, BadPages bad, Forces forces) {
        this.target = target;
        this.pageSize = pageSize;
        this.signature = signature;
        this.use = use;
        this.bad = bad;
        this.forces = forces;
    }

    StoreFile target() {
        return target;
    }

    /** Pages are about to arrive. */
    void begin(EngineThreads threads) {
        if (threads.background()) {
            verifier = threads.start(this::verify);
        }
    }

    /** All pages below {@code page} are there, the last {@code bytes} of them new. */
    void arrived(long page, long bytes) {
        moved = page;
        forces.moved(target, bytes);
    }

    /** All pages below {@code page} are there, the new ones verified; {@code cached} bytes of them still in memory. */
    void arrivedVerified(long page, long cached) {
        verified.add(moved, page);
        moved = page;
        forces.moved(target, cached);
    }

    /** All pages are there. They are forced when {@link #forces} are, and verified when {@link #await} returns. */
    void end() {
        moved = use.end();
        ended = true;
        forces.start(target);
        if (verifier == null) {
            verify();
        }
    }

    /** Whether {@link #await} returns at once. */
    boolean isDone() {
        return verifier == null || verifier.isDone();
    }

    /** Returns when what has arrived is verified. */
    void await() {
        Future<?> last = verifier;
        verifier = null;
        if (last != null) {
            EngineThreads.await(last);
        }
    }

    /** The pages that did not verify. */
    BadPages bad() {
        return bad;
    }

    /** Tells how many pages verified only the second time; behind {@link #await}. */
    void tellReadTwice(Events events) {
        FileSteps.readTwice(events, target.path(), readTwice);
    }

    /** Ends what is not ended, and closes the file. */
    @Override
    public void close() {
        abandoned = true;
        try {
            await();
        } finally {
            target.close();
        }
    }

    private void verify() {
        PageSweep sweep = new PageSweep(target, pageSize, signature, use).freeIsZeros();
        long margin = PageCopy.UNIT_BYTES / pageSize;
        long at = 2;
        while (at < use.end() && !abandoned) {
            boolean last = ended;
            long arrived = last ? moved : moved - margin;
            at = verified.nextUncovered(at);
            long to = Math.min(arrived, Math.min(verified.nextCovered(at), at + SWEEP_BYTES / pageSize));
            if (to > at) {
                at = sweep.sweep(at, to, (page, count, fault) -> bad.add(page, fault));
            } else if (!last) {
                LockSupport.parkNanos(PAUSE_NS);
            }
        }
        readTwice = sweep.readTwice();
    }
}

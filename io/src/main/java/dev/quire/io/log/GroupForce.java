package dev.quire.io.log;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * Who leads the force, and who waits for it. One leader at a time; what it forces serves everybody who appended before.
 *
 * <pre>
 *            lone committer                      nothing left to do
 *   FREE ───────────────────▶ CALLER ──────────────────────────────────────▶ FREE
 *     │                         │ others came meanwhile                       ▲
 *     │  work for the thread    ▼                                             │
 *     └──────────────────────▶ THREAD (the log thread, for as long as there is work)
 * </pre>
 *
 * A lone committer writes and forces in its own thread, since handing over costs up to a third of a commit. When others
 * came meanwhile the log thread takes over: it forces for all of them at once, wakes each by itself, and lingers for a
 * moment until as many as last time are back. Without a log thread the caller leads until nothing is left.
 *
 * <p>Whoever adds work (a waiter, a wish in the {@link LogTail}) then looks for a leader, and whoever gives up the
 * leadership then looks for work: so one of the two always sees the other.
 */
final class GroupForce implements AutoCloseable {

    private static final int FREE = 0;
    private static final int CALLER = 1;
    private static final int THREAD = 2;

    /** Longest wait for a group to gather: a third of a force. */
    private static final long GATHER_NANOS = 50_000;

    private final Work work;
    private final LogHealth health;
    private final AtomicInteger state = new AtomicInteger(FREE);
    private final WaiterStack waiters = new WaiterStack();
    private final ThreadLocal<ForceWaiter> own = ThreadLocal.withInitial(ForceWaiter::new);
    private final Thread thread;
    private volatile boolean running;
    private volatile boolean stopping;
    private volatile Thread leader;
    private int expected;

    /** What a leader does. Only {@link #forced} and {@link #hasWork} may be asked by somebody who does not lead. */
    interface Work {

        /** Everything below is durable. */
        long forced();

        /** Whether somebody waits for something else than a force. */
        boolean hasWork();

        /** Does, from any thread, the one small step that is all there is to do; says whether that was so. */
        boolean forceAlone();

        /** Does what is asked for, and forces if {@code wanted}. */
        void turn(boolean wanted);

        /** The log has failed: nobody waits any more for what will never be done. */
        void abandon();
    }

    /** With a log thread if {@code background}, which {@link #start} starts. */
    GroupForce(Work work, LogHealth health, boolean background) {
        this.work = work;
        this.health = health;
        thread = background ? new Thread(this::run, "quire-log") : null;
        running = background;
    }

    /** Starts the log thread, if there is to be one; before anybody waits. */
    void start() {
        if (thread != null) {
            thread.setDaemon(true);
            thread.start();
        }
    }

    /** Returns when {@code position} is forced. */
    void await(long position) {
        if (work.forced() >= position) {
            return;
        }
        health.check();
        tryAlone();
        if (work.forced() < position) {
            waitFor(position);
        }
    }

    /** Leads for one step if nobody leads or waits. */
    void tryAlone() {
        if (running && waiters.isEmpty() && state.compareAndSet(FREE, CALLER)) {
            lead(true, true);
            giveUp();
        }
    }

    private void waitFor(long position) {
        refuseLeader();
        ForceWaiter waiter = own.get();
        enlist(waiter, position);
        boolean interrupted = false;
        while (!waiter.done) {
            LockSupport.park(this);
            interrupted |= Thread.interrupted();
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        if (work.forced() < position) {
            throw health.refusal();
        }
    }

    /** The calling thread waits for {@code position} from now on, and somebody leads. */
    void enlist(ForceWaiter waiter, long position) {
        waiter.thread = Thread.currentThread();
        waiter.position = position;
        waiter.done = false;
        waiters.push(waiter);
        dispatch();
    }

    /** A witness that waits for the log would wait for itself. */
    void refuseLeader() {
        if (leader == Thread.currentThread()) {
            throw new IllegalStateException("called from inside the log's witness");
        }
    }

    /** Makes sure that somebody does what has been asked for. */
    void dispatch() {
        if (!pending()) {
            return;
        }
        if (running) {
            if (state.compareAndSet(FREE, THREAD)) {
                ring();
            }
        } else if (state.compareAndSet(FREE, CALLER)) {
            leadWhilePending();
        }
    }

    private boolean pending() {
        return !waiters.isEmpty() || work.hasWork();
    }

    /** The log thread has the leadership; should it have ended a moment ago, the caller takes it back. */
    private void ring() {
        LockSupport.unpark(thread);
        if (!running && state.compareAndSet(THREAD, CALLER)) {
            leadWhilePending();
        }
    }

    private void giveUp() {
        if (pending()) {
            state.set(THREAD);
            ring();
        } else {
            state.set(FREE);
            dispatch();
        }
    }

    private void leadWhilePending() {
        do {
            while (pending()) {
                lead(true, false);
            }
            state.set(FREE);
        } while (pending() && state.compareAndSet(FREE, CALLER));
    }

    /** One turn of a leader. {@code alone}: try the step that any thread may do; {@code only}: and nothing else. */
    private void lead(boolean alone, boolean only) {
        leader = Thread.currentThread();
        try {
            if (health.sound() && !(alone && work.forceAlone()) && !only) {
                work.turn(!waiters.isEmpty());
            }
        } catch (RuntimeException | Error e) {
            health.poison(e);
        } finally {
            leader = null;
        }
        if (!health.sound()) {
            work.abandon();
        }
        wake(only ? 1 : 0);
    }

    /**
     * Wakes, each by itself, all whose wait is over; the others go back to the list. {@code served}: the leader's own.
     */
    private void wake(int served) {
        long forced = work.forced();
        boolean sound = health.sound();
        int group = served;
        ForceWaiter next;
        for (ForceWaiter waiter = waiters.takeAll(); waiter != null; waiter = next) {
            next = waiter.next;
            if (waiter.position <= forced || !sound) {
                Thread sleeper = waiter.thread;
                waiter.done = true;
                LockSupport.unpark(sleeper);
            } else {
                waiters.push(waiter);
            }
            group++;
        }
        expected = Math.max(group, expected - 1);
    }

    // ---- the log thread ----

    /** The life of the log thread. */
    void run() {
        while (!stopping) {
            if (!leadIfTold()) {
                LockSupport.park(this);
            }
        }
        running = false;
        if (state.compareAndSet(THREAD, CALLER)) {
            leadWhilePending();
        }
    }

    /** Leads as long as there is work, if the log thread has the leadership; says whether it had. */
    boolean leadIfTold() {
        if (state.get() != THREAD) {
            return false;
        }
        do {
            gather();
            while (pending()) {
                lead(false, false);
                gather();
            }
            state.set(FREE);
        } while (pending() && state.compareAndSet(FREE, THREAD));
        return true;
    }

    /** Waits a moment until as many wait as last time: on their way back they would just miss a force. */
    private void gather() {
        if (expected <= 1) {
            return;
        }
        long deadline = System.nanoTime() + GATHER_NANOS;
        while (waiters.size() < expected && !work.hasWork() && System.nanoTime() < deadline) {
            Thread.yield();
        }
    }

    /** Ends the log thread. What is asked for later is done by whoever asks. */
    @Override
    public void close() {
        stopping = true;
        LockSupport.unpark(thread);
        LogThreads.join(thread);
    }
}

package dev.quire.io.log;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import java.util.concurrent.atomic.AtomicLong;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.I_Result;
import org.openjdk.jcstress.infra.results.ZZ_Result;
import org.openjdk.jcstress.infra.results.Z_Result;

/**
 * Leadership of the force that is given up while somebody comes to wait. The threat in every one: nobody leads and
 * somebody waits, for ever, with a commit that could be durable.
 *
 * <p>Nobody parks here: who has enlisted is asked afterwards whether he was served. The log thread is never started;
 * where there is one an actor does what it would do.
 */
final class GroupForceStress {

    private GroupForceStress() {}

    /** A log that is forced in no time, and counts the steps of its leaders. */
    static final class InstantLog implements GroupForce.Work {

        private final AtomicLong appended = new AtomicLong();
        private volatile long forced;

        /** Appends a record; returns the position to be awaited. */
        long append() {
            return appended.incrementAndGet();
        }

        @Override
        public long forced() {
            return forced;
        }

        @Override
        public boolean hasWork() {
            return false;
        }

        @Override
        public boolean forceAlone() {
            forced = appended.get();
            return true;
        }

        @Override
        public void turn(boolean wanted) {
            if (wanted) {
                forced = appended.get();
            }
        }

        @Override
        public void abandon() {}
    }

    /** A log, its leadership, and two who may come to wait. */
    abstract static class Committers {

        final InstantLog log = new InstantLog();
        final GroupForce force;
        final ForceWaiter one = new ForceWaiter();
        final ForceWaiter other = new ForceWaiter();

        Committers(boolean background) {
            force = new GroupForce(log, new LogHealth(null), background);
        }

        final void enlist(ForceWaiter waiter) {
            force.enlist(waiter, log.append());
        }
    }

    /** Without a log thread whoever waits leads, until nothing is left: he looks once more behind giving up. */
    @JCStressTest
    @State
    @Outcome(id = "true, true", expect = ACCEPTABLE, desc = "Both are served.")
    @Outcome(expect = FORBIDDEN, desc = "Somebody waits and nobody leads.")
    public static class CallersAlone extends Committers {

        public CallersAlone() {
            super(false);
        }

        @Actor
        public void one() {
            enlist(one);
        }

        @Actor
        public void other() {
            enlist(other);
        }

        @Arbiter
        public void after(ZZ_Result r) {
            r.r1 = one.done;
            r.r2 = other.done;
        }
    }

    /** A lone committer gives up the leadership: to the log thread if somebody waits, and he looks once more if not. */
    @JCStressTest
    @State
    @Outcome(id = "true", expect = ACCEPTABLE, desc = "Served, by the log thread at the latest.")
    @Outcome(id = "false", expect = FORBIDDEN, desc = "The log thread was not told: the waiter waits for ever.")
    public static class LoneCommitter extends Committers {

        public LoneCommitter() {
            super(true);
        }

        @Actor
        public void loneCommitter() {
            log.append();
            force.tryAlone();
        }

        @Actor
        public void waiter() {
            enlist(one);
        }

        @Arbiter
        public void after(Z_Result r) {
            force.leadIfTold();
            r.r1 = one.done;
        }
    }

    /** The log thread runs out of work and gives up the leadership: it looks once more behind that. */
    @JCStressTest
    @State
    @Outcome(id = "true, true", expect = ACCEPTABLE, desc = "Both are served, if not now by the thread told anew.")
    @Outcome(expect = FORBIDDEN, desc = "The log thread rests while somebody waits.")
    public static class LogThread extends Committers {

        public LogThread() {
            super(true);
            enlist(one);
        }

        @Actor
        public void logThread() {
            force.leadIfTold();
        }

        @Actor
        public void waiter() {
            enlist(other);
        }

        @Arbiter
        public void after(ZZ_Result r) {
            force.leadIfTold();
            r.r1 = one.done;
            r.r2 = other.done;
        }
    }

    /** The log thread ends while it is told to lead: it or who told it takes the leadership back. */
    @JCStressTest
    @State
    @Outcome(id = "true", expect = ACCEPTABLE, desc = "Served, by the waiter himself or in the thread's last turn.")
    @Outcome(id = "false", expect = FORBIDDEN, desc = "A thread that has ended has the leadership.")
    public static class EndOfTheLogThread extends Committers {

        public EndOfTheLogThread() {
            super(true);
            force.close();
        }

        @Actor
        public void logThread() {
            force.run();
        }

        @Actor
        public void waiter() {
            enlist(one);
        }

        @Arbiter
        public void after(Z_Result r) {
            r.r1 = one.done;
        }
    }

    /** A waiter comes while the leader takes all and puts back whom it cannot serve yet: none may fall out. */
    @JCStressTest
    @State
    @Outcome(id = "2", expect = ACCEPTABLE, desc = "Both are in the list.")
    @Outcome(expect = FORBIDDEN, desc = "A waiter is in no list, or in it twice.")
    public static class WaitersPutBack {

        private final WaiterStack waiters = new WaiterStack();

        public WaitersPutBack() {
            waiters.push(new ForceWaiter());
        }

        @Actor
        public void waiter() {
            waiters.push(new ForceWaiter());
        }

        @Actor
        public void leader() {
            ForceWaiter next;
            for (ForceWaiter waiter = waiters.takeAll(); waiter != null; waiter = next) {
                next = waiter.next;
                waiters.push(waiter);
            }
        }

        @Arbiter
        public void after(I_Result r) {
            for (ForceWaiter waiter = waiters.takeAll(); waiter != null && r.r1 < 9; waiter = waiter.next) {
                r.r1++;
            }
        }
    }
}

package dev.quire;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.quire.io.InUseException;
import dev.quire.io.QuireError;
import dev.quire.io.UnavailableException;
import dev.quire.pages.CommitClock;
import dev.quire.pages.Versions;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZZ_Result;
import org.openjdk.jcstress.infra.results.Z_Result;

/**
 * Transactions that begin against whoever wants the instance for himself. The threat in every one: a database goes, or
 * the whole instance, from under a transaction.
 */
final class GateStress {

    private static final int LOOKS = 50;

    private GateStress() {}

    /** A gate, and a flag that says whether somebody was let in. */
    abstract static class AtTheGate {

        final Gate gate = new Gate(new Versions(null, new CommitClock(10)));
        private volatile boolean entered;
        private boolean disturbed;

        /** Whether a transaction may begin. */
        final boolean enter() {
            try {
                gate.enter(false);
                entered = true;
                return true;
            } catch (UnavailableException e) {
                return false;
            }
        }

        /** What is done alone: notes whether somebody is let in meanwhile. */
        final void task() {
            for (int i = 0; i < LOOKS; i++) {
                disturbed |= entered;
            }
        }

        final boolean disturbed() {
            return disturbed;
        }
    }

    /** Somebody wants to be alone for a moment. */
    @JCStressTest
    @State
    @Outcome(id = "true, false", expect = ACCEPTABLE, desc = "One before the other, or one of them is refused.")
    @Outcome(expect = FORBIDDEN, desc = "A transaction began while somebody was alone.")
    public static class EnterAgainstAlone extends AtTheGate {

        @Actor
        public void reader(ZZ_Result r) {
            r.r1 = enter();
        }

        @Actor
        public void owner(ZZ_Result r) {
            try {
                gate.alone(QuireError.DATABASE_IN_USE, this::task);
            } catch (InUseException e) {
                // The reader was first.
            }
            r.r2 = disturbed();
        }
    }

    /** The instance is closed: what a transaction would read from goes away, for good. */
    @JCStressTest
    @State
    @Outcome(id = "true, false", expect = ACCEPTABLE, desc = "The transaction was first, and the instance stays open.")
    @Outcome(id = "false, true", expect = ACCEPTABLE, desc = "Closed, and the transaction is refused.")
    @Outcome(id = "true, true", expect = FORBIDDEN, desc = "A transaction in a closed instance.")
    @Outcome(id = "false, false", expect = FORBIDDEN, desc = "Refused, though the instance stays open.")
    public static class EnterAgainstClose extends AtTheGate {

        @Actor
        public void reader(ZZ_Result r) {
            r.r1 = enter();
        }

        @Actor
        public void owner(ZZ_Result r) {
            try {
                gate.close(QuireError.TOO_MANY_ACTIVE_USERS, this::task);
                r.r2 = true;
            } catch (InUseException e) {
                r.r2 = false;
            }
        }
    }

    /** The instance is stopped while somebody is alone: opening the gate again must not take that back. */
    @JCStressTest
    @State
    @Outcome(id = "false", expect = ACCEPTABLE, desc = "Nobody may begin any more.")
    @Outcome(id = "true", expect = FORBIDDEN, desc = "The instance was stopped, and goes on.")
    public static class StopAgainstAlone extends AtTheGate {

        @Actor
        public void stopper() {
            gate.stop();
        }

        @Actor
        public void owner() {
            try {
                gate.alone(QuireError.DATABASE_IN_USE, this::task);
            } catch (UnavailableException e) {
                // It was stopped before.
            }
        }

        @Arbiter
        public void after(Z_Result r) {
            r.r1 = enter();
        }
    }
}

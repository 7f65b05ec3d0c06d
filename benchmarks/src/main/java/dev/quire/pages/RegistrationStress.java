package dev.quire.pages;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import java.util.List;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.I_Result;
import org.openjdk.jcstress.infra.results.JJ_Result;
import org.openjdk.jcstress.infra.results.J_Result;
import org.openjdk.jcstress.infra.results.Z_Result;

/**
 * Readers that enter against a checkpoint that chooses its position. The threat in every one: a checkpoint overlooks a
 * reader, picks a position above its snapshot, and writes to the file over what that reader sees there.
 */
final class RegistrationStress {

    private static final int PAUSES = 30;
    private static final int LOOKS = 200;
    private static final int COMMITS = 10;

    private RegistrationStress() {}

    /** Commits 10, durable, and 20, published and not yet durable. */
    abstract static class TwoCommits {

        final CommitClock clock = new CommitClock(10);
        final Versions versions = new Versions(null, clock);

        TwoCommits() {
            versions.publish(List.of(), 20, false);
        }

        final long enter() {
            ReaderSlots readers = versions.readers();
            return readers.snapshot(readers.enter(this::visibleForAWhile));
        }

        /** What is visible, told late: a reader may be put aside at any place, and here it matters. */
        private long visibleForAWhile() {
            long seen = clock.visible();
            for (int i = 0; i < PAUSES; i++) {
                Thread.onSpinWait();
            }
            return seen;
        }
    }

    /**
     * The reader has read what is visible and has not stored it yet, while a force and a checkpoint pass by. What
     * saves it is its mark: a slot that is pending makes the checkpoint look again.
     */
    @JCStressTest
    @State
    @Outcome(id = "(10|20), -1", expect = ACCEPTABLE, desc = "A reader is just entering: look again.")
    @Outcome(id = "10, 10", expect = ACCEPTABLE, desc = "The reader holds the checkpoint back.")
    @Outcome(id = "20, 20", expect = ACCEPTABLE, desc = "The reader sees all that the checkpoint takes.")
    @Outcome(expect = FORBIDDEN, desc = "The checkpoint overlooked the reader.")
    public static class PendingReader extends TwoCommits {

        @Actor
        public void reader(JJ_Result r) {
            r.r1 = enter();
        }

        @Actor
        public void checkpoint(JJ_Result r) {
            clock.forced(20);
            r.r2 = versions.beginCheckpoint();
        }
    }

    /**
     * The checkpoint has looked at the slots when a reader enters, and the force comes after. What saves the reader is
     * the order in which the checkpoint reads: first how far all is durable, then the slots.
     */
    @JCStressTest
    @State
    @Outcome(id = "10, -1", expect = ACCEPTABLE, desc = "A reader is just entering: look again.")
    @Outcome(id = "10, 10", expect = ACCEPTABLE, desc = "At or below the reader's snapshot.")
    @Outcome(id = "10, 20", expect = FORBIDDEN, desc = "Slots were read before the bound: the reader is lost.")
    public static class BoundBeforeSlots extends TwoCommits {

        @Actor
        public void readerThenForce(JJ_Result r) {
            r.r1 = enter();
            clock.forced(20);
        }

        @Actor
        public void checkpoint(JJ_Result r) {
            r.r2 = versions.beginCheckpoint();
        }
    }

    /**
     * Whoever has read how far all is durable and enters then, in the middle of a force, must not find less to be
     * visible: a reader that enters behind a checkpoint would be below it. What is visible moves first.
     */
    @JCStressTest
    @State
    @Outcome(id = "false", expect = ACCEPTABLE, desc = "What is durable is visible.")
    @Outcome(id = "true", expect = FORBIDDEN, desc = "Durable ran ahead of visible: a reader below the checkpoint.")
    public static class VisibleBeforeDurable {

        private final CommitClock clock = new CommitClock(0);

        public VisibleBeforeDurable() {
            for (int commit = 1; commit <= COMMITS; commit++) {
                clock.publish(commit, false);
            }
        }

        @Actor
        public void log() {
            for (int commit = 1; commit <= COMMITS; commit++) {
                clock.forced(commit);
            }
        }

        @Actor
        public void checkpointThenReader(Z_Result r) {
            for (int i = 0; i < LOOKS; i++) {
                long durable = clock.durable();
                r.r1 |= clock.visible() < durable;
            }
        }
    }

    /** The log may be forced over a commit before that is published: if each misses the other, it is never seen. */
    @JCStressTest
    @State
    @Outcome(id = "20", expect = ACCEPTABLE, desc = "The commit is durable and seen.")
    @Outcome(id = "10", expect = FORBIDDEN, desc = "Forced and published, and never seen.")
    public static class ForcedAheadOfPublication {

        private final CommitClock clock = new CommitClock(10);

        @Actor
        public void writer() {
            clock.publish(20, false);
        }

        @Actor
        public void log() {
            clock.forced(20);
        }

        @Arbiter
        public void after(J_Result r) {
            r.r1 = Math.min(clock.visible(), clock.durable());
        }
    }

    /** Slots of which all but some are taken; two who take as many as they may. */
    abstract static class NearlyFull {

        private static final int BLOCK_SLOTS = 64;

        private final ReaderSlots readers = new ReaderSlots();

        NearlyFull(int free) {
            enter(BLOCK_SLOTS - free);
        }

        final void enter(int times) {
            for (int i = 0; i < times; i++) {
                readers.enter(() -> 10);
            }
        }

        /** Registered readers beyond one block of slots. */
        final int above() {
            return readers.active() - BLOCK_SLOTS;
        }
    }

    /** Readers want the slots that are left: with one slot for two, the first that leaves exposes the other. */
    @JCStressTest
    @State
    @Outcome(id = "0", expect = ACCEPTABLE, desc = "Each has a slot of its own.")
    @Outcome(expect = FORBIDDEN, desc = "Two readers in one slot.")
    public static class LastSlots extends NearlyFull {

        private static final int EACH = 16;

        public LastSlots() {
            super(2 * EACH);
        }

        @Actor
        public void one() {
            enter(EACH);
        }

        @Actor
        public void another() {
            enter(EACH);
        }

        @Arbiter
        public void after(I_Result r) {
            r.r1 = above();
        }
    }

    /** Two readers find no slot left and both make more: a block that is made over is one nobody scans. */
    @JCStressTest
    @State
    @Outcome(id = "2", expect = ACCEPTABLE, desc = "Both are registered.")
    @Outcome(expect = FORBIDDEN, desc = "A reader is in a block that nobody looks at.")
    public static class MoreSlots extends NearlyFull {

        public MoreSlots() {
            super(0);
        }

        @Actor
        public void one() {
            enter(1);
        }

        @Actor
        public void another() {
            enter(1);
        }

        @Arbiter
        public void after(I_Result r) {
            r.r1 = above();
        }
    }
}

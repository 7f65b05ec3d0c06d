package dev.quire.pages;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.JJJ_Result;
import org.openjdk.jcstress.infra.results.JJ_Result;
import org.openjdk.jcstress.infra.results.J_Result;
import org.openjdk.jcstress.infra.results.Z_Result;

/**
 * Commits that are published, and versions that are pruned, against readers that take no lock. The threat in every one:
 * a reader sees a page of another commit than its own.
 */
final class PublicationStress {

    private PublicationStress() {}

    /**
     * A commit of two pages that are in the file. It may be visible only when the versions of both are in the table and
     * the bits that send readers there are raised, or a reader of it takes a page from the file.
     */
    @JCStressTest
    @State
    @Outcome(id = "10, 10, 10", expect = ACCEPTABLE, desc = "The commit before, both pages.")
    @Outcome(id = "20, 20, 20", expect = ACCEPTABLE, desc = "The commit, both pages.")
    @Outcome(expect = FORBIDDEN, desc = "A page of another commit than that of the snapshot.")
    public static class TwoPages {

        private final StressStore store = new StressStore();
        private int slot;

        public TwoPages() {
            store.change(20, store.page);
            store.change(20, store.page + 1);
        }

        @Actor
        public void writer() {
            store.publish(20, true);
        }

        @Actor
        public void reader(JJJ_Result r) {
            slot = store.enter();
            r.r1 = store.snapshot(slot);
            r.r2 = store.read(r.r1, store.page + 1);
            r.r3 = store.read(r.r1, store.page);
        }

        @Arbiter
        public void after(JJJ_Result r) {
            store.close(slot);
        }
    }

    /**
     * A reader enters while publication prunes what nobody seems to see. A slot that is pending keeps everything: its
     * reader may have read what was visible before the force.
     */
    @JCStressTest
    @State
    @Outcome(id = "11, 11", expect = ACCEPTABLE, desc = "The older version was kept.")
    @Outcome(id = "20, 20", expect = ACCEPTABLE, desc = "The newer one.")
    @Outcome(expect = FORBIDDEN, desc = "The version of a reader that was entering is gone.")
    public static class PruneAgainstEntry {

        private final StressStore store = new StressStore();
        private int slot;

        public PruneAgainstEntry() {
            store.change(11, store.page);
            store.publish(11, false);
            store.clock.forced(11);
            store.change(20, store.page);
            store.publish(20, false);
            store.change(30, store.page);
        }

        @Actor
        public void writer() {
            store.clock.forced(20);
            store.publish(30, false);
        }

        @Actor
        public void reader(JJ_Result r) {
            slot = store.enter();
            r.r1 = store.snapshot(slot);
            r.r2 = store.read(r.r1, store.page);
        }

        @Arbiter
        public void after(JJ_Result r) {
            store.close(slot);
        }
    }

    /** A reader walks a chain while versions in the middle of it are pruned: its way down must stay. */
    @JCStressTest
    @State
    @Outcome(id = "11", expect = ACCEPTABLE, desc = "The reader's version.")
    @Outcome(expect = FORBIDDEN, desc = "The way to the reader's version is lost.")
    public static class PruneAgainstWalk {

        private final StressStore store = new StressStore();
        private final int slot;

        public PruneAgainstWalk() {
            store.change(11, store.page);
            store.publish(11, true);
            slot = store.enter();
            for (long commit = 12; commit < 16; commit++) {
                store.change(commit, store.page);
                store.publish(commit, false);
            }
            store.clock.forced(15);
            store.change(20, store.page);
        }

        @Actor
        public void writer() {
            store.publish(20, false);
        }

        @Actor
        public void reader(J_Result r) {
            r.r1 = store.read(11, store.page);
        }

        @Arbiter
        public void after(J_Result r) {
            store.close(slot);
        }
    }

    /**
     * A chain is found while the table grows for a page far behind: the larger directory must be complete when it is
     * shown.
     */
    @JCStressTest
    @State
    @Outcome(id = "true", expect = ACCEPTABLE, desc = "The version is found every time.")
    @Outcome(id = "false", expect = FORBIDDEN, desc = "A version that was in the table is not found.")
    public static class TableGrowth {

        private static final long FAR = 20L * VersionTable.CHUNK_PAGES;
        private static final int LOOKS = 100;

        private final VersionTable table = new VersionTable();
        private final Frame version = new Frame(1, 10);

        public TableGrowth() {
            table.push(version);
        }

        @Actor
        public void writer() {
            table.push(new Frame(FAR, 20));
        }

        @Actor
        public void reader(Z_Result r) {
            r.r1 = true;
            for (int i = 0; i < LOOKS; i++) {
                r.r1 &= table.at(1, 10) == version;
            }
        }
    }
}

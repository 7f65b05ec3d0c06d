package dev.quire.pages;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.quire.io.page.PageFile;
import dev.quire.io.page.PageRef;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.I_Result;
import org.openjdk.jcstress.infra.results.J_Result;

/** Memory and bits that one page leaves to the next. */
final class ReuseStress {

    private ReuseStress() {}

    /**
     * A reader has found its version in memory. A checkpoint drops that, because the file has it, and a writer asks for
     * memory. The frame may be given out only when everybody has left who entered before it was dropped, or the reader
     * reads what the writer writes.
     */
    @JCStressTest
    @State
    @Outcome(id = "10", expect = ACCEPTABLE, desc = "The reader's version, from memory or from the file.")
    @Outcome(expect = FORBIDDEN, desc = "The bytes of somebody else.")
    public static class FrameUnderReader {

        private static final int LOOKS = 1000;

        private final StressStore store = new StressStore();

        public FrameUnderReader() {
            store.change(10, store.page);
            store.publish(11, false);
            store.clock.forced(11);
        }

        @Actor
        public void reader(J_Result r) {
            int slot = store.enter();
            PageRef found = store.find(store.snapshot(slot), store.page);
            long number = 10;
            for (int i = 0; i < LOOKS && number == 10; i++) {
                number = StressStore.number(found);
            }
            r.r1 = number;
            store.versions.readers().leave(slot);
        }

        @Actor
        public void checkpointThenWriter() {
            store.checkpoint();
            store.change(99, store.page + 1);
        }

        @Arbiter
        public void after(J_Result r) {
            store.close();
        }
    }

    /**
     * Two bits of a page are set by different threads, and those of its neighbours too: one that is lost sends readers
     * to a file that is out of date, or has a page judged for ever.
     */
    @JCStressTest
    @State
    @Outcome(id = "3", expect = ACCEPTABLE, desc = "Both bits.")
    @Outcome(expect = FORBIDDEN, desc = "A bit is lost.")
    public static class TwoBits {

        private final StressStore store = new StressStore();
        private final PageFile file = store.database.file();

        public TwoBits() {
            file.clearVerified(store.page);
        }

        @Actor
        public void publisher() {
            file.setVersioned(store.page);
        }

        @Actor
        public void verifier() {
            file.markVerified(store.page);
        }

        @Arbiter
        public void after(I_Result r) {
            r.r1 = file.state(store.page);
            store.close();
        }
    }
}

package dev.quire.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is passed on and what is changed on the way must both hold in a step and in a wait, which are made of it. */
class ForwardingProgressTest {

    private final List<String> told = new ArrayList<>();
    private final long[] now = new long[1];
    private RuntimeException thrown;

    private final Progress listener = new Progress() {
        @Override
        public void advance(Phase phase, long done, long total) {
            told.add("advance " + done);
        }

        @Override
        public void check(Phase phase) {
            told.add("check");
            if (thrown != null) {
                throw thrown;
            }
        }

        @Override
        public RateLimit limit() {
            return clocked("inner", 1 << 20);
        }
    };

    private RateLimit clocked(String name, long rate) {
        return RateLimit.of(rate, () -> now[0], nanos -> {
            told.add(name);
            now[0] += nanos + 1_000_000_000;
        });
    }

    @Test
    void aStepMustTellTheListenerAndAskHimAndWhoeverIsBetween() {
        new ForwardingProgress(listener).step(Progress.Phase.PAGES, 7, 9);
        assertEquals(List.of("advance 7", "check"), told);
        told.clear();
        Progress between = new ForwardingProgress(listener) {
            @Override
            public void advance(Phase phase, long done, long total) {
                super.advance(phase, done + 1, total);
            }

            @Override
            public boolean isCancelled() {
                return told.size() > 2;
            }
        };
        between.step(Progress.Phase.PAGES, 7, 9);
        assertEquals(List.of("advance 8", "check"), told);
        assertThrows(CancelledException.class, () -> between.step(Progress.Phase.PAGES, 8, 9));
        thrown = new IllegalStateException("enough");
        told.clear();
        assertSame(thrown, assertThrows(IllegalStateException.class, () -> between.step(Progress.Phase.PAGES, 8, 9)));
    }

    @Test
    void aWaitMustKeepTheLimitThatIsNearestAndAskTheListenerMeanwhile() {
        new ForwardingProgress(listener).pace(Progress.Phase.PAGES, 1 << 20);
        assertEquals(List.of("check", "inner"), told);
        told.clear();
        Progress slower = listener.within(clocked("outer", 1 << 19)).telling(event -> {});
        slower.pace(Progress.Phase.PAGES, 1 << 19);
        assertEquals(List.of("check", "outer"), told);
        thrown = new IllegalStateException("enough");
        assertSame(thrown, assertThrows(IllegalStateException.class, () -> slower.pace(Progress.Phase.PAGES, 1 << 20)));
    }
}

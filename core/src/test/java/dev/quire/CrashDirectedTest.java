package dev.quire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quire.io.sim.CrashPolicy;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Crashes at places that a sweep with strides may miss, each the place of a rule that looks odd. */
class CrashDirectedTest {

    @Test
    void theDirectoryOfAnInstanceMustBeOnTheMediumHoweverItsCreationWasInterrupted() {
        CrashSweep sweep = new CrashSweep("creation", ScenarioRun.of(run -> {
            run.open();
            run.create("db");
        }));
        sweep.processThenPower(1);
        assertTrue(sweep.points() > 50);
        assertEquals(List.of(), sweep.failures(), () -> String.join("\n", sweep.failures()));
    }

    @Test
    void aPageTornInRecoveryMustBeMendedAlsoIfItsOnlyRecordStandsAtTheRedoStartItself() {
        CrashSweep sweep = new CrashSweep("held back", ScenarioRun.of(CrashScenarios::heldBack));
        sweep.powerTwice(5, CrashPolicy.NONE, 40, List.of(CrashPolicy.TORN_SECTORS));
        assertTrue(sweep.points() > 500);
        assertEquals(List.of(), sweep.failures(), () -> String.join("\n", sweep.failures()));
    }

    /** More is to be redone than memory holds, so that recovery writes pages before it is through with the log. */
    @Test
    void recoveryWithLessMemoryThanThereIsToRedoMustEndInTheSameState() {
        long[] pages = new long[2_000];
        CrashSweep sweep = new CrashSweep("large recovery", ScenarioRun.of(run -> {
            run.open(config -> config.memoryBytes(64 << 20));
            run.create("db");
            for (int part = 0; part < 4; part++) {
                int from = part * 500;
                run.lazy(s -> {
                    for (int i = from; i < from + 500; i++) {
                        pages[i] = s.allocate("db", i);
                    }
                });
            }
            run.checkpoint();
            run.lazy(s -> changeAll(s, pages, 1));
            run.lazy(s -> s.put("db", "t", "long", StateModel.noise(1, 900_000)));
            run.lazy(s -> s.free("db", pages[7]).free("db", pages[8]).put("db", "t", "l", StateModel.noise(2, 7_000)));
            run.lazy(s -> s.put("db", "t", "long", StateModel.noise(3, 800_000)));
            run.commit(s -> changeAll(s, pages, 2_000));
            run.commit(s -> s.put("db", "t", "end", StateModel.noise(4, 100)));
        }));
        sweep.powerTwice(29, CrashPolicy.ALL, 12).powerCuts(61, 1, true);
        assertTrue(sweep.points() > 100, "points=" + sweep.points());
        assertEquals(List.of(), sweep.failures(), () -> String.join("\n", sweep.failures()));
    }

    private static void changeAll(Step step, long[] pages, int seed) {
        for (int i = 0; i < pages.length; i++) {
            if (i != 7 && i != 8) {
                step.modify("db", pages[i], 1_000, 60, seed + i);
            }
        }
    }
}

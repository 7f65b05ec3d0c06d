package dev.quire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quire.io.sim.CrashPolicy;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class CrashSweepTest {

    @Test
    void everyAcknowledgedCommitMustSurviveAPowerCutAtAnyOperation() {
        int points = sweep("power cut", sweep -> sweep.powerCuts(3, 1, true));
        assertTrue(points >= 5_000, "points=" + points);
    }

    @Test
    void everyAcknowledgedCommitMustSurviveASecondPowerCutInsideRecovery() {
        int points = sweep("power twice", sweep -> sweep.powerTwice(11, CrashPolicy.RANDOM_OPS, 4));
        assertTrue(points >= 500, "points=" + points);
    }

    @Test
    void everyAcknowledgedCommitMustSurviveTheEndOfTheProcessAndThenAPowerCut() {
        int points = sweep("process then power", sweep -> sweep.processThenPower(7));
        assertTrue(points >= 500, "points=" + points);
    }

    @Test
    @Tag("sweep")
    void everyAcknowledgedCommitMustSurviveAllOfItManyTimesOver() {
        int points = sweep("all", sweep -> {
            sweep.powerCuts(1, 8, true).processThenPower(1);
            for (CrashPolicy policy : CrashPolicy.values()) {
                sweep.powerTwice(1, policy, 5);
            }
        });
        assertTrue(points >= 100_000, "points=" + points);
    }

    private static int sweep(String what, Consumer<CrashSweep> how) {
        List<String> failures = new ArrayList<>();
        int[] points = new int[1];
        long start = System.nanoTime();
        CrashScenarios.all().forEach((name, script) -> {
            long from = System.nanoTime();
            ScenarioRun run = ScenarioRun.of(script);
            CrashSweep sweep = new CrashSweep(name, run);
            how.accept(sweep);
            failures.addAll(sweep.failures());
            sweep.failures().forEach(System.out::println);
            points[0] += sweep.points();
            System.out.printf(
                    "%s: %s, operations=%d points=%d failures=%d ms=%d%n",
                    what,
                    name,
                    run.disk.operationCount(),
                    sweep.points(),
                    sweep.failures().size(),
                    (System.nanoTime() - from) / 1_000_000);
        });
        System.out.printf("%s: points=%d ms=%d%n", what, points[0], (System.nanoTime() - start) / 1_000_000);
        assertEquals(List.of(), failures, () -> String.join("\n", failures));
        return points[0];
    }
}

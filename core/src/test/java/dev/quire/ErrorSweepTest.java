package dev.quire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class ErrorSweepTest {

    @Test
    void everyFaultOfTheDiskMustBeToldAndNothingAcknowledgedBeLost() {
        sweep(16, 3_500);
    }

    @Test
    @Tag("sweep")
    void everyFaultOfTheDiskThatStaysMustBeToldToo() {
        sweep(1, 7_500);
    }

    private static void sweep(int stride, int least) {
        List<String> failures = new ArrayList<>();
        int[] counts = new int[3];
        CrashScenarios.all().forEach((name, script) -> {
            long from = System.nanoTime();
            ErrorSweep sweep = new ErrorSweep(name, script).sweep(stride);
            failures.addAll(sweep.failures());
            sweep.failures().forEach(System.out::println);
            counts[0] += sweep.points();
            counts[1] += sweep.refusals();
            counts[2] += sweep.full();
            System.out.printf(
                    "errors: %s, points=%d refusals=%d full=%d ms=%d%n",
                    name, sweep.points(), sweep.refusals(), sweep.full(), (System.nanoTime() - from) / 1_000_000);
        });
        System.out.printf("errors: points=%d refusals=%d full=%d%n", counts[0], counts[1], counts[2]);
        assertEquals(List.of(), failures, () -> String.join("\n", failures));
        assertTrue(counts[0] >= least && counts[1] >= least / 2 && counts[2] > 0, "points=" + counts[0]);
    }
}

package dev.quire;

import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class RandomRunTest {

    private static final int OPERATIONS = 2_000;

    @Test
    void tablesMustHoldWhatTheModelHoldsThroughSnapshotsCrashesAndReopenings() {
        run(1, 200);
    }

    @Test
    @Tag("sweep")
    void tablesMustHoldWhatTheModelHoldsForManySeeds() {
        run(1_000, 5_000);
    }

    private static void run(long from, int seeds) {
        long start = System.nanoTime();
        int crashes = 0;
        for (long seed = from; seed < from + seeds; seed++) {
            RandomRun run = new RandomRun(seed);
            try {
                run.run(OPERATIONS);
            } catch (RuntimeException | Error e) {
                throw new AssertionError("seed=" + seed + " operation=" + run.done(), e);
            }
            crashes += run.crashes();
        }
        System.out.printf(
                "random: seeds=%d operations=%d crashes=%d ms=%d%n",
                seeds, OPERATIONS, crashes, (System.nanoTime() - start) / 1_000_000);
        assertTrue(crashes > 5 * seeds, "crashes=" + crashes);
    }
}

package dev.quire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quire.io.sim.CrashPolicy;
import dev.quire.io.sim.SimDisk;
import dev.quire.io.sim.SimOperation;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** Of a batch that no force covered a power cut may keep any sectors: recovery must take all of it or nothing. */
class LostSectorsTest {

    private static final int SECTOR_BYTES = 512;

    @Test
    void aBatchOfWhichAnySectorsWereLostMustBeVoidAsAWhole() {
        everyPattern(run -> {
            run.open();
            run.create("db");
            run.commit(s -> s.fill("db", "t", "k", 0, 3, 100));
            lastBatch(run);
        });
    }

    @Test
    void oldSectorsOfARecycledGenerationMustNotBeTakenForNewOnes() {
        everyPattern(run -> {
            run.open();
            run.create("db");
            for (int round = 0; round < 4; round++) {
                int from = 10 * round;
                run.commit(s -> s.fill("db", "t", "k", from, from + 3, 100));
                lastBatch(run);
                run.roll();
                run.commit(s -> s.put("db", "t", "turn", StateModel.noise(from, 300)));
                run.checkpoint();
                run.checkpoint();
            }
            run.roll();
            run.commit(s -> s.fill("db", "t", "k", 50, 53, 100));
            lastBatch(run);
        });
    }

    /** Three transactions, one batch. */
    private static void lastBatch(ScenarioRun run) {
        long seed = run.moments().size();
        run.lazy(s -> s.put("db", "t", "one", StateModel.noise(seed, 900)));
        run.lazy(s -> s.put("db", "t", "two", StateModel.noise(seed + 1, 1200)));
        run.commit(s -> s.put("db", "t", "three", StateModel.noise(seed + 2, 1100)));
    }

    private static void everyPattern(ScenarioRun.Script script) {
        ScenarioRun run = ScenarioRun.of(script);
        int last = run.disk.operationCount() - 1;
        SimOperation batch = run.disk.operations().get(last);
        assertEquals(SimOperation.Type.WRITE_THROUGH, batch.type(), batch.toString());
        int sectors = (int) (batch.length() / SECTOR_BYTES);
        assertTrue(sectors >= 6 && sectors <= 10, "sectors=" + sectors);
        Path file = batch.path();
        byte[] whole = run.disk.contents(file);
        byte[] before = run.disk.crashImage(last, CrashPolicy.NONE, 0).contents(file);
        long newest = run.moments().get(run.moments().size() - 1).digest();
        long acknowledged = run.moments().get(run.moments().size() - 4).digest();
        for (int kept = 0; kept < 1 << sectors; kept++) {
            SimDisk image = run.disk.crashImage(last, CrashPolicy.NONE, 0);
            byte[] mixed = Arrays.copyOf(before, before.length);
            for (int sector = 0; sector < sectors; sector++) {
                if ((kept >> sector & 1) != 0) {
                    int at = (int) batch.position() + sector * SECTOR_BYTES;
                    System.arraycopy(whole, at, mixed, at, SECTOR_BYTES);
                }
            }
            image.plant(file, mixed);
            long expected = Arrays.equals(mixed, whole) ? newest : acknowledged;
            String fault = new CrashJudge(run.moments()).holds(image, expected);
            assertEquals(null, fault, "sectors kept: " + Integer.toBinaryString(kept) + " of " + sectors);
        }
    }
}

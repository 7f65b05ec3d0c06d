package dev.quire.backup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quire.io.sim.SimDisk;
import dev.quire.io.sim.SimOperation;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Power cuts and ended processes at every operation of an external backup that is pulled to the same disk: what the
 * caller has a manifest of restores, and the chain goes on behind it, also when the instance does not know of it yet.
 */
class ExternalCrashTest {

    @ParameterizedTest
    @EnumSource(ExternalStep.class)
    void aCrashMustLeaveWhatRestoresAndAChainThatGoesOn(ExternalStep step) {
        CrashJudge judge = crash(step, 1, 1, 12);
        assertTrue(judge.points() >= 50, "points=" + judge.points());
    }

    @Test
    @Tag("sweep")
    void allOfItMustHoldManyTimesOver() {
        int points = 0;
        for (long seed = 1; seed <= 2; seed++) {
            for (ExternalStep step : ExternalStep.values()) {
                points += crash(step, seed, 4, 6).points();
            }
        }
        assertTrue(points >= 1_000, "points=" + points);
    }

    private static CrashJudge crash(ExternalStep step, long seed, int policies, int stride) {
        Scene scene = Scene.filled(seed, config -> config.circularLogging(false));
        step.prepare(scene);
        scene.startTrace();
        int[] calls = new int[1];
        step.run(scene.disk(), scene.instance, () -> {
            if (calls[0]++ % 4 == 0) {
                scene.work();
            }
        });
        scene.commit(s -> s.put(Scene.SMALL, "last", 1, 10));
        int published = published(scene.disk());
        CrashJudge judge = new CrashJudge(scene, false);
        CrashJudge.Verdict verdict = (image, crash) -> judge.source(image, crash, scene.home, instance -> {
            boolean thorough = crash % stride == 0 || crash >= published - 6 && crash <= published + 20;
            return thorough ? step.goesOn(image, instance, scene) : null;
        });
        judge.powerCuts(policies, verdict);
        judge.processCrashes(7, verdict);
        assertEquals(List.of(), judge.failures(), () -> step + ": " + String.join("\n", judge.failures()));
        return judge;
    }

    private static int published(SimDisk disk) {
        return disk.operations().stream()
                .filter(each -> each.other() != null && each.other().toString().endsWith("manifest.json"))
                .mapToInt(SimOperation::index)
                .max()
                .orElseThrow();
    }
}

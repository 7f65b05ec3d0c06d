package dev.quire.io.log;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quire.io.sim.CrashPolicy;
import dev.quire.io.sim.SimDisk;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The fear: after a crash something acknowledged is missing, or something is found that was not written, or not in that
 * order. The method: one recorded workload with switches, recycling and large transactions, crashed at every operation
 * under every policy; then recovery, more work, and another crash.
 */
class LogCrashTest {

    private static final int STEPS = 120;

    @ParameterizedTest
    @EnumSource(CrashPolicy.class)
    void powerCutAtAnyOperationMustLeaveAPrefixWithAllThatWasAcknowledged(CrashPolicy policy) {
        for (long seed = 1; seed <= 2; seed++) {
            LogScript script = new LogScript(seed, STEPS).run();
            assertTrue(script.acknowledged(Integer.MAX_VALUE) > 100 && script.slots.highest > 4, "a real workload");
            for (int at = 0; at <= script.disk.operationCount(); at++) {
                SimDisk image = script.disk.crashImage(at, policy, seed);
                LogSurvey survey = script.check(image, at);
                if (at % 5 == 0) {
                    LogScript.goOn(image, survey);
                }
            }
        }
    }

    @Test
    void processCrashRecoveryAndPowerCutMustKeepWhatRecoveryFound() {
        LogScript script = new LogScript(3, STEPS).run();
        for (int at = 0; at <= script.disk.operationCount(); at++) {
            SimDisk killed = script.disk.processCrashImage(at);
            LogSurvey first = script.check(killed, at);
            SimDisk cut = killed.crashImage(killed.operationCount(), CrashPolicy.NONE, at);
            LogSurvey second = script.check(cut, at);
            assertEquals(first.generations(), second.generations());
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {4, 5})
    void crashInsideRecoveryMustLoseNothing(long seed) {
        LogScript script = new LogScript(seed, STEPS).run();
        int crashes = 0;
        for (int at = 3; at <= script.disk.operationCount(); at += 11) {
            SimDisk image = script.disk.crashImage(at, CrashPolicy.TORN_SECTORS, seed);
            LogSurvey found = script.check(image.crashImage(0, CrashPolicy.ALL, 1), at);
            LogScript.goOn(image, script.check(image, at));
            for (int again = 0; again <= image.operationCount(); again++) {
                for (CrashPolicy policy : List.of(CrashPolicy.NONE, CrashPolicy.TORN_SECTORS, CrashPolicy.RANDOM_OPS)) {
                    SimDisk twice = image.crashImage(again, policy, again);
                    LogSurvey survey = TestLog.recover(TestLog.settings(twice), Slots.read(twice));
                    List<Integer> ids = TestLog.ids(survey);
                    List<Integer> before = TestLog.ids(found);
                    assertEquals(before, ids.subList(0, before.size()));
                    crashes++;
                }
            }
        }
        assertTrue(crashes > 1000, "crashes=" + crashes);
    }

    @Test
    void sameCallsMustGiveTheSameDisk() {
        LogScript one = new LogScript(6, STEPS).run();
        LogScript other = new LogScript(6, STEPS).run();
        assertEquals(one.disk.operations(), other.disk.operations());
        for (String name : one.disk.list(TestLog.DIRECTORY)) {
            Path file = TestLog.DIRECTORY.resolve(name);
            assertArrayEquals(one.disk.contents(file), other.disk.contents(file), name);
        }
    }
}

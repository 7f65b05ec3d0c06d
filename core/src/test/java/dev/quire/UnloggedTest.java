package dev.quire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quire.io.QuireError;
import dev.quire.io.QuireException;
import dev.quire.io.sim.CrashPolicy;
import dev.quire.io.sim.SimDisk;
import org.junit.jupiter.api.Test;

/** Without a log an orderly end keeps everything, and a crash is told and never taken for one. */
class UnloggedTest {

    private final SimDisk disk = SimInstances.disk();

    private static Instance open(SimDisk disk, long seed) {
        return SimInstances.config(disk, SimInstances.HERE, seed).logging(false).open();
    }

    private static long load(Instance instance) {
        StateModel model = new StateModel();
        instance.createDatabase("db");
        model.databases.put("db", new StateModel.OfDatabase());
        for (int round = 0; round < 5; round++) {
            try (WriteTransaction tx = instance.beginWrite()) {
                new Step(instance, tx, model).fill("db", "t", "k", round * 40, round * 40 + 60, 200);
                tx.commit();
            }
            if (round == 2) {
                instance.checkpoint();
            }
        }
        return model.digest();
    }

    @Test
    void anOrderlyEndMustKeepEverything() {
        long digest;
        try (Instance instance = open(disk, 1)) {
            digest = load(instance);
            assertEquals(digest, StateDigest.of(instance));
        }
        try (Instance instance = open(disk.crashImage(disk.operationCount(), CrashPolicy.NONE, 0), 2)) {
            assertEquals(digest, StateDigest.of(instance));
            assertTrue(instance.check().isSound());
        }
    }

    @Test
    void aCrashMustBeToldOrHaveLostNothing() {
        try (Instance instance = open(disk, 1)) {
            load(instance);
        }
        int refused = 0;
        for (int at = 40; at < disk.operationCount(); at++) {
            for (CrashPolicy policy : CrashPolicy.values()) {
                try (Instance instance = open(disk.crashImage(at, policy, at), 2)) {
                    assertTrue(instance.check().isSound(), disk.describe(at) + " " + policy);
                } catch (QuireException e) {
                    assertEquals(QuireError.DATABASE_DIRTY_SHUTDOWN, e.error(), disk.describe(at) + " " + policy);
                    refused++;
                }
            }
        }
        assertTrue(refused > 100, "refused=" + refused);
    }

    @Test
    void aLogThatWasSwitchedOffMustNotBeNeeded() {
        long digest;
        try (Instance instance = SimInstances.open(disk, 1)) {
            digest = load(instance);
        }
        try (Instance instance = open(disk, 2)) {
            assertEquals(digest, StateDigest.of(instance));
        } catch (QuireException e) {
            assertEquals(QuireError.SYSTEM_PARAMETER_CONFLICT, e.error());
        }
    }

    /** Fear: whoever opens an instance without a log, and is cut short, loses what was durable before. */
    @Test
    void aCrashWhileTheLogIsGivenUpOrTakenUpMustLoseNothing() {
        for (boolean logged : new boolean[] {true, false}) {
            for (boolean crash : logged ? new boolean[] {true, false} : new boolean[] {false}) {
                SimDisk scene = SimInstances.disk();
                Instance instance = logged ? SimInstances.open(scene, 1) : open(scene, 1);
                long digest = load(instance);
                if (crash) {
                    instance.halt();
                } else {
                    instance.close();
                }
                int from = scene.operationCount();
                Instance switched = logged ? open(scene, 2) : SimInstances.open(scene, 2);
                switched.check();
                switched.halt();
                for (int at = from; at <= scene.operationCount(); at++) {
                    for (CrashPolicy policy : CrashPolicy.values()) {
                        SimDisk image = scene.crashImage(at, policy, at);
                        boolean withLog = (at + policy.ordinal()) % 2 == 0;
                        same(digest, withLog ? SimInstances.open(image, 3) : open(image, 3), scene.describe(at - 1));
                    }
                }
            }
        }
    }

    private static void same(long digest, Instance opened, String after) {
        try (opened) {
            assertEquals(digest, StateDigest.of(opened), after);
        }
    }

    /** Fear: what was committed is gone after a crash, and nobody says so. */
    @Test
    void aCommitThatACrashTookBackMustBeTold() {
        try (Instance instance = open(disk, 1)) {
            load(instance);
        }
        Instance instance = open(disk, 2);
        try (WriteTransaction tx = instance.beginWrite()) {
            tx.createTable(instance.database("db"), "more");
            tx.commit();
        }
        instance.halt();
        QuireException refused = assertThrows(QuireException.class, () -> open(disk, 3));
        assertEquals(QuireError.DATABASE_DIRTY_SHUTDOWN, refused.error());
    }
}

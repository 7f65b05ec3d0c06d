package dev.quire;

import static org.junit.jupiter.api.Assertions.assertEquals;
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
}

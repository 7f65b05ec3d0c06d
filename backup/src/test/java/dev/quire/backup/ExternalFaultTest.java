package dev.quire.backup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quire.Instance;
import dev.quire.io.QuireException;
import dev.quire.io.log.LogFiles;
import dev.quire.io.sim.CrashPolicy;
import dev.quire.io.sim.Fault;
import dev.quire.io.sim.SimDisk;
import java.util.function.Supplier;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The disk fails at every operation of an external backup and of who stores it: a typed fault, and the chain goes on.
 */
class ExternalFaultTest {

    @ParameterizedTest
    @EnumSource(ExternalStep.class)
    void aFaultMustLeaveTheChainAsItWasOrOneFurther(ExternalStep step) {
        assertTrue(sweep(step, 3) >= 25);
    }

    @Test
    @Tag("sweep")
    void itMustHoldAtEachSingleOperation() {
        int runs = 0;
        for (ExternalStep step : ExternalStep.values()) {
            runs += sweep(step, 1);
        }
        assertTrue(runs >= 200, "runs=" + runs);
    }

    private static int sweep(ExternalStep step, int stride) {
        Scene scene = Scene.filled(1, config -> config.circularLogging(false));
        step.prepare(scene);
        scene.instance.close();
        Supplier<SimDisk> disks = () -> scene.disk().crashImage(scene.disk().operationCount(), CrashPolicy.ALL, 0);
        int runs = 0;
        for (Fault fault : Faults.NOTICED) {
            SimDisk probe = disks.get();
            run(step, probe, scene, fault, probe::resetTrace);
            int count = fault == Fault.EIO_READ ? probe.readCount() : probe.operationCount();
            for (int at = 0; at < count; at += stride) {
                SimDisk disk = disks.get();
                int index = at;
                String failure;
                try {
                    failure = run(step, disk, scene, fault, () -> {
                        disk.resetTrace();
                        disk.failAt(index, fault, false);
                    });
                } catch (RuntimeException | Error e) {
                    failure = CrashJudge.text(e);
                }
                assertEquals(null, failure, step + ", " + fault + " at #" + at + ": ");
                runs += disk.faultsHit() > 0 ? 1 : 0;
            }
        }
        return runs;
    }

    private static Instance open(SimDisk disk, Scene scene, long seed) {
        return Scene.config(disk, scene.home, seed).circularLogging(false).open();
    }

    private static String run(ExternalStep step, SimDisk disk, Scene scene, Fault planned, Runnable arm) {
        Instance instance = open(disk, scene, 5);
        arm.run();
        int oldest = LogFiles.list(disk, scene.home.resolve("log"))[0];
        int[] lowest = {oldest};
        QuireException fault = Faults.of(() ->
                step.run(disk, instance, () -> lowest[0] = LogFiles.list(disk, scene.home.resolve("log"))[0]));
        boolean hit = disk.faultsHit() > 0;
        disk.clearFaults();
        try {
            if (!hit) {
                return fault == null ? null : CrashJudge.text(fault);
            }
            if (fault == null && planned != Fault.EIO_READ) {
                return "the fault was not reported";
            }
            String failure = fault == null ? null : afterFault(disk, scene, instance, lowest[0], fault);
            return failure != null ? failure : afterwards(step, disk, scene, instance);
        } finally {
            instance.halt();
        }
    }

    /** No log has gone of which the caller has no manifest. */
    private static String afterFault(SimDisk disk, Scene scene, Instance instance, int lowest, QuireException fault) {
        boolean published = disk.operations().stream()
                .anyMatch(
                        each -> each.other() != null && each.other().toString().endsWith("manifest.json"));
        if (!published && LogFiles.list(disk, scene.home.resolve("log"))[0] > lowest) {
            return "a backup that failed has released log, " + CrashJudge.text(fault);
        }
        return instance.engine().backup().isTaken() ? "in backup although none runs" : null;
    }

    private static String afterwards(ExternalStep step, SimDisk disk, Scene scene, Instance instance) {
        if (instance.engine().poison().cause() == null) {
            return step.goesOn(disk, instance, scene);
        }
        instance.halt();
        Instance again = open(disk, scene, 6);
        try {
            return step.goesOn(disk, again, scene);
        } finally {
            again.halt();
        }
    }
}

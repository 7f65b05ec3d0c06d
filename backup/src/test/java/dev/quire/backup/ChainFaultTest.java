package dev.quire.backup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quire.Instance;
import dev.quire.io.Progress;
import dev.quire.io.QuireException;
import dev.quire.io.log.LogFiles;
import dev.quire.io.sim.CrashPolicy;
import dev.quire.io.sim.Fault;
import dev.quire.io.sim.SimDisk;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The disk fails at every operation of a backup in a chain: a typed fault, and the chain goes on. */
class ChainFaultTest {

    @ParameterizedTest
    @EnumSource(value = ChainStep.class, mode = EnumSource.Mode.MATCH_NONE, names = "PULLED.*")
    void aFaultInABackupOfAChainMustLeaveTheChainAsItWasOrOneFurther(ChainStep step) {
        assertTrue(sweep(step, 3) >= 25);
    }

    @Test
    @Tag("sweep")
    void itMustHoldAtEachSingleOperation() {
        int runs = 0;
        for (ChainStep step : ChainStep.values()) {
            runs += sweep(step, 1);
        }
        assertTrue(runs >= 700, "runs=" + runs);
    }

    static int sweep(ChainStep step, int stride) {
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
                String what = step + ", " + fault + " at #" + at + ": ";
                assertEquals(null, failure, what);
                runs += disk.faultsHit() > 0 ? 1 : 0;
            }
        }
        return runs;
    }

    private static Instance open(SimDisk disk, Scene scene, long seed) {
        return Scene.config(disk, scene.home, seed).circularLogging(false).open();
    }

    private static String run(ChainStep step, SimDisk disk, Scene scene, Fault planned, Runnable arm) {
        Instance instance = open(disk, scene, 5);
        Set<String> before = names(disk);
        int oldest = LogFiles.list(disk, scene.home.resolve("log"))[0];
        arm.run();
        BackupReport[] report = new BackupReport[1];
        QuireException fault = Faults.of(() -> report[0] = step.run(instance, Progress.NONE));
        boolean hit = disk.faultsHit() > 0;
        disk.clearFaults();
        try {
            if (!hit) {
                return fault == null ? null : CrashJudge.text(fault);
            }
            if (fault == null && planned != Fault.EIO_READ && !Faults.isTold(report[0])) {
                return "the fault was not reported";
            }
            String failure = fault == null ? null : afterFault(disk, scene, instance, before, oldest, fault);
            return failure != null ? failure : afterwards(step, disk, scene, instance);
        } finally {
            instance.halt();
        }
    }

    /** Of what is published, and of the log, everything is there that was. */
    private static String afterFault(
            SimDisk disk, Scene scene, Instance instance, Set<String> before, int oldest, QuireException fault) {
        Set<String> now = names(disk);
        boolean published = disk.operations().stream()
                .anyMatch(
                        each -> each.other() != null && each.other().toString().endsWith("manifest.json"));
        if (!published && LogFiles.list(disk, scene.home.resolve("log"))[0] != oldest) {
            return "a backup that failed has released log, " + CrashJudge.text(fault);
        }
        if (!published && fault.getSuppressed().length == 0 && !now.equals(before)) {
            return "is not as it was: " + now + ", before " + before + ' ' + CrashJudge.text(fault);
        }
        if (!published && !now.containsAll(before)) {
            return "has lost " + before + ", there is " + now + ' ' + CrashJudge.text(fault);
        }
        return instance.engine().backup().isTaken() ? "in backup although none runs" : null;
    }

    private static Set<String> names(SimDisk disk) {
        Set<String> names = new HashSet<>();
        for (Path directory : List.of(Scene.BACKUP, Scene.BACKUP.resolve("new"), ChainScene.COPY)) {
            Faults.names(disk, directory).forEach(name -> names.add(directory + "/" + name));
        }
        return names;
    }

    private static String afterwards(ChainStep step, SimDisk disk, Scene scene, Instance instance) {
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

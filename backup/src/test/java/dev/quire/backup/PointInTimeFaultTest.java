package dev.quire.backup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quire.io.QuireException;
import dev.quire.io.Storage;
import dev.quire.io.sim.CrashPolicy;
import dev.quire.io.sim.Fault;
import dev.quire.io.sim.SimDisk;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * A restore to a point in the log of a running instance, of one database under another name: the disk fails, or all
 * ends, at every operation of it. The target is as it was or whole, and set and instance are as they were.
 */
class PointInTimeFaultTest {

    private final ChainScene chain = new ChainScene(1);
    private final Scene scene = chain.scene;
    private final long point;
    private final Contents expected;

    PointInTimeFaultTest() {
        chain.full();
        chain.work(2);
        chain.incremental();
        chain.work(2);
        scene.commit(step -> step.put(Scene.SMALL, "point", 1, 2_000));
        point = scene.instance.engine().log().appended();
        expected = scene.contents().only(Scene.SMALL).renamed(Scene.SMALL, "tiny");
        chain.work(2);
        scene.instance.awaitDurable();
        scene.disk().createDirectory(Scene.BACK);
        scene.disk().forceDirectory(Scene.ROOT);
    }

    private RestoreReport restore(Storage storage, long seed) {
        RestoreRequest request = RestoreRequest.of(Scene.BACKUP)
                .to(Scene.BACK)
                .untilLsn(point)
                .only(Scene.SMALL)
                .rename(Scene.SMALL, "tiny")
                .rollForward(scene.home)
                .conclude();
        return Restore.run(storage, request, false, Scene.signatures(seed));
    }

    @Test
    void aFaultMustLeaveTheTargetAsItWas() {
        assertTrue(faults(4) >= 60);
    }

    @Test
    void aCrashMustLeaveTheTargetAsItWasOrWhole() {
        assertTrue(crashes(1, 7) >= 60);
    }

    @Test
    @Tag("sweep")
    void bothMustHoldAtEachSingleOperation() {
        assertTrue(faults(1) >= 300);
        assertTrue(crashes(6, 1) >= 500);
    }

    private int faults(int stride) {
        SimDisk all = scene.disk();
        Faults faults = new Faults();
        for (Fault fault : Faults.NOTICED) {
            faults.sweep(
                    fault,
                    fault == Fault.FAILED_FORCE ? 1 : stride,
                    (disk, arm) -> faulty(disk, fault, arm),
                    () -> all.crashImage(all.operationCount(), CrashPolicy.ALL, 0));
        }
        assertEquals(List.of(), faults.failures(), () -> String.join("\n", faults.failures()));
        return faults.runs();
    }

    private String faulty(SimDisk disk, Fault planned, Runnable arm) {
        Map<String, Integer> before = files(disk);
        arm.run();
        QuireException fault = Faults.of(() -> restore(disk, 4));
        boolean hit = disk.faultsHit() > 0;
        disk.clearFaults();
        if (!before.equals(files(disk))) {
            return "set or instance has changed";
        }
        if (fault == null) {
            boolean ahead = planned == Fault.NO_SPACE // of the generation after the next, which is for later
                    && disk.list(Scene.BACK.resolve("log")).stream().noneMatch(name -> name.endsWith(".spare"));
            return hit && planned != Fault.EIO_READ && !ahead
                    ? "the fault was not reported"
                    : CrashJudge.holds(disk, Scene.BACK, expected);
        }
        if (disk.kind(Scene.BACK) != Storage.Kind.DIRECTORY
                || !disk.list(Scene.BACK).isEmpty()) {
            return "the target is not as it was, " + CrashJudge.text(fault);
        }
        boolean deletionFailed = List.of(fault.getSuppressed()).stream().anyMatch(QuireException.class::isInstance)
                || fault.file().equals(Optional.of(Scene.ROOT.resolve("back.restoring.lock")));
        if (disk.list(Scene.ROOT).toString().contains("restoring") && !deletionFailed) {
            return "left behind: the stage, " + CrashJudge.text(fault);
        }
        restore(disk, 5);
        return CrashJudge.holds(disk.crashImage(disk.operationCount(), CrashPolicy.NONE, 0), Scene.BACK, expected);
    }

    private int crashes(int policies, int stride) {
        Map<String, Integer> before = files(scene.disk());
        scene.startTrace();
        restore(scene.disk(), 6);
        CrashJudge judge = new CrashJudge(scene, false);
        CrashJudge.Verdict verdict = (image, crash) -> {
            if (!before.equals(files(image))) {
                return "set or instance has changed";
            }
            if (!Faults.names(image, Scene.BACK).isEmpty()) {
                return CrashJudge.holds(image, Scene.BACK, expected);
            }
            boolean aside = image.list(Scene.ROOT).contains("back.restoring.aside");
            if (crash % stride != 0 && !aside) {
                return null;
            }
            restore(image, 1_000 + crash);
            return image.list(Scene.ROOT).toString().contains("restoring")
                    ? "left behind: " + image.list(Scene.ROOT)
                    : CrashJudge.holds(image, Scene.BACK, expected);
        };
        judge.powerCuts(policies, verdict);
        judge.processCrashes(3, verdict);
        assertEquals(List.of(), judge.failures(), () -> String.join("\n", judge.failures()));
        return judge.points();
    }

    /** Everything of the set, and the log and databases of the instance. */
    private Map<String, Integer> files(SimDisk disk) {
        Map<String, Integer> files = new HashMap<>();
        for (var directory : List.of(Scene.BACKUP, scene.home, scene.home.resolve("log"))) {
            for (String name : disk.list(directory)) {
                var path = directory.resolve(name);
                if (disk.kind(path) == Storage.Kind.FILE && !name.endsWith(".lock")) {
                    files.put(path.toString(), Arrays.hashCode(disk.contents(path)));
                }
            }
        }
        return files;
    }
}

package dev.quire.backup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quire.Instance;
import dev.quire.io.Progress;
import dev.quire.io.QuireException;
import dev.quire.io.Storage;
import dev.quire.io.log.LogFiles;
import dev.quire.io.sim.CrashPolicy;
import dev.quire.io.sim.Fault;
import dev.quire.io.sim.SimDisk;
import dev.quire.io.sim.SimOperation;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The disk fails at every operation of a backup and of a restore: a typed fault, nothing that looks like success. */
class BackupFaultTest {

    @Test
    void aFaultInABackupMustLeaveNothingBehindAndTheInstanceReadyForTheNext() {
        Faults faults = new Faults();
        for (Fault fault : Faults.NOTICED) {
            backups(faults, fault, 1);
        }
        assertEquals(List.of(), faults.failures(), () -> String.join("\n", faults.failures()));
        assertTrue(faults.runs() >= 220, "runs=" + faults.runs());
    }

    @Test
    void aFaultInARestoreMustLeaveTheTargetAsItWas() {
        Faults faults = new Faults();
        for (Fault fault : Faults.NOTICED) {
            restores(faults, fault, fault == Fault.FAILED_FORCE ? 2 : 5);
        }
        assertEquals(List.of(), faults.failures(), () -> String.join("\n", faults.failures()));
        assertTrue(faults.runs() >= 60, "runs=" + faults.runs());
    }

    @Test
    void aRestoreBehindOneWhoseNamesWereNotForcedMustSurviveAPowerCut() {
        for (boolean there : new boolean[] {true, false}) {
            Scene scene = Scene.filled(1);
            scene.backup(Scene.BACKUP, Progress.NONE);
            if (there) {
                scene.disk().createDirectory(Scene.BACK);
            }
            Supplier<SimDisk> disks = closedInstance(scene);
            SimDisk probe = disks.get();
            Scene.restore(probe, Scene.BACKUP, Scene.BACK, 4);
            int published = lastForceOfNames(probe);
            for (boolean alsoTakingBack : new boolean[] {false, true}) {
                SimDisk disk = disks.get();
                disk.failAt(published, Fault.FAILED_FORCE, alsoTakingBack);
                assertThrows(QuireException.class, () -> Scene.restore(disk, Scene.BACKUP, Scene.BACK, 4));
                assertEquals(alsoTakingBack ? 2 : 1, disk.faultsHit());
                disk.clearFaults();
                Scene.restore(disk, Scene.BACKUP, Scene.BACK, 5);
                SimDisk cut = disk.crashImage(disk.operationCount(), CrashPolicy.NONE, 0);
                assertEquals(null, CrashJudge.holds(cut, Scene.BACK, scene.contents()));
            }
        }
    }

    private static int lastForceOfNames(SimDisk disk) {
        return disk.operations().stream()
                .filter(each -> each.type() == SimOperation.Type.FORCE_DIRECTORY && Scene.ROOT.equals(each.path()))
                .mapToInt(SimOperation::index)
                .max()
                .orElseThrow();
    }

    @Test
    @Tag("sweep")
    void bothMustHoldAtEachSingleOperation() {
        Faults faults = new Faults();
        for (Fault fault : Faults.NOTICED) {
            backups(faults, fault, 1);
            restores(faults, fault, 1);
        }
        assertEquals(List.of(), faults.failures(), () -> String.join("\n", faults.failures()));
        assertTrue(faults.runs() >= 800, "runs=" + faults.runs());
    }

    /** A disk with an instance that was closed, to start each run from. */
    private static Supplier<SimDisk> closedInstance(Scene scene) {
        scene.instance.close();
        SimDisk disk = scene.disk();
        return () -> disk.crashImage(disk.operationCount(), CrashPolicy.ALL, 0);
    }

    private static void backups(Faults faults, Fault fault, int stride) {
        Scene scene = Scene.filled(1);
        Supplier<SimDisk> disks = closedInstance(scene);
        faults.sweep(fault, stride, (disk, arm) -> backup(disk, scene, fault, arm), disks);
    }

    private static String backup(SimDisk disk, Scene scene, Fault planned, Runnable arm) {
        Instance instance =
                Scene.config(disk, scene.home, 5).circularLogging(false).open();
        int[] logs = LogFiles.list(disk, scene.home.resolve("log"));
        arm.run();
        BackupReport[] report = new BackupReport[1];
        QuireException fault = Faults.of(() -> report[0] = Backup.full(instance, Scene.BACKUP, Progress.NONE));
        disk.clearFaults();
        try {
            String failure = fault != null
                    ? afterFault(disk, scene, instance, logs, fault)
                    : Faults.isTold(report[0]) ? null : unreported(disk, planned);
            return failure != null ? failure : afterwards(disk, scene, instance);
        } finally {
            instance.halt();
        }
    }

    /** A read may be tried again; what could not be written or forced must never pass for done. */
    private static String unreported(SimDisk disk, Fault planned) {
        return disk.faultsHit() > 0 && planned != Fault.EIO_READ ? "the fault was not reported" : null;
    }

    private static String afterFault(SimDisk disk, Scene scene, Instance instance, int[] logs, QuireException fault) {
        boolean published = disk.kind(Scene.BACKUP) == Storage.Kind.DIRECTORY
                && disk.kind(Scene.BACKUP.resolve(Manifest.FILE)) == Storage.Kind.FILE;
        if (published) {
            boolean behind = disk.operations().stream()
                    .anyMatch(each -> each.type() == SimOperation.Type.RENAME
                            && each.path().toString().endsWith(".manifest"));
            String whole = CrashJudge.whole(disk, end -> scene.contents(), 1);
            return behind && whole == null ? null : "failed but published: " + whole + ' ' + CrashJudge.text(fault);
        }
        boolean deletionFailed = List.of(fault.getSuppressed()).stream().anyMatch(QuireException.class::isInstance);
        if (!Faults.names(disk, Scene.BACKUP).isEmpty() && !deletionFailed) {
            return "left behind: " + Faults.names(disk, Scene.BACKUP) + ' ' + CrashJudge.text(fault);
        }
        if (LogFiles.list(disk, scene.home.resolve("log"))[0] != logs[0]) {
            return "a backup that failed has released log";
        }
        return instance.engine().backup().isTaken() ? "in backup although none runs" : null;
    }

    /** The next backup must work, here or, when the fault ended the instance, after opening it anew. */
    private static String afterwards(SimDisk disk, Scene scene, Instance instance) {
        if (disk.kind(Scene.BACKUP) == Storage.Kind.DIRECTORY
                && disk.kind(Scene.BACKUP.resolve(Manifest.FILE)) == Storage.Kind.FILE) {
            instance.halt();
            try (Instance again = Scene.open(disk, scene.home, 6)) {
                return CrashJudge.completed(disk, again);
            }
        }
        if (instance.engine().poison().cause() == null) {
            Backup.full(instance, Scene.BACKUP, Progress.NONE);
        } else {
            instance.halt();
            try (Instance again = Scene.open(disk, scene.home, 6)) {
                Backup.full(again, Scene.BACKUP, Progress.NONE);
            }
        }
        VerifyReport report = BackupVerification.verify(disk, Scene.BACKUP, Progress.NONE);
        return report.isSound() ? afterPowerCut(disk) : "the next backup is bad: " + report.faults();
    }

    /** What an earlier force has dropped must not be missing in a backup whose own forces all succeeded. */
    private static String afterPowerCut(SimDisk disk) {
        SimDisk cut = disk.crashImage(disk.operationCount(), CrashPolicy.NONE, 0);
        VerifyReport report = Faults.names(cut, Scene.BACKUP).contains(Manifest.FILE)
                ? BackupVerification.verify(cut, Scene.BACKUP, Progress.NONE)
                : null;
        return report != null && report.isSound() ? null : "a power cut takes the next backup: " + report;
    }

    private static void restores(Faults faults, Fault fault, int stride) {
        Scene scene = Scene.filled(1);
        BackupReport report = scene.backup(Scene.BACKUP, (phase, done, total) -> scene.work());
        scene.disk().createDirectory(Scene.BACK);
        Supplier<SimDisk> disks = closedInstance(scene);
        faults.sweep(fault, stride, (disk, arm) -> restore(disk, scene.at(report.end()), fault, arm), disks);
    }

    private static String restore(SimDisk disk, Contents expected, Fault planned, Runnable arm) {
        arm.run();
        QuireException fault = Faults.of(() -> Scene.restore(disk, Scene.BACKUP, Scene.BACK, 4));
        disk.clearFaults();
        if (fault == null) {
            boolean ahead = planned == Fault.NO_SPACE // of the generation after the next, which is for later
                    && disk.list(Scene.BACK.resolve("log")).stream().noneMatch(name -> name.endsWith(".spare"));
            String unreported = ahead ? null : unreported(disk, planned);
            return unreported != null ? unreported : CrashJudge.holds(disk, Scene.BACK, expected);
        }
        if (disk.kind(Scene.BACK) != Storage.Kind.DIRECTORY
                || !disk.list(Scene.BACK).isEmpty()) {
            return "the target is not as it was: " + disk.kind(Scene.BACK) + ' ' + CrashJudge.text(fault);
        }
        boolean deletionFailed = List.of(fault.getSuppressed()).stream().anyMatch(QuireException.class::isInstance);
        if (disk.list(Scene.ROOT).contains("back.restoring") && !deletionFailed) {
            return "left behind: the stage, " + CrashJudge.text(fault);
        }
        if (planned == Fault.FAILED_FORCE) {
            Scene.restore(disk, Scene.BACKUP, Scene.BACK, 5);
            return CrashJudge.holds(disk.crashImage(disk.operationCount(), CrashPolicy.NONE, 0), Scene.BACK, expected);
        }
        return deletionFailed ? CrashJudge.whole(disk, end -> expected, 1) : null;
    }
}

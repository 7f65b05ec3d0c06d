package dev.quire.backup;

import dev.quire.Instance;
import dev.quire.io.Progress;
import dev.quire.io.QuireError;
import dev.quire.io.QuireException;
import dev.quire.io.Storage;
import dev.quire.io.page.BackupStamp;
import dev.quire.io.sim.CrashPolicy;
import dev.quire.io.sim.SimDisk;
import dev.quire.pages.DatabasePages;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** Crashes what a scene did at every operation and says what is wrong with what is left. */
final class CrashJudge {

    private static final int FAILURES_MAX = 3;

    private final Scene scene;
    private final boolean circular;
    private final List<String> failures = new ArrayList<>();
    private int points;

    CrashJudge(Scene scene) {
        this(scene, true);
    }

    /** Opens what a crash left with circular logging, or without. */
    CrashJudge(Scene scene, boolean circular) {
        this.scene = scene;
        this.circular = circular;
    }

    int points() {
        return points;
    }

    List<String> failures() {
        return failures;
    }

    /** Looks at one image: null if nothing is wrong with it. */
    interface Verdict {
        String of(SimDisk image, int crash);
    }

    /** A power cut at every operation, under {@code policies} of all policies in turn, {@code verdict} on each. */
    void powerCuts(int policies, Verdict verdict) {
        CrashPolicy[] all = CrashPolicy.values();
        SimDisk disk = scene.disk();
        for (int at = 0; at <= disk.operationCount(); at++) {
            for (int i = 0; i < policies; i++) {
                CrashPolicy policy = all[(at + i * all.length / policies) % all.length];
                int crash = at;
                judge(at, policy.toString(), verdict, d -> d.crashImage(crash, policy, crash));
            }
        }
    }

    /** The end of the process at every {@code stride}-th operation. */
    void processCrashes(int stride, Verdict verdict) {
        for (int at = 0; at <= scene.disk().operationCount(); at += stride) {
            int crash = at;
            judge(at, "end of the process", verdict, d -> d.processCrashImage(crash));
        }
    }

    private void judge(int at, String how, Verdict verdict, Function<SimDisk, SimDisk> crash) {
        points++;
        String fault;
        try {
            SimDisk image = crash.apply(scene.disk());
            image.recordTrace(false);
            fault = verdict.of(image, at);
        } catch (RuntimeException | Error e) {
            fault = text(e);
        }
        if (fault != null && failures.size() < FAILURES_MAX) {
            failures.add(scene.disk().describe(at) + ", " + how + ": " + fault);
        }
    }

    /** The instance must open, hold a state no older than what was acknowledged, and be sound. */
    String source(SimDisk image, int crash, Path home, Function<Instance, String> then) {
        Instance instance = Scene.config(image, home, 1_000 + crash)
                .circularLogging(circular)
                .open();
        try {
            long digest = Contents.of(instance).digest();
            int acknowledged = 0;
            int held = -1;
            for (int i = 0; i < scene.points.size(); i++) {
                Scene.Point point = scene.points.get(i);
                acknowledged = point.acknowledged() <= crash ? i : acknowledged;
                held = point.begun() <= crash && point.contents().digest() == digest ? i : held;
            }
            if (held < acknowledged) {
                return "holds state " + held + ", acknowledged was " + acknowledged + " of " + scene.points.size();
            }
            List<?> faults = instance.check().faults();
            return faults.isEmpty() ? then.apply(instance) : "is not sound: " + faults;
        } finally {
            instance.halt();
        }
    }

    /** A published backup must be whole and give back what it says; without one the next backup there must work. */
    String backup(SimDisk image, Instance instance, boolean thorough) {
        Storage.Kind manifest = image.kind(Scene.BACKUP) == Storage.Kind.NONE
                ? Storage.Kind.NONE
                : image.kind(Scene.BACKUP.resolve(Manifest.FILE));
        if (manifest != Storage.Kind.NONE) {
            String uncompleted = completed(image, instance);
            return uncompleted != null ? uncompleted : whole(image, scene::at, 2);
        }
        if (!thorough) {
            return null;
        }
        long digest = Contents.of(instance).digest();
        Backup.full(instance, Scene.BACKUP, Progress.NONE);
        Contents now = Contents.of(instance);
        return digest == now.digest() ? whole(image, end -> now, 3) : "a backup changes the instance";
    }

    /** Another backup to the place of a published one must be refused, and leave headers that know of the first. */
    static String completed(SimDisk disk, Instance instance) {
        try {
            Backup.full(instance, Scene.BACKUP, Progress.NONE);
            return "a backup over a published one was not refused";
        } catch (QuireException e) {
            if (e.error() != QuireError.BACKUP_DIRECTORY_NOT_EMPTY) {
                return "refused with " + text(e);
            }
        }
        int high = Manifest.read(disk, Scene.BACKUP).generationHigh();
        for (DatabasePages database : instance.engine().databases()) {
            BackupStamp full = database.file().header().full();
            if (full.generationHigh() != high || full.mark() == 0 || full.timeMs() == 0) {
                return "the header of " + database.name() + " does not know of the backup: " + full;
            }
        }
        return instance.engine().backup().isTaken() ? "in backup although none runs" : null;
    }

    /** What is wrong with the published backup on an image. */
    static String whole(SimDisk image, Function<Long, Contents> expected, long seed) {
        VerifyReport verified = BackupVerification.verify(image, Scene.BACKUP, Progress.NONE);
        if (!verified.isSound()) {
            return "published, but: " + verified.faults();
        }
        RestoreReport restored = Scene.restore(image, Scene.BACKUP, Scene.BACK, 2_000 + seed);
        if (restored.end() < verified.manifest().consistentFrom()) {
            return "restores to a place before consistentFrom";
        }
        return holds(image, Scene.BACK, expected.apply(verified.manifest().end()));
    }

    /** What is wrong with a backup that must be sound and give back exactly this, to a place of its own by number. */
    static String restores(SimDisk disk, Path backup, Contents expected, int place) {
        VerifyReport verified = BackupVerification.verify(disk, backup, Progress.NONE);
        if (!verified.isSound()) {
            return "not sound: " + verified.faults();
        }
        Path back = Scene.ROOT.resolve("back" + place);
        Scene.restore(disk, backup, back, 2_000 + place);
        return holds(disk, back, expected);
    }

    /** What is wrong with an instance that must hold exactly this. */
    static String holds(SimDisk image, Path home, Contents expected) {
        Instance back = Scene.open(image, home, 3_000);
        try {
            if (Contents.of(back).digest() != expected.digest()) {
                return "the restored instance holds something else";
            }
            return back.check().isSound() ? null : "the restored instance is not sound";
        } finally {
            back.halt();
        }
    }

    static String text(Throwable e) {
        StringBuilder text = new StringBuilder(String.valueOf(e));
        StackTraceElement[] stack = e.getStackTrace();
        for (int i = 0; i < Math.min(12, stack.length); i++) {
            text.append("\n      ").append(stack[i]);
        }
        return e.getCause() == null ? text.toString() : text + "\n    cause " + text(e.getCause());
    }
}

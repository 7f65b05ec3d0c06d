package dev.quire.backup;

import dev.quire.Instance;
import dev.quire.durable.BackupKind;
import dev.quire.io.Progress;
import dev.quire.io.Storage;
import dev.quire.io.sim.CrashPolicy;
import dev.quire.io.sim.SimDisk;
import dev.quire.pages.DatabasePages;
import java.time.Duration;
import java.util.List;

/**
 * One backup behind a full and an incremental, of any kind and to either kind of place, and what must be so after it
 * was interrupted: a set that restores, and a chain that goes on.
 */
enum ChainStep {
    INCREMENTAL(BackupKind.INCREMENTAL, false, false),
    DIFFERENTIAL(BackupKind.DIFFERENTIAL, false, false),
    COPY(BackupKind.COPY, false, false),
    ATOMIC_INCREMENTAL(BackupKind.INCREMENTAL, true, false),
    ATOMIC_FULL(BackupKind.FULL, true, false),
    PULLED_INCREMENTAL(BackupKind.INCREMENTAL, false, true),
    PULLED_DIFFERENTIAL(BackupKind.DIFFERENTIAL, false, true),
    PULLED_COPY(BackupKind.COPY, false, true),
    PULLED_ATOMIC_INCREMENTAL(BackupKind.INCREMENTAL, true, true),
    PULLED_ATOMIC_FULL(BackupKind.FULL, true, true);

    final BackupKind kind;
    final boolean atomic;
    private final boolean pulled;

    ChainStep(BackupKind kind, boolean atomic, boolean pulled) {
        this.kind = kind;
        this.atomic = atomic;
        this.pulled = pulled;
    }

    /** Pulled, and stored on whatever disk, by the calling thread. */
    static BackupReport pulled(Instance instance, Storage storage, BackupRequest request) {
        return PulledBackup.run(() -> new LocalOffer(instance, Duration.ofMinutes(5)), storage, request, false);
    }

    /** What stands before it. */
    void prepare(Scene scene) {
        run(scene.instance, BackupKind.FULL, Progress.NONE);
        scene.work();
        run(scene.instance, BackupKind.INCREMENTAL, Progress.NONE);
        for (int i = 0; i < 3; i++) { // log that these two allow to go is gone then
            scene.work();
            scene.instance.checkpoint();
            scene.acknowledge();
        }
    }

    BackupReport run(Instance instance, Progress progress) {
        return run(instance, kind, progress);
    }

    private BackupReport run(Instance instance, BackupKind which, Progress progress) {
        BackupRequest request = BackupRequest.of(which)
                .to(which == BackupKind.COPY ? ChainScene.COPY : Scene.BACKUP)
                .atomic(atomic)
                .createPathIfNotExist(which.hasPages())
                .progress(progress)
                .conclude();
        return pulled
                ? pulled(instance, instance.engine().settings().storage(), request)
                : Backup.run(instance, request);
    }

    /** What is wrong with the place afterwards; then takes the step again, or the next one, and judges that. */
    String goesOn(SimDisk disk, Instance instance, Scene scene) {
        BackupSet set = BackupSet.read(disk, Scene.BACKUP);
        List<Manifest> taken = set.toTheEnd();
        String failure = CrashJudge.restores(
                disk, Scene.BACKUP, scene.at(taken.get(taken.size() - 1).end()), 1);
        if (failure != null) {
            return "left: " + failure;
        }
        if (kind == BackupKind.COPY && BackupSet.find(disk, ChainScene.COPY).isPresent()) {
            Manifest copy = Manifest.read(disk, ChainScene.COPY);
            failure = CrashJudge.restores(disk, ChainScene.COPY, scene.at(copy.end()), 2);
        } else if (kind == BackupKind.COPY) {
            run(instance, Progress.NONE);
        }
        return failure != null ? failure : next(disk, instance);
    }

    private String next(SimDisk disk, Instance instance) {
        BackupReport next =
                run(instance, kind == BackupKind.FULL ? BackupKind.FULL : BackupKind.INCREMENTAL, Progress.NONE);
        for (DatabasePages database : instance.engine().databases()) {
            int known = (kind == BackupKind.FULL
                            ? database.file().header().full()
                            : database.file().header().incremental())
                    .generationHigh();
            if (known != next.generationHigh()) {
                return "the header of " + database.name() + " knows of " + known + ", not of " + next.generationHigh();
            }
        }
        if (instance.engine().backup().isTaken()) {
            return "in backup although none runs";
        }
        List<String> names = disk.list(Scene.BACKUP);
        if (atomic && !names.equals(List.of(AtomicPlace.NEW)) || names.contains(Leftovers.LOCK)) {
            return "left behind: " + names;
        }
        SimDisk cut = disk.crashImage(disk.operationCount(), CrashPolicy.NONE, 0);
        Contents now = Contents.of(instance);
        String failure = CrashJudge.restores(disk, Scene.BACKUP, now, 3);
        return failure != null ? failure : CrashJudge.restores(cut, Scene.BACKUP, now, 4);
    }
}

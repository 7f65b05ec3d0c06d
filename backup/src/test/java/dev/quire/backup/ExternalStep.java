package dev.quire.backup;

import dev.quire.Instance;
import dev.quire.durable.BackupKind;
import dev.quire.io.sim.CrashPolicy;
import dev.quire.io.sim.SimDisk;
import dev.quire.pages.DatabasePages;
import java.nio.file.Path;
import java.util.List;

/** One external backup behind a full, pulled to a directory, and what must be so after it was interrupted. */
enum ExternalStep {
    FULL(BackupKind.FULL, Scene.ROOT.resolve("pulled")),
    INCREMENTAL(BackupKind.INCREMENTAL, Scene.BACKUP);

    private final BackupKind kind;
    private final Path place;

    ExternalStep(BackupKind kind, Path place) {
        this.kind = kind;
        this.place = place;
    }

    /** What stands before it. */
    void prepare(Scene scene) {
        Puller puller = new Puller(scene.storage, () -> {});
        puller.take(scene.instance, ExternalRequest.of(BackupKind.FULL), Scene.BACKUP);
        for (int i = 0; i < 3; i++) {
            scene.work();
            scene.instance.checkpoint();
            scene.acknowledge();
        }
    }

    BackupReport run(SimDisk disk, Instance instance, Runnable between) {
        return take(disk, instance, kind, place, between);
    }

    /** Who has published what is there may have ended before he could force its names. */
    private static BackupReport take(SimDisk disk, Instance instance, BackupKind kind, Path to, Runnable between) {
        ExternalRequest request = ExternalRequest.of(kind);
        if (kind.buildsOnAnother()) {
            disk.forceDirectory(to);
            request = request.behind(BackupSet.read(disk, to));
        }
        return new Puller(disk, between).take(instance, request, to);
    }

    /** What is wrong with the place afterwards; then goes on behind what is published, and judges that. */
    String goesOn(SimDisk disk, Instance instance, Scene scene) {
        Path chain = place;
        if (BackupSet.find(disk, place).isEmpty()) {
            chain = Scene.ROOT.resolve("again");
            take(disk, instance, BackupKind.FULL, chain, () -> {});
        } else {
            List<Manifest> taken = BackupSet.read(disk, place).toTheEnd();
            String failure = CrashJudge.restores(
                    disk, place, scene.at(taken.get(taken.size() - 1).end()), 1);
            if (failure != null) {
                return "left: " + failure;
            }
        }
        BackupReport next = take(disk, instance, BackupKind.INCREMENTAL, chain, () -> {});
        for (DatabasePages database : instance.engine().databases()) {
            int known = database.file().header().incremental().generationHigh();
            if (known != next.generationHigh()) {
                return "the header of " + database.name() + " knows of " + known + ", not of " + next.generationHigh();
            }
        }
        if (instance.engine().backup().isTaken()) {
            return "in backup although none runs";
        }
        SimDisk cut = disk.crashImage(disk.operationCount(), CrashPolicy.NONE, 0);
        Contents now = Contents.of(instance);
        String failure = CrashJudge.restores(disk, chain, now, 3);
        return failure != null ? failure : CrashJudge.restores(cut, chain, now, 4);
    }
}

package dev.quire.backup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quire.InstanceConfig;
import dev.quire.durable.BackupKind;
import dev.quire.io.Progress;
import dev.quire.io.QuireError;
import dev.quire.io.QuireException;
import dev.quire.io.log.LogFiles;
import dev.quire.io.sim.SimDisk;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.function.Executable;

/** A scene whose log is kept until a backup has it, and the backups of a chain taken of it. */
final class ChainScene {

    static final Path COPY = Scene.ROOT.resolve("copy");

    final Scene scene;
    private int restored;
    private int seed = 1_000;

    ChainScene(long seed) {
        this(seed, config -> {});
    }

    ChainScene(long seed, Consumer<InstanceConfig> change) {
        this.scene = Scene.filled(seed, config -> change.accept(config.circularLogging(false)));
    }

    SimDisk disk() {
        return scene.disk();
    }

    BackupReport take(BackupKind kind, Path destination) {
        return Backup.run(
                scene.instance,
                BackupRequest.of(kind)
                        .to(destination)
                        .createPathIfNotExist(kind.hasPages())
                        .conclude());
    }

    BackupReport atomic(BackupKind kind) {
        return Backup.run(
                scene.instance,
                BackupRequest.of(kind)
                        .to(Scene.BACKUP)
                        .atomic(true)
                        .createPathIfNotExist(true)
                        .conclude());
    }

    /** Takes one while others commit. */
    BackupReport busy(BackupKind kind, Path destination) {
        return Backup.run(
                scene.instance,
                BackupRequest.of(kind)
                        .to(destination)
                        .createPathIfNotExist(kind.hasPages())
                        .progress((phase, done, total) -> scene.work())
                        .conclude());
    }

    BackupReport full() {
        return take(BackupKind.FULL, Scene.BACKUP);
    }

    BackupReport incremental() {
        return take(BackupKind.INCREMENTAL, Scene.BACKUP);
    }

    BackupReport differential() {
        return take(BackupKind.DIFFERENTIAL, Scene.BACKUP);
    }

    void work(int times) {
        for (int i = 0; i < times; i++) {
            scene.work();
        }
    }

    /** Some generations of log, all behind a checkpoint. */
    void generations(int count) {
        for (int i = 0; i < count; i++) {
            scene.commit(step -> step.put(Scene.SMALL, "generation", 1, 100));
            scene.instance.engine().log().roll();
            scene.instance.checkpoint();
        }
        scene.instance.checkpoint();
    }

    /** Closes the instance and opens it again. */
    void reopen(Consumer<InstanceConfig> change) {
        scene.instance.close();
        InstanceConfig config = Scene.config(scene.storage, scene.home, ++seed).circularLogging(false);
        change.accept(config);
        scene.instance = config.open();
    }

    /** Ends the process, and opens the instance again; what was lazy is made durable before. */
    void crash() {
        scene.instance.awaitDurable();
        scene.instance.halt();
        scene.instance = Scene.config(scene.storage, scene.home, ++seed)
                .circularLogging(false)
                .open();
    }

    int[] logs() {
        return LogFiles.list(scene.storage, scene.home.resolve("log"));
    }

    /** What is in a destination is sound, and gives back the state at {@code end}. */
    void holds(Path destination, long end) {
        assertEquals(
                List.of(),
                BackupVerification.verify(scene.storage, destination, Progress.NONE)
                        .faults());
        Path back = Scene.ROOT.resolve("back" + restored++);
        RestoreReport report = Scene.restore(scene.storage, destination, back, 40 + restored);
        assertTrue(report.end() >= end, () -> "end=" + report.end() + " expected=" + end);
        assertEquals(null, CrashJudge.holds(disk(), back, scene.at(end)));
    }

    static QuireException refused(QuireError error, Executable call) {
        QuireException e = assertThrows(QuireException.class, call);
        assertEquals(error, e.error(), e::toString);
        return e;
    }
}

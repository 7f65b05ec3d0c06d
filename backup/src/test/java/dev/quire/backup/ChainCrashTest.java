package dev.quire.backup;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quire.Instance;
import dev.quire.durable.BackupKind;
import dev.quire.io.ForwardingStorage;
import dev.quire.io.Progress;
import dev.quire.io.QuireError;
import dev.quire.io.QuireException;
import dev.quire.io.Storage;
import dev.quire.io.sim.CrashPolicy;
import dev.quire.io.sim.SimDisk;
import dev.quire.io.sim.SimOperation;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Power cuts and ended processes at every operation of a backup in a chain, between publication, stamps and truncation
 * as well: what was published restores, and the chain goes on.
 */
class ChainCrashTest {

    @ParameterizedTest
    @EnumSource(value = ChainStep.class, mode = EnumSource.Mode.MATCH_NONE, names = "PULLED.*")
    void aCrashInABackupOfAChainMustLeaveASetThatRestoresAndAChainThatGoesOn(ChainStep step) {
        CrashJudge judge = crash(step, 1, 1, 12);
        assertTrue(judge.points() >= 50, "points=" + judge.points());
    }

    @Test
    @Tag("sweep")
    void allOfItMustHoldManyTimesOver() {
        int points = 0;
        for (long seed = 1; seed <= 2; seed++) {
            for (ChainStep step : ChainStep.values()) {
                points += crash(step, seed, 4, 6).points();
            }
        }
        assertTrue(points >= 1_500, "points=" + points);
    }

    /** A process ended between the last renaming of an atomic backup and the force of it; the next one clears up. */
    @Test
    void whatTookThePlaceOfASetMustBeOnTheMediumBeforeThatGoes() {
        ChainScene chain = new ChainScene(1);
        chain.atomic(BackupKind.FULL);
        chain.scene.startTrace();
        chain.atomic(BackupKind.FULL);
        SimDisk image = chain.disk().processCrashImage(published(chain.disk()) + 1);
        Instance instance =
                Scene.config(image, chain.scene.home, 7).circularLogging(false).open();
        image.resetTrace();
        ChainStep.ATOMIC_INCREMENTAL.run(instance, Progress.NONE);
        for (int at = 0; at <= image.operationCount(); at++) {
            SimDisk cut = image.crashImage(at, CrashPolicy.NONE, 0);
            assertTrue(BackupSet.find(cut, Scene.BACKUP).isPresent(), image.describe(at));
        }
        instance.halt();
    }

    /** Fear: what is on its way out, or never was in, passes for a backup and has lost files. */
    @Test
    void whatHasAManifestMustHaveAllItsFilesAtEveryPowerCut() {
        ChainScene chain = new ChainScene(1);
        chain.atomic(BackupKind.FULL);
        chain.atomic(BackupKind.INCREMENTAL);
        chain.scene.startTrace();
        chain.atomic(BackupKind.FULL);
        everyCut(chain.disk(), image -> {
            for (String name : image.list(Scene.BACKUP)) {
                whole(image, Scene.BACKUP.resolve(name));
            }
        });
    }

    /** Fear: files of a failed backup come back without their mark; then nobody can take one there any more. */
    @Test
    void aPowerCutWhileAFailedBackupIsClearedAwayMustLeaveThePlaceToTheNextOne() {
        ChainScene chain = new ChainScene(1);
        chain.scene.instance.close();
        SimDisk disk = chain.disk();
        disk.createDirectory(Scene.BACKUP);
        disk.forceDirectory(Scene.ROOT);
        boolean[] failed = new boolean[1];
        Storage failing = new ForwardingStorage(disk) {
            @Override
            public void forceDirectory(Path directory) {
                super.forceDirectory(directory);
                if (!failed[0] && BackupSet.isPublished(disk, directory)) {
                    failed[0] = true; // it was done, and is told otherwise
                    throw new QuireException(QuireError.DISK_IO, directory, "broken", null);
                }
            }
        };
        Instance instance = Scene.config(failing, chain.scene.home, 7)
                .circularLogging(false)
                .open();
        disk.resetTrace();
        ChainScene.refused(QuireError.DISK_IO, () -> Backup.full(instance, Scene.BACKUP, Progress.NONE));
        assertEquals(List.of(), disk.list(Scene.BACKUP));
        everyCut(disk, image -> {
            List<String> names = image.list(Scene.BACKUP);
            assertTrue(names.contains(Manifest.FILE) || Leftovers.areAll(names), () -> "left: " + names);
            whole(image, Scene.BACKUP);
        });
        instance.halt();
    }

    private static void everyCut(SimDisk disk, Consumer<SimDisk> judge) {
        for (int at = 0; at <= disk.operationCount(); at++) {
            for (CrashPolicy policy : CrashPolicy.values()) {
                int cut = at;
                SimDisk image = disk.crashImage(at, policy, at);
                assertDoesNotThrow(() -> judge.accept(image), () -> policy + " before " + disk.describe(cut));
            }
        }
    }

    /** If it says that it is one. */
    private static void whole(SimDisk image, Path directory) {
        if (BackupSet.isPublished(image, directory)) {
            assertEquals(
                    List.of(),
                    BackupVerification.verify(image, directory, Progress.NONE).faults());
        }
    }

    /** Goes on behind every crash from just before the publication, and behind every {@code stride}-th one else. */
    static CrashJudge crash(ChainStep step, long seed, int policies, int stride) {
        Scene scene = Scene.filled(seed, config -> config.circularLogging(false));
        step.prepare(scene);
        scene.startTrace();
        int[] calls = new int[1];
        step.run(scene.instance, (phase, done, total) -> {
            if (calls[0]++ % 4 == 0) {
                scene.work();
            }
        });
        scene.commit(s -> s.put(Scene.SMALL, "last", 1, 10));
        int published = published(scene.disk());
        CrashJudge judge = new CrashJudge(scene, false);
        CrashJudge.Verdict verdict = (image, crash) -> judge.source(image, crash, scene.home, instance -> {
            BackupSet.read(image, Scene.BACKUP);
            boolean thorough = crash % stride == 0 || crash >= published - 6 && crash <= published + 20;
            return thorough ? step.goesOn(image, instance, scene) : null;
        });
        judge.powerCuts(policies, verdict);
        judge.processCrashes(7, verdict);
        assertEquals(List.of(), judge.failures(), () -> step + ": " + String.join("\n", judge.failures()));
        return judge;
    }

    private static int published(SimDisk disk) {
        return disk.operations().stream()
                .filter(each -> each.other() != null && each.other().toString().endsWith("manifest.json"))
                .mapToInt(SimOperation::index)
                .max()
                .orElseThrow();
    }
}

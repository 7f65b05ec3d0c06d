package dev.quire.backup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quire.durable.BackupKind;
import dev.quire.io.QuireError;
import dev.quire.io.QuireException;
import dev.quire.io.page.DatabaseHeader;
import dev.quire.io.sim.Fault;
import dev.quire.io.sim.SimDisk;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What {@link ChainCrashTest} asks of a backup that copies by itself holds of one that is pulled and stored; and of one
 * that is stored by a process which ends while the instance goes on.
 */
class PulledCrashTest {

    @ParameterizedTest
    @EnumSource(value = ChainStep.class, mode = EnumSource.Mode.MATCH_ALL, names = "PULLED.*")
    void aCrashMustLeaveASetThatRestoresAndAChainThatGoesOn(ChainStep step) {
        CrashJudge judge = ChainCrashTest.crash(step, 1, 1, 24);
        assertTrue(judge.points() >= 50, "points=" + judge.points());
    }

    /** The disk of the destination takes nothing any more from one operation on; that of the instance goes on. */
    @ParameterizedTest
    @EnumSource(
            value = BackupKind.class,
            names = {"FULL", "INCREMENTAL"})
    void whoStoresMayDieAnywhereAndTheInstanceGoesOn(BackupKind kind) {
        ChainScene chain = new ChainScene(1);
        SimDisk store = new SimDisk(Scene.ROOT);
        take(chain, store, BackupKind.FULL, Scene.BACKUP);
        int madeUp = 0;
        int told = 0;
        int known = 1;
        for (int at = 0; ; at++) {
            chain.work(2);
            Path to = kind == BackupKind.FULL ? Scene.ROOT.resolve("full" + at) : Scene.BACKUP;
            store.resetTrace();
            store.failAt(at, Fault.EIO_WRITE, true);
            store.failAt(at, Fault.FAILED_FORCE, true);
            QuireException fault = Faults.of(() -> take(chain, store, kind, to));
            store.clearFaults();
            if (fault == null) {
                assertTrue(at >= 10 && madeUp > 0, "operations=" + at + " madeUp=" + madeUp);
                assertTrue(told > 0 || kind == BackupKind.FULL, "told=" + told);
                return;
            }
            assertFalse(chain.scene.instance.engine().backup().isTaken());
            chain.work(1);
            boolean published = BackupSet.find(store, to).isPresent();
            if (kind == BackupKind.FULL && published) {
                ChainScene.refused(QuireError.BACKUP_DIRECTORY_NOT_EMPTY, () -> take(chain, store, kind, to));
                assertEquals(
                        Manifest.read(store, to).generationHigh(),
                        known(chain).full().generationHigh());
                madeUp++;
            } else {
                int members = published ? BackupSet.read(store, to).chain().size() : 0;
                boolean unknown = published
                        && BackupSet.read(store, to).last().generationHigh()
                                > Math.max(
                                        known(chain).full().generationHigh(),
                                        known(chain).incremental().generationHigh());
                BackupReport next = take(chain, store, kind, to);
                assertEquals(unknown, next.events().toString().contains("did not know of 1 backups"));
                told += unknown ? 1 : 0;
                madeUp += members > known ? 1 : 0;
                known = BackupSet.read(store, to).chain().size();
            }
            assertEquals(null, holds(chain, store, to, at));
        }
    }

    private static DatabaseHeader known(ChainScene chain) {
        return chain.scene
                .instance
                .engine()
                .databases()
                .iterator()
                .next()
                .file()
                .header();
    }

    private static BackupReport take(ChainScene chain, SimDisk store, BackupKind kind, Path to) {
        BackupRequest request = BackupRequest.of(kind)
                .to(to)
                .createPathIfNotExist(kind.hasPages())
                .conclude();
        return ChainStep.pulled(chain.scene.instance, store, request);
    }

    private static String holds(ChainScene chain, SimDisk store, Path set, int seed) {
        List<Manifest> taken = BackupSet.read(store, set).toTheEnd();
        return CrashJudge.restores(
                store, set, chain.scene.at(taken.get(taken.size() - 1).end()), seed);
    }
}

package dev.quire.backup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quire.durable.BackupKind;
import dev.quire.io.Progress;
import dev.quire.io.Progress.Phase;
import java.time.Duration;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Fear: a long operation is done, and whoever follows it saw it end at 95 of 100. */
class PhaseEndsTest {

    private static final Set<Phase> PAGES_AND_LOG = EnumSet.of(Phase.PAGES, Phase.LOG);

    private final ChainScene chain = new ChainScene(1);

    /** Never goes back, and begins with nothing done unless one piece is all. */
    private static final class Following implements Progress {

        private final Map<Phase, long[]> reached = new EnumMap<>(Phase.class);
        private final Runnable meanwhile;

        Following(Runnable meanwhile) {
            this.meanwhile = meanwhile;
        }

        @Override
        public void advance(Phase phase, long done, long total) {
            long[] before = reached.computeIfAbsent(phase, key -> new long[2]);
            assertTrue(done >= before[0] && done <= total, () -> phase + " " + done + " of " + total);
            before[0] = done;
            before[1] = total;
            meanwhile.run();
        }

        void ended(Set<Phase> least) {
            Map<Phase, long[]> counted = new EnumMap<>(reached);
            counted.values().removeIf(each -> each[1] == 0);
            assertTrue(counted.keySet().containsAll(least), counted.keySet()::toString);
            counted.forEach((phase, each) -> assertEquals(each[1], each[0], phase.name()));
        }
    }

    private static BackupRequest request(BackupKind kind, Progress progress) {
        return BackupRequest.of(kind)
                .to(Scene.BACKUP)
                .createPathIfNotExist(kind.hasPages())
                .progress(progress)
                .conclude();
    }

    @ParameterizedTest
    @CsvSource({"FULL, false", "FULL, true", "COPY, false", "INCREMENTAL, false", "INCREMENTAL, true"})
    void aBackupMustEndAtItsTotals(BackupKind kind, boolean busy) {
        if (!kind.hasPages()) {
            chain.full();
            chain.work(3);
        }
        Following following = new Following(busy ? chain.scene::work : () -> {});
        BackupReport report = Backup.run(chain.scene.instance, request(kind, following));
        following.ended(kind.hasPages() ? PAGES_AND_LOG : EnumSet.of(Phase.LOG));
        if (kind.hasPages()) {
            assertEquals(report.pageBytes(), following.reached.get(Phase.PAGES)[0]);
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = BackupKind.class,
            names = {"FULL", "INCREMENTAL"})
    void aPulledBackupMustEndAtItsTotals(BackupKind kind) {
        if (!kind.hasPages()) {
            chain.full();
            chain.work(3);
        }
        Following following = new Following(() -> {});
        PulledBackup.run(
                () -> new LocalOffer(chain.scene.instance, Duration.ofMinutes(5)),
                chain.disk(),
                request(kind, following));
        following.ended(kind.hasPages() ? PAGES_AND_LOG : EnumSet.of(Phase.LOG));
    }

    @Test
    void aRestoreAndAVerificationMustEndAtTheirTotals() {
        chain.full();
        chain.work(3);
        chain.incremental();
        Following restoring = new Following(() -> {});
        RestoreRequest.Draft draft = RestoreRequest.of(Scene.BACKUP).progress(restoring);
        Restore.run(chain.disk(), draft.to(Scene.BACK).conclude(), false, Scene.signatures(9));
        restoring.ended(EnumSet.of(Phase.PAGES, Phase.LOG, Phase.REPLAY));
        Following verifying = new Following(() -> {});
        BackupVerification.verify(chain.disk(), Scene.BACKUP, verifying);
        verifying.ended(EnumSet.of(Phase.VERIFY, Phase.LOG));
    }
}

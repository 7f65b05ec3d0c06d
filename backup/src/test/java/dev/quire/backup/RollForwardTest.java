package dev.quire.backup;

import static dev.quire.backup.ChainScene.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quire.durable.BackupKind;
import dev.quire.io.Progress;
import dev.quire.io.QuireError;
import dev.quire.io.QuireException;
import dev.quire.io.Storage;
import dev.quire.io.StoreFile;
import dev.quire.io.log.LogFiles;
import dev.quire.io.log.Lsn;
import dev.quire.io.page.DatabaseHeader;
import dev.quire.io.sim.SimDisk;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Log that no backup has is added to a set: of an instance that runs, crashed or was closed. */
class RollForwardTest {

    private static final Path ELSEWHERE = Scene.ROOT.resolve("elsewhere");

    private final ChainScene chain = new ChainScene(1);
    private final Scene scene = chain.scene;
    private final SimDisk disk = chain.disk();
    private final Path log = scene.home.resolve("log");
    private long backedUp;
    private int restored;

    @BeforeEach
    void takeAChainAndGoOn() {
        disk.recordTrace(false);
        chain.full();
        chain.work(2);
        backedUp = chain.incremental().end();
        chain.work(3);
        scene.instance.engine().log().roll();
        scene.commit(step -> step.put(Scene.SMALL, "last", 1, 100));
        scene.instance.engine().log().roll();
        scene.commit(step -> step.put(Scene.SMALL, "last", 2, 5_000));
        scene.instance.awaitDurable();
    }

    private RestoreRequest.Draft draft(Path from) {
        return RestoreRequest.of(Scene.BACKUP).rollForward(from);
    }

    private RestoreReport restore(RestoreRequest.Draft draft) {
        return Restore.run(
                disk,
                draft.to(Scene.ROOT.resolve("back" + ++restored)).conclude(),
                false,
                Scene.signatures(40 + restored));
    }

    private RestoreReport holds(RestoreRequest.Draft draft, Contents expected) {
        RestoreReport report = restore(draft);
        assertEquals(null, CrashJudge.holds(disk, Scene.ROOT.resolve("back" + restored), expected));
        RestorePlan plan = Restore.plan(disk, draft.conclude());
        assertEquals(report.rolledForward(), plan.rolledForward());
        assertEquals(report.lostFrom(), plan.lostFrom());
        assertEquals(report.timeMs(), plan.timeMs());
        return report;
    }

    private int generation() {
        return Lsn.generation(scene.points.get(scene.points.size() - 1).position());
    }

    private void generationsElsewhere() {
        disk.createDirectory(ELSEWHERE);
        for (int generation : chain.logs()) {
            disk.plant(LogFiles.path(ELSEWHERE, generation), disk.contents(LogFiles.path(log, generation)));
        }
    }

    // ------------------------------------------------------------------ where the log ends

    @Test
    void theLogOfARunningInstanceMustBeTakenToItsEnd() {
        RestoreReport report = holds(draft(scene.home), scene.contents());
        assertEquals(generation() - Lsn.generation(backedUp), report.rolledForward());
        assertTrue(report.end() > backedUp);
        assertEquals(0, report.lostFrom());
        scene.commit(step -> step.put(Scene.SMALL, "more", 3, 3_000));
        holds(draft(log), scene.contents());
    }

    @Test
    void theLogOfACrashedAndOfAClosedInstanceMustBeTakenToItsEnd() {
        scene.instance.halt();
        holds(draft(scene.home), scene.contents());
        chain.reopen(config -> {});
        scene.commit(step -> step.put(Scene.SMALL, "more", 3, 3_000));
        scene.instance.close();
        holds(draft(scene.home), scene.contents());
        generationsElsewhere();
        holds(draft(ELSEWHERE), scene.contents());
    }

    @Test
    void everyCommitInItMustBeRestored() {
        int done = 0;
        for (Scene.Point point : scene.points) {
            if (point.position() > backedUp) {
                RestoreReport report = holds(draft(scene.home).untilLsn(point.position()), scene.at(point.position()));
                assertEquals(Lsn.generation(report.end()) - Lsn.generation(backedUp), report.rolledForward());
                done++;
            }
        }
        assertTrue(done >= 4, "done=" + done);
    }

    @Test
    void aSetThatHasItAllMustBeRestoredAsItIs() {
        BackupReport last = chain.incremental();
        RestoreReport report = holds(draft(scene.home), scene.contents());
        assertTrue(report.rolledForward() <= 1);
        Path before = LogFiles.path(log, last.generationHigh() + 1);
        generationsElsewhere();
        disk.delete(ELSEWHERE.resolve(before.getFileName()));
        if (disk.list(ELSEWHERE).isEmpty()) {
            refused(QuireError.FILE_NOT_FOUND, () -> restore(draft(ELSEWHERE)));
        } else {
            assertEquals(0, restore(draft(ELSEWHERE)).rolledForward());
        }
    }

    @Test
    void aTornEndMustBeTheEndOfTheLog() {
        scene.instance.halt();
        Contents before = scene.points.get(scene.points.size() - 2).contents();
        generationsElsewhere();
        Path last = LogFiles.path(ELSEWHERE, generation());
        byte[] torn = disk.contents(last);
        int end = Lsn.offset(scene.points.get(scene.points.size() - 1).position());
        torn[end - 600] ^= 1;
        disk.plant(last, torn);
        holds(draft(ELSEWHERE), before);
    }

    // ------------------------------------------------------------------ what does not fit

    private void refusedAt(QuireError error, Path file, RestoreRequest.Draft draft) {
        QuireException e = assertThrows(QuireException.class, () -> restore(draft));
        assertEquals(error, e.error(), e::toString);
        assertTrue(e.getMessage().contains(file.getFileName().toString()), e::getMessage);
        assertEquals(
                List.of(),
                disk.list(Scene.ROOT).stream()
                        .filter(name -> name.startsWith("back" + restored))
                        .toList());
    }

    @Test
    void aGapMustBeNamedAndWithConsentEndTheLog() {
        scene.instance.halt();
        int middle = generation() - 1;
        Contents before = scene.at(Lsn.of(middle, 0));
        generationsElsewhere();
        for (Path from : List.of(log, ELSEWHERE)) {
            Path missing = LogFiles.path(from, middle);
            disk.delete(missing);
            refusedAt(QuireError.MISSING_CURRENT_LOG_FILES, missing, draft(from));
            RestoreReport report = holds(draft(from).acceptLoss(true), before);
            assertEquals(middle - 1, Lsn.generation(report.lostFrom()));
            assertTrue(report.lost().contains(missing.getFileName().toString()), report::lost);
            Path first = LogFiles.path(from, Lsn.generation(backedUp) + 1);
            disk.delete(first);
            refusedAt(QuireError.MISSING_CURRENT_LOG_FILES, first, draft(from));
            assertEquals(
                    0, holds(draft(from).acceptLoss(true), scene.at(backedUp)).rolledForward());
        }
    }

    @Test
    void theGenerationThatASlotNamesMustNotBeMissing() {
        scene.instance.halt();
        Path last = LogFiles.path(log, generation());
        disk.delete(last);
        refusedAt(QuireError.MISSING_CURRENT_LOG_FILES, last, draft(scene.home));
    }

    @Test
    void damageMustBeToldAndWithConsentEndTheLog() {
        scene.instance.halt();
        int first = Lsn.generation(backedUp) + 1;
        Path file = LogFiles.path(log, first);
        byte[] good = disk.contents(file);
        byte[] bad = good.clone();
        bad[8192 + 700] ^= 1;
        disk.plant(file, bad);
        refusedAt(QuireError.LOG_CORRUPT_DURING_HARD_RECOVERY, file, draft(scene.home));
        RestoreReport report = restore(draft(scene.home).acceptLoss(true));
        assertEquals(first, Lsn.generation(report.lostFrom()));
        assertEquals(null, CrashJudge.holds(disk, Scene.ROOT.resolve("back" + restored), scene.at(report.lostFrom())));
        disk.plant(file, Arrays.copyOf(good, 8192));
        refusedAt(QuireError.LOG_CORRUPT_DURING_HARD_RECOVERY, file, draft(scene.home));
    }

    /** Nothing is lost of what was asked for. */
    @Test
    void damageBehindThePointMustNotMatter() {
        scene.instance.halt();
        Path last = LogFiles.path(log, generation());
        byte[] bad = disk.contents(last);
        bad[4096 + 80] ^= 1;
        disk.plant(last, bad);
        long then = Lsn.of(generation() - 1, 5_000);
        refusedAt(QuireError.LOG_CORRUPT_DURING_HARD_RECOVERY, last, draft(scene.home));
        long before = scene.points.stream()
                .mapToLong(Scene.Point::position)
                .filter(position -> position < then)
                .max()
                .orElseThrow();
        assertEquals(
                0, holds(draft(scene.home).untilLsn(before), scene.at(before)).lostFrom());
    }

    @Test
    void logOfAnotherStreamOrAnotherInstanceMustBeRefused() {
        disk.createDirectory(Scene.ROOT.resolve("other"));
        Scene other = new Scene(disk, Scene.ROOT.resolve("other"), 2, config -> config.circularLogging(false));
        refusedAt(
                QuireError.EXISTING_LOG_FILE_HAS_BAD_SIGNATURE,
                other.home.resolve("quire.chk"),
                draft(other.home).acceptLoss(true));
        refusedAt(
                QuireError.EXISTING_LOG_FILE_HAS_BAD_SIGNATURE,
                other.home.resolve("quire.chk"),
                draft(other.home.resolve("log")));
        refused(QuireError.FILE_NOT_FOUND, () -> restore(draft(Scene.BACKUP)));
    }

    @Test
    void aTargetInsideTheLogMustBeRefused() {
        generationsElsewhere();
        for (Path inside : List.of(scene.home.resolve("back"), log.resolve("back"), ELSEWHERE.resolve("back"))) {
            RestoreRequest request = draft(inside.getParent()).to(inside).conclude();
            refused(QuireError.INVALID_PATH, () -> Restore.run(disk, request, false, Scene.signatures(9)));
        }
    }

    /** Two logs of one stream that parted: a copy of the instance went on by itself. */
    @Test
    void logThatPartedFromTheBackupMustBeRefused() {
        scene.instance.halt();
        generationsElsewhere();
        Path next = LogFiles.path(ELSEWHERE, Lsn.generation(backedUp) + 1);
        disk.plant(next, disk.contents(LogFiles.path(log, Lsn.generation(backedUp) + 2)));
        refusedAt(
                QuireError.EXISTING_LOG_FILE_IS_NOT_CONTIGUOUS,
                next,
                draft(ELSEWHERE).acceptLoss(true));
    }

    /** The instance keeps what changed between to itself: its pages are not in the backup. */
    @Test
    void aDatabaseThatWasAttachedSinceMustBeRefusedUnlessItIsLeftOut() {
        long before = scene.instance.engine().log().appended();
        Contents then = scene.contents();
        scene.instance.detach(Scene.LARGE);
        scene.instance.attach(Scene.LARGE);
        scene.commit(step -> step.put(Scene.LARGE, "k1", 3, 10).put(Scene.SMALL, "k1", 3, 10));
        refused(QuireError.ATTACHED_DATABASE_MISMATCH, () -> restore(draft(scene.home)));
        refused(
                QuireError.ATTACHED_DATABASE_MISMATCH,
                () -> Restore.plan(disk, draft(scene.home).conclude()));
        holds(draft(scene.home).only(Scene.SMALL), scene.contents().only(Scene.SMALL));
        holds(draft(scene.home).untilLsn(before), then);
    }

    // ------------------------------------------------------------------ while it goes on

    /** Every look at the disk may find more log than the one before. */
    @Test
    void aLogThatGrowsWhileItIsReadMustBeTakenToAPlaceBetween() {
        for (int i = 0; i < 30; i++) {
            int points = scene.points.size();
            RestoreReport report = Restore.run(
                    disk,
                    draft(scene.home)
                            .to(Scene.ROOT.resolve("back" + ++restored))
                            .progress((phase, done, total) -> {
                                if (phase == Progress.Phase.LOG && scene.points.size() < points + 2) {
                                    chain.work(1);
                                }
                            })
                            .conclude(),
                    false,
                    Scene.signatures(40 + restored));
            assertEquals(null, CrashJudge.holds(disk, Scene.ROOT.resolve("back" + restored), scene.at(report.end())));
        }
    }

    /** The worst place is between a batch that does not verify yet and the look at what stands behind it. */
    @Test
    void aLogThatGrowsAtAnyReadOfItMustBeTakenUpToWhatWasForcedBefore() {
        int reads = 0;
        for (int at = 0; at <= reads; at++) {
            int when = at;
            int[] count = new int[1];
            Storage growing = Proxies.proxy(Storage.class, (method, given) -> {
                Object result = Proxies.invoke(method, disk, given);
                boolean isLog = result instanceof StoreFile && log.equals(((Path) given[0]).getParent());
                return isLog
                        ? Proxies.proxy(StoreFile.class, (called, arguments) -> {
                            if (called.getName().equals("read") && count[0]++ == when) {
                                chain.scene.commit(step -> step.put(Scene.SMALL, "grown", when, 3_000));
                                chain.scene.commit(step -> step.put(Scene.SMALL, "grown again", when, 10));
                            }
                            return Proxies.invoke(called, result, arguments);
                        })
                        : result;
            });
            long before = scene.instance.engine().log().appended();
            RestoreReport report = Restore.run(
                    growing,
                    draft(scene.home)
                            .to(Scene.ROOT.resolve("back" + ++restored))
                            .conclude(),
                    false,
                    Scene.signatures(40 + restored));
            assertTrue(report.end() >= before, "read " + when);
            assertEquals(null, CrashJudge.holds(disk, Scene.ROOT.resolve("back" + restored), scene.at(report.end())));
            reads = count[0];
        }
        assertTrue(reads > 5, "reads=" + reads);
    }

    @Test
    void aGenerationThatIsLetGoMeanwhileMustBeNamed() {
        chain.work(2);
        for (Progress.Phase when : List.of(Progress.Phase.WAIT, Progress.Phase.LOG, Progress.Phase.PAGES)) {
            boolean[] gone = new boolean[1];
            QuireException e = assertThrows(
                    QuireException.class,
                    () -> Restore.run(
                            disk,
                            draft(scene.home)
                                    .to(Scene.ROOT.resolve("back"))
                                    .progress((phase, done, total) -> {
                                        if (!gone[0] && phase == when) {
                                            gone[0] = true;
                                            chain.take(BackupKind.FULL, Scene.ROOT.resolve("next" + when));
                                            chain.generations(2);
                                            chain.take(BackupKind.FULL, Scene.ROOT.resolve("nextButOne" + when));
                                        }
                                    })
                                    .conclude(),
                            false,
                            Scene.signatures(9)));
            assertEquals(QuireError.MISSING_CURRENT_LOG_FILES, e.error(), e::toString);
            assertTrue(e.getMessage().contains("let it go"), e::getMessage);
            anotherChain(when);
        }
    }

    /** In the same place, with log behind it that is there. */
    private void anotherChain(Progress.Phase when) {
        disk.rename(Scene.BACKUP, Scene.ROOT.resolve("before" + when));
        chain.full();
        chain.work(3);
        scene.instance.engine().log().roll();
        scene.commit(step -> step.put(Scene.SMALL, "more", 1, 100));
        scene.instance.awaitDurable();
    }

    /** A checkpoint file without a slot says nothing of how far the log went: the end may be anywhere. */
    @Test
    void aLogWithoutAWitnessOfItsEndMustNeedConsent() {
        scene.instance.checkpoint();
        int lastOne = generation();
        scene.instance.halt();
        disk.delete(LogFiles.path(log, lastOne));
        Path checkpoint = scene.home.resolve("quire.chk");
        disk.plant(checkpoint, new byte[disk.contents(checkpoint).length]);
        refused(QuireError.LOG_CORRUPT_DURING_HARD_RECOVERY, () -> restore(draft(scene.home)));
        RestoreReport report = restore(draft(scene.home).acceptLoss(true));
        assertTrue(report.lostFrom() > backedUp);
    }

    @Test
    void aDatabaseMadeUnderTheNameOfOneThatIsGoneMustBeRestored() {
        scene.instance.drop(Scene.LARGE);
        scene.instance.createDatabase(Scene.LARGE, 4096);
        RestoreReport report = restore(draft(scene.home));
        assertEquals(List.of(Scene.SMALL, Scene.LARGE), report.databases());
        assertEquals(
                4096,
                DatabaseHeader.read(disk, Scene.ROOT.resolve("back" + restored).resolve("large.qdb"))
                        .pageSize());
    }

    @Test
    void withConsentARestoreToAPointBehindTheFaultMustEndAtTheFault() {
        scene.instance.halt();
        disk.delete(LogFiles.path(log, generation() - 1));
        long end = scene.points.get(scene.points.size() - 1).position();
        for (UnaryOperator<RestoreRequest.Draft> point : List.<UnaryOperator<RestoreRequest.Draft>>of(
                draft -> draft.untilLsn(end),
                draft -> draft.untilGeneration(generation()),
                draft -> draft.untilTime(Instant.ofEpochMilli(Long.MAX_VALUE / 2)))) {
            refused(QuireError.MISSING_CURRENT_LOG_FILES, () -> restore(point.apply(draft(scene.home))));
            RestoreReport report = restore(point.apply(draft(scene.home)).acceptLoss(true));
            assertTrue(report.lostFrom() > backedUp && report.lostFrom() < end);
        }
    }

    @Test
    void aPositionBehindTheLastRecordOfAGenerationMustBeThere() {
        RestoreReport before = restore(draft(scene.home).untilLsn(backedUp));
        assertEquals(
                before.end(), restore(draft(scene.home).untilLsn(backedUp + 8)).end());
        chain.incremental();
        assertEquals(
                before.end(),
                restore(RestoreRequest.of(Scene.BACKUP).untilLsn(backedUp + 8)).end());
    }
}

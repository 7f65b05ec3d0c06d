package dev.quire.backup;

import static dev.quire.backup.ChainScene.COPY;
import static dev.quire.backup.ChainScene.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quire.Instance;
import dev.quire.durable.BackupKind;
import dev.quire.io.Progress;
import dev.quire.io.QuireError;
import dev.quire.io.log.GenerationInfo;
import dev.quire.io.log.LogFiles;
import dev.quire.io.log.Lsn;
import dev.quire.io.page.BackupStamp;
import dev.quire.io.page.DatabaseHeader;
import dev.quire.io.page.PageFile;
import dev.quire.pages.DatabasePages;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** What may follow what, rule by rule; a refused backup changes nothing. */
class ChainRulesTest {

    private final ChainScene chain = new ChainScene(1);
    private final Scene scene = chain.scene;

    private List<BackupStamp> stamps(Function<DatabaseHeader, BackupStamp> which) {
        return scene.instance.engine().databases().stream()
                .map(DatabasePages::file)
                .map(file -> which.apply(file.header()))
                .toList();
    }

    private void stamped(Function<DatabaseHeader, BackupStamp> which, BackupReport report) {
        Manifest manifest = BackupSet.read(scene.storage, Scene.BACKUP).members().stream()
                .filter(each -> each.id().equals(report.id()))
                .findFirst()
                .orElseThrow();
        BackupStamp expected = new BackupStamp(
                manifest.mark(), manifest.createdMs(), manifest.generationLow(), manifest.generationHigh());
        assertTrue(expected.isPresent());
        stamps(which).forEach(stamp -> assertEquals(expected, stamp));
    }

    @Test
    void fullThenThreeIncrementalsThenACopyThenAnIncrementalMustRestoreToEachEnd() {
        BackupReport full = chain.busy(BackupKind.FULL, Scene.BACKUP);
        chain.holds(Scene.BACKUP, full.end());
        BackupReport last = full;
        for (int i = 0; i < 3; i++) {
            chain.work(3);
            BackupReport next = chain.busy(BackupKind.INCREMENTAL, Scene.BACKUP);
            assertEquals(last.generationHigh() + 1, next.generationLow());
            assertEquals(0, next.pages());
            chain.holds(Scene.BACKUP, next.end());
            last = next;
        }
        chain.work(3);
        BackupReport copy = chain.busy(BackupKind.COPY, COPY);
        chain.holds(COPY, copy.end());
        chain.work(3);
        BackupReport next = chain.incremental();
        assertEquals(last.generationHigh() + 1, next.generationLow(), "the copy is no part of the chain");
        chain.holds(Scene.BACKUP, next.end());
    }

    @Test
    void anIncrementalWithoutAFullMustBeRefused() {
        scene.storage.createDirectory(Scene.BACKUP);
        refused(QuireError.MISSING_FULL_BACKUP, chain::incremental);
        refused(QuireError.MISSING_FULL_BACKUP, chain::differential);
        chain.take(BackupKind.COPY, COPY);
        refused(QuireError.MISSING_FULL_BACKUP, chain::incremental);
        refused(QuireError.MISSING_FULL_BACKUP, () -> chain.take(BackupKind.INCREMENTAL, COPY));
        assertEquals(List.of(), scene.storage.list(Scene.BACKUP));
    }

    @Test
    void anIncrementalWithCircularLoggingMustBeRefused() {
        chain.full();
        chain.reopen(config -> config.circularLogging(true));
        refused(QuireError.INVALID_BACKUP, chain::incremental);
        refused(QuireError.INVALID_BACKUP, chain::differential);
        Path none = Scene.ROOT.resolve("none");
        refused(QuireError.INVALID_BACKUP, () -> chain.take(BackupKind.INCREMENTAL, none)); // wherever it was to go
        chain.take(BackupKind.COPY, COPY);
    }

    @Test
    void anIncrementalAfterCircularLoggingSinceTheLastFullMustBeRefused() {
        chain.full();
        chain.reopen(config -> config.circularLogging(true));
        chain.reopen(config -> {});
        chain.work(5);
        refused(QuireError.INVALID_BACKUP, chain::incremental);
        Path next = Scene.ROOT.resolve("next");
        chain.take(BackupKind.FULL, next);
        BackupReport after = chain.take(BackupKind.INCREMENTAL, next);
        chain.holds(next, after.end());
    }

    /** The full itself was taken under circular logging, and what came behind it was logged so. */
    @Test
    void anIncrementalBehindAFullOfCircularLoggingMustBeRefused() {
        chain.reopen(config -> config.circularLogging(true));
        chain.full();
        scene.work();
        chain.reopen(config -> {});
        refused(QuireError.INVALID_BACKUP, chain::incremental);
    }

    @Test
    void anIncrementalAfterAGapMustBeRefusedNamingTheLogThatIsMissing() {
        BackupReport full = chain.full();
        scene.instance.engine().log().roll();
        chain.work(6);
        scene.instance.engine().log().roll();
        scene.instance.checkpoint();
        scene.instance.checkpoint();
        int missing = full.generationHigh() + 1;
        scene.disk().delete(scene.home.resolve("log").resolve(LogFiles.name(missing)));
        refused(QuireError.MISSING_FILE_TO_BACKUP, chain::incremental);
        refused(QuireError.MISSING_FILE_TO_BACKUP, chain::differential);
        chain.holds(Scene.BACKUP, full.end());
    }

    @Test
    void afterACopyOrADifferentialTheChainMustGoOnFromTheLastFullOrIncremental() {
        BackupReport full = chain.full();
        chain.work(2);
        BackupReport first = chain.differential();
        assertEquals(full.generationHigh() + 1, first.generationLow());
        chain.holds(Scene.BACKUP, first.end());
        chain.work(2);
        chain.take(BackupKind.COPY, COPY);
        BackupReport second = chain.differential();
        assertEquals(full.generationHigh() + 1, second.generationLow(), "a differential holds all since");
        chain.holds(Scene.BACKUP, second.end());
        BackupReport incremental = chain.incremental();
        assertEquals(full.generationHigh() + 1, incremental.generationLow());
        chain.work(2);
        BackupReport third = chain.differential();
        assertEquals(incremental.generationHigh() + 1, third.generationLow());
        chain.holds(Scene.BACKUP, third.end());
        assertEquals(
                List.of(full.id(), incremental.id(), third.id()),
                BackupSet.read(scene.storage, Scene.BACKUP).toTheEnd().stream()
                        .map(Manifest::id)
                        .toList());
    }

    @Test
    void headersMustRememberMarkTimeAndGenerationsOfTheLastOfEachKind() {
        BackupReport full = chain.full();
        stamped(DatabaseHeader::full, full);
        BackupReport differential = chain.differential();
        stamped(DatabaseHeader::differential, differential);
        BackupReport incremental = chain.incremental();
        stamped(DatabaseHeader::incremental, incremental);
        stamped(DatabaseHeader::full, full);
        stamped(DatabaseHeader::differential, differential);
        assertEquals(List.of(BackupStamp.NONE, BackupStamp.NONE), stamps(DatabaseHeader::copy));
        BackupReport copy = chain.take(BackupKind.COPY, COPY);
        stamps(DatabaseHeader::copy).forEach(stamp -> assertEquals(copy.generationHigh(), stamp.generationHigh()));
        stamped(DatabaseHeader::full, full);
        chain.reopen(config -> {});
        stamped(DatabaseHeader::incremental, incremental);
        chain.take(BackupKind.FULL, Scene.ROOT.resolve("next"));
        assertEquals(List.of(BackupStamp.NONE, BackupStamp.NONE), stamps(DatabaseHeader::incremental));
        assertEquals(List.of(BackupStamp.NONE, BackupStamp.NONE), stamps(DatabaseHeader::differential));
        stamps(DatabaseHeader::copy).forEach(stamp -> assertEquals(copy.generationHigh(), stamp.generationHigh()));
    }

    @Test
    void logMustGoAfterAFullOrAnIncrementalAndNeverAfterACopyOrADifferential() {
        chain.full();
        for (BackupKind kind : List.of(BackupKind.DIFFERENTIAL, BackupKind.COPY, BackupKind.INCREMENTAL)) {
            scene.instance.engine().log().roll();
            chain.work(4);
            scene.instance.engine().log().roll();
            scene.instance.checkpoint();
            scene.instance.checkpoint();
            int[] before = chain.logs();
            BackupReport report = chain.take(kind, kind == BackupKind.COPY ? COPY : Scene.BACKUP);
            if (kind == BackupKind.INCREMENTAL) {
                assertTrue(report.released() > 0);
                assertTrue(chain.logs()[0] > before[0]);
            } else {
                assertEquals(0, report.released(), kind::word);
                assertEquals(before[0], chain.logs()[0], kind::word);
                scene.instance.checkpoint();
                scene.instance.checkpoint();
                assertEquals(before[0], chain.logs()[0], kind::word);
            }
        }
    }

    /** Commits go on until the last moment: what they write comes behind the last generation that is copied. */
    @Test
    void theLastGenerationThatIsNeededMustBeClosed() {
        for (BackupKind kind : List.of(BackupKind.FULL, BackupKind.DIFFERENTIAL, BackupKind.INCREMENTAL)) {
            int before = Lsn.generation(scene.instance.engine().log().appended());
            BackupReport report = chain.busy(kind, Scene.BACKUP);
            assertTrue(report.generationHigh() >= before, "the generation of now is in it");
            Manifest manifest = BackupSet.read(scene.storage, Scene.BACKUP).toTheEnd().stream()
                    .filter(each -> each.id().equals(report.id()))
                    .findFirst()
                    .orElseThrow();
            int next = report.generationHigh() + 1;
            GenerationInfo closed = LogFiles.start(
                            scene.storage,
                            LogFiles.path(scene.home.resolve("log"), next),
                            manifest.logSignature(),
                            next)
                    .previous();
            assertTrue(manifest.lastGeneration().isOf(closed));
            assertEquals(Lsn.of(closed.generation(), closed.closingOffset()), report.end());
        }
    }

    @Test
    void aDatabaseAttachedSinceTheFullMustStopTheChain() {
        scene.create("away", 4096);
        scene.instance.detach("away");
        chain.full();
        scene.instance.attach("away");
        refused(QuireError.MISSING_FULL_BACKUP, chain::incremental);
        scene.instance.detach("away");
        BackupReport without = chain.incremental();
        assertEquals(0, without.pages());
    }

    @Test
    void aDatabaseMadeSinceTheFullMustStopTheChain() {
        chain.full();
        scene.create("made", 4096);
        refused(QuireError.MISSING_FULL_BACKUP, chain::incremental);
        refused(QuireError.MISSING_FULL_BACKUP, chain::differential);
        BackupReport copy = chain.take(BackupKind.COPY, COPY);
        chain.holds(COPY, copy.end());
    }

    /** It is in the log of the full, whole. */
    @Test
    void aDatabaseMadeWhileTheFullRanMustBeInTheChain() {
        boolean[] done = new boolean[1];
        BackupReport full = Backup.full(scene.instance, Scene.BACKUP, (phase, bytes, total) -> {
            if (phase == Progress.Phase.PAGES && !done[0]) {
                done[0] = true;
                scene.create("made", 4096);
            }
        });
        assertTrue(done[0]);
        stamped(DatabaseHeader::full, full);
        scene.commit(step -> step.put("made", "k", 1, 500));
        BackupReport next = chain.incremental();
        chain.holds(Scene.BACKUP, next.end());
    }

    @Test
    void aDatabaseMadeBehindTheLogOfAFullMustStopTheChain() {
        boolean[] done = new boolean[1];
        Backup.full(scene.instance, Scene.BACKUP, (phase, bytes, total) -> {
            if (phase == Progress.Phase.PUBLISH && !done[0]) {
                done[0] = true;
                scene.create("made", 4096);
            }
        });
        assertTrue(done[0]);
        refused(QuireError.MISSING_FULL_BACKUP, chain::incremental);
    }

    /** A crash came between two headers, and then the backup was lost that could say more. */
    @Test
    void databasesThatKnowOfDifferentBackupsMustStopTheChain() {
        chain.full();
        chain.work(3);
        BackupReport lost = chain.incremental();
        scene.disk().list(Scene.BACKUP).stream()
                .filter(name -> name.startsWith(lost.id()))
                .forEach(name -> scene.disk().delete(Scene.BACKUP.resolve(name)));
        PageFile file = scene.instance.engine().databases().iterator().next().file();
        file.writeHeader(file.header().withIncremental(BackupStamp.NONE));
        refused(QuireError.MISSING_FULL_BACKUP, chain::incremental);
    }

    @Test
    void whatIsDetachedSinceTheFullMustNotComeBack() {
        scene.create("gone", 4096);
        scene.commit(step -> step.put("gone", "k", 1, 500));
        chain.full();
        scene.commit(step -> step.put("gone", "k", 2, 500));
        scene.instance.detach("gone");
        BackupReport next = chain.incremental();
        RestoreReport report = Scene.restore(scene.storage, Scene.BACKUP, Scene.BACK, 9);
        assertEquals(List.of(Scene.SMALL, Scene.LARGE), report.databases());
        assertEquals(next.id(), report.members().get(1));
        assertTrue(scene.storage.list(Scene.BACK).stream().noneMatch(name -> name.startsWith("gone")));
    }

    @Test
    void noOldChainMustGoOnAcrossARestore() {
        chain.full();
        chain.work(2);
        BackupReport last = chain.incremental();
        Scene.restore(scene.storage, Scene.BACKUP, Scene.BACK, 9);
        try (Instance back = Scene.config(scene.storage, Scene.BACK, 10)
                .circularLogging(false)
                .open()) {
            BackupRequest request =
                    BackupRequest.of(BackupKind.INCREMENTAL).to(Scene.BACKUP).conclude();
            assertNotEquals(
                    scene.instance.engine().slot().signature(),
                    back.engine().slot().signature());
            refused(QuireError.MISSING_FULL_BACKUP, () -> Backup.run(back, request));
            Path other = Scene.ROOT.resolve("other");
            Backup.full(back, other, Progress.NONE);
            refused(QuireError.INVALID_BACKUP, () -> Backup.run(back, request));
            Backup.run(back, BackupRequest.of(BackupKind.INCREMENTAL).to(other).conclude());
        }
        chain.holds(Scene.BACKUP, last.end());
        BackupReport next = chain.incremental();
        chain.holds(Scene.BACKUP, next.end());
    }

    @Test
    void aDirectoryThatHoldsAnotherChainOrNoneMustBeRefusedAndStayAsItIs() {
        chain.full();
        Path next = Scene.ROOT.resolve("next");
        chain.take(BackupKind.FULL, next);
        chain.take(BackupKind.COPY, COPY);
        List<String> before = scene.storage.list(Scene.BACKUP);
        refused(QuireError.INVALID_BACKUP, chain::incremental);
        refused(QuireError.INVALID_BACKUP, () -> chain.take(BackupKind.INCREMENTAL, COPY));
        assertEquals(before, scene.storage.list(Scene.BACKUP));
        Path empty = Scene.ROOT.resolve("empty");
        scene.storage.createDirectory(empty);
        refused(QuireError.MISSING_FULL_BACKUP, () -> chain.take(BackupKind.INCREMENTAL, empty));
        assertEquals(List.of(), scene.storage.list(empty));
        refused(QuireError.INVALID_PATH, () -> chain.take(BackupKind.INCREMENTAL, Scene.ROOT.resolve("none")));
        scene.disk().plant(next.resolve("mine.txt"), new byte[1]);
        refused(QuireError.BACKUP_DIRECTORY_NOT_EMPTY, () -> chain.take(BackupKind.INCREMENTAL, next));
        scene.disk().delete(next.resolve("mine.txt"));
        BackupReport last = chain.take(BackupKind.INCREMENTAL, next);
        chain.holds(next, last.end());
    }

    @Test
    void anIncrementalMustBeRefusedWhereTheOneThatItFollowsIsNot() {
        chain.full();
        BackupReport taken = chain.incremental();
        Path manifest = Scene.BACKUP.resolve(taken.id() + Manifest.MEMBER_SUFFIX);
        scene.disk().rename(manifest, Scene.ROOT.resolve("aside"));
        List<String> before = scene.disk().list(Scene.BACKUP);
        refused(QuireError.MISSING_RESTORE_LOG_FILES, chain::incremental);
        assertEquals(before, scene.disk().list(Scene.BACKUP), "its log is no leftover");
        scene.disk().rename(Scene.ROOT.resolve("aside"), manifest);
        chain.incremental();
    }

    @Test
    void anAtomicCopyMustNotTakeThePlaceOfAChain() {
        chain.atomic(BackupKind.FULL);
        List<String> before = scene.disk().list(Scene.BACKUP.resolve("new"));
        refused(QuireError.BACKUP_DIRECTORY_NOT_EMPTY, () -> chain.atomic(BackupKind.COPY));
        assertEquals(before, scene.disk().list(Scene.BACKUP.resolve("new")));
        chain.atomic(BackupKind.FULL);
    }

    @Test
    void truncationAloneMustDeleteWhatTheRuleAllowsAndSayWhatStays() {
        BackupRequest request = BackupRequest.of(BackupKind.TRUNCATE_ONLY).conclude();
        chain.generations(3);
        int first = chain.logs()[0];
        BackupReport nothing = Backup.run(scene.instance, request);
        assertEquals(0, nothing.released());
        assertEquals(first, chain.logs()[0]);
        assertTrue(nothing.events().toString().contains("not backed up"), () -> "" + nothing.events());
        BackupReport full = chain.full();
        scene.commit(step -> step.put(Scene.SMALL, "k", 1, 100));
        Backup.run(scene.instance, request);
        scene.commit(step -> step.put(Scene.SMALL, "k", 2, 100));
        BackupReport recovery = Backup.run(scene.instance, request);
        assertTrue(chain.logs()[0] > full.generationHigh());
        assertTrue(recovery.events().toString().contains("lowest kept: " + chain.logs()[0] + ", recovery"));
        chain.generations(2);
        assertEquals(chain.logs()[0], full.generationHigh() + 1, "and from here on no backup has it");
    }
}

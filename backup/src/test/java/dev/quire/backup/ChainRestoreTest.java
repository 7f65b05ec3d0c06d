package dev.quire.backup;

import static dev.quire.backup.ChainScene.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quire.durable.BackupBase;
import dev.quire.durable.BackupKind;
import dev.quire.io.Checksum;
import dev.quire.io.Progress;
import dev.quire.io.QuireError;
import dev.quire.io.QuireException;
import dev.quire.io.Storage;
import dev.quire.io.log.LogFiles;
import dev.quire.io.page.BackupStamp;
import dev.quire.io.sim.SimDisk;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A chain of which a part is missing, damaged or another's: verification names it, and a restore refuses it. */
class ChainRestoreTest {

    private static final Path EARLIER = Scene.ROOT.resolve("earlier");
    private static final Path LATER = Scene.ROOT.resolve("later");

    private final ChainScene chain = new ChainScene(1);
    private final Scene scene = chain.scene;
    private final SimDisk disk = chain.disk();
    private BackupReport full;
    private BackupReport middle;
    private BackupReport last;

    @BeforeEach
    void takeAChain() {
        chain.take(BackupKind.FULL, EARLIER);
        chain.generations(2);
        full = chain.full();
        chain.work(3);
        middle = chain.busy(BackupKind.INCREMENTAL, Scene.BACKUP);
        chain.work(3);
        last = chain.incremental();
        chain.take(BackupKind.COPY, LATER);
        disk.recordTrace(false);
    }

    private static Path log(BackupReport of) {
        return Scene.BACKUP.resolve(of.id() + '.' + LogFiles.name(of.generationLow()));
    }

    private static Path manifest(BackupReport of) {
        return Scene.BACKUP.resolve(of.id() + Manifest.MEMBER_SUFFIX);
    }

    private static Path small(Path backup, SimDisk disk) {
        return backup.resolve(disk.list(backup).stream()
                .filter(name -> name.endsWith("small.qdb"))
                .findFirst()
                .orElseThrow());
    }

    /** With a file as {@code bad}, a restore ends with {@code error}, and both name the file. */
    private void damaged(QuireError error, Path file, byte[] bad) {
        byte[] good = disk.contents(file);
        disk.plant(file, bad);
        named(error, file);
        disk.plant(file, good);
    }

    private void named(QuireError error, Path file) {
        List<String> faults =
                BackupVerification.verify(disk, Scene.BACKUP, Progress.NONE).faults();
        String name = file.getFileName().toString();
        assertTrue(faults.toString().contains(name), () -> name + ": " + faults);
        refused(error, () -> {
            try {
                Scene.restore(disk, Scene.BACKUP, Scene.BACK, 1);
            } catch (QuireException e) {
                assertTrue(e.getMessage().contains(name), e::getMessage);
                throw e;
            }
        });
        assertEquals(Storage.Kind.NONE, disk.kind(Scene.BACK));
    }

    @Test
    void theWholeChainMustBeVerifiedAndRestored() {
        chain.holds(Scene.BACKUP, last.end());
        VerifyReport report = BackupVerification.verify(disk, Scene.BACKUP, Progress.NONE);
        assertEquals(
                List.of(full.id(), middle.id(), last.id()),
                report.members().stream().map(Manifest::id).toList());
        assertEquals(full.logBytes() + middle.logBytes() + last.logBytes(), report.logBytes());
    }

    @Test
    void aMissingGenerationMustBeNamed() {
        for (Path file : List.of(log(full), log(middle), log(last))) {
            disk.rename(file, Scene.ROOT.resolve("aside"));
            named(QuireError.MISSING_RESTORE_LOG_FILES, file);
            disk.rename(Scene.ROOT.resolve("aside"), file);
        }
    }

    /** The same directory by another path: it has not been replaced. */
    @Test
    void aPlanMustNameWhatIsMissingHoweverTheBackupIsNamed() {
        disk.delete(log(last));
        Path roundabout = Scene.ROOT.resolve("x").resolve("..").resolve(Scene.BACKUP.getFileName());
        RestoreRequest request = RestoreRequest.of(roundabout).conclude();
        refused(QuireError.MISSING_RESTORE_LOG_FILES, () -> Restore.plan(disk, request));
    }

    @Test
    void logOfAnotherStreamMustBeNamed() {
        Scene other = Scene.filled(2, config -> config.circularLogging(false));
        for (int i = 0; i < last.generationHigh(); i++) {
            other.work();
            other.instance.engine().log().roll();
        }
        Path foreign = LogFiles.path(other.home.resolve("log"), last.generationLow());
        damaged(
                QuireError.GIVEN_LOG_FILE_HAS_BAD_SIGNATURE,
                log(last),
                other.disk().contents(foreign));
    }

    @Test
    void logThatDoesNotFollowMustBeNamed() {
        damaged(QuireError.GIVEN_LOG_FILE_IS_NOT_CONTIGUOUS, log(middle), disk.contents(log(last)));
    }

    @Test
    void tornAndCorruptLogMustBeTold() {
        for (BackupReport each : List.of(full, middle, last)) {
            byte[] good = disk.contents(log(each));
            damaged(QuireError.LOG_TORN_WRITE_DURING_HARD_RESTORE, log(each), Arrays.copyOf(good, good.length - 512));
            damaged(QuireError.LOG_CORRUPT_DURING_HARD_RESTORE, log(each), Arrays.copyOf(good, good.length + 512));
            for (int at : new int[] {20, 4096 + 80, good.length - 600}) {
                byte[] bad = good.clone();
                bad[at] ^= 4;
                damaged(QuireError.LOG_CORRUPT_DURING_HARD_RESTORE, log(each), bad);
            }
        }
    }

    @Test
    void aDatabaseThatIsNoCopyMustBeRefused() {
        Path copy = small(Scene.BACKUP, disk);
        damaged(QuireError.RESTORE_OF_NON_BACKUP_DATABASE, copy, disk.contents(scene.home.resolve("small.qdb")));
    }

    @Test
    void aCopyOfAnEarlierOrALaterBackupMustBeRefusedForTheLogThatItNeeds() {
        Path copy = small(Scene.BACKUP, disk);
        damaged(QuireError.STARTING_RESTORE_LOG_TOO_HIGH, copy, disk.contents(small(EARLIER, disk)));
        damaged(QuireError.ENDING_RESTORE_LOG_TOO_LOW, copy, disk.contents(small(LATER, disk)));
    }

    @Test
    void aCopyOfAnotherDatabaseMustBeRefused() {
        Path copy = small(Scene.BACKUP, disk);
        byte[] large =
                disk.contents(copy.resolveSibling(copy.getFileName().toString().replace("small", "large")));
        damaged(QuireError.DATABASE_PATCH_FILE_MISMATCH, copy, large);
    }

    @Test
    void aCopyWithoutAGoodHeaderMustBeRefused() {
        Path copy = small(Scene.BACKUP, disk);
        byte[] bad = disk.contents(copy);
        bad[60] ^= 1;
        bad[4096 + 60] ^= 1;
        damaged(QuireError.DATABASE_CORRUPTED, copy, bad);
    }

    @Test
    void aManifestThatIsMissingInTheMiddleMustBeNamed() {
        disk.rename(manifest(middle), Scene.ROOT.resolve("aside"));
        named(QuireError.MISSING_RESTORE_LOG_FILES, manifest(middle));
        refused(QuireError.MISSING_RESTORE_LOG_FILES, chain::incremental);
        disk.rename(Scene.ROOT.resolve("aside"), manifest(middle));
        chain.holds(Scene.BACKUP, last.end());
    }

    @Test
    void aManifestThatIsLostAtTheEndMustBeNamed() {
        disk.rename(manifest(last), Scene.ROOT.resolve("aside"));
        named(QuireError.MISSING_RESTORE_LOG_FILES, manifest(last));
        refused(QuireError.MISSING_RESTORE_LOG_FILES, chain::incremental);
        disk.rename(Scene.ROOT.resolve("aside"), manifest(last));
        chain.holds(Scene.BACKUP, last.end());
    }

    /** Nothing of it is there: the one behind it names it. */
    @Test
    void aMemberOfWhichNothingIsThereMustBeNamedByTheOneBehindIt() {
        disk.list(Scene.BACKUP).stream()
                .filter(name -> name.startsWith(middle.id()))
                .forEach(name -> disk.delete(Scene.BACKUP.resolve(name)));
        named(QuireError.MISSING_RESTORE_LOG_FILES, manifest(last));
    }

    /** With its mark it was never published, and is nothing that could be missed. */
    @Test
    void aBackupThatNobodyPublishedMustNotBeMissed() {
        disk.rename(manifest(last), Scene.BACKUP.resolve(last.id() + '.' + Manifest.MARK));
        chain.holds(Scene.BACKUP, middle.end());
    }

    /** The chain has the log of it. */
    @Test
    void aDifferentialThatIsNotNeededMustNotStopARestoreButBeNamed() {
        BackupReport differential = chain.differential();
        byte[] good = disk.contents(manifest(differential));
        disk.plant(manifest(differential), new byte[] {1});
        named(QuireError.INVALID_BACKUP, manifest(differential));
        disk.delete(manifest(differential));
        named(QuireError.MISSING_RESTORE_LOG_FILES, manifest(differential));
        disk.plant(manifest(differential), good);
        BackupReport next = chain.incremental();
        assertTrue(next.generationHigh() >= differential.generationHigh());
        disk.plant(manifest(differential), new byte[] {1});
        toldAndRestored(manifest(differential), next);
        disk.delete(manifest(differential));
        toldAndRestored(manifest(differential), next);
    }

    private void toldAndRestored(Path file, BackupReport end) {
        VerifyReport verified = BackupVerification.verify(disk, Scene.BACKUP, Progress.NONE);
        assertTrue(verified.faults().toString().contains(file.getFileName().toString()), () -> "" + verified.faults());
        Path back = Scene.ROOT.resolve("back" + disk.operationCount());
        Scene.restore(disk, Scene.BACKUP, back, disk.operationCount());
        assertEquals(null, CrashJudge.holds(disk, back, scene.at(end.end())));
    }

    @Test
    void nothingMustBeAddedToAChainWhoseFilesAreMissingCutOffOrLengthened() {
        for (Path file : List.of(log(full), log(middle), log(last), small(Scene.BACKUP, disk))) {
            byte[] good = disk.contents(file);
            disk.delete(file);
            refused(QuireError.INVALID_BACKUP, chain::incremental);
            disk.plant(file, Arrays.copyOf(good, 2048));
            refused(QuireError.INVALID_BACKUP, chain::incremental);
            disk.plant(file, Arrays.copyOf(good, good.length + 4096));
            refused(QuireError.INVALID_BACKUP, chain::incremental);
            disk.plant(file, good);
        }
        chain.incremental();
    }

    @Test
    void everyByteOfAMembersManifestMustBeJudged() {
        byte[] good = disk.contents(manifest(middle));
        for (int i = 0; i < good.length; i += 3) {
            byte[] bad = good.clone();
            bad[i] ^= 0x20;
            disk.plant(manifest(middle), bad);
            refused(QuireError.INVALID_BACKUP, () -> BackupSet.read(disk, Scene.BACKUP));
        }
        disk.plant(manifest(middle), good);
    }

    @Test
    void aManifestUnderAnotherNameOrOfAnotherFullMustBeRefused() {
        damaged(QuireError.INVALID_BACKUP, manifest(middle), disk.contents(manifest(last)));
        damaged(QuireError.INVALID_BACKUP, manifest(last), disk.contents(Scene.BACKUP.resolve(Manifest.FILE)));
        byte[] good = disk.contents(manifest(middle));
        String other = new String(good, StandardCharsets.UTF_8)
                .replace("\"full\" : \"" + full.id(), "\"full\" : \"0123456789abcdef");
        damaged(QuireError.INVALID_BACKUP, manifest(middle), summed(other));
        String fork = new String(good, StandardCharsets.UTF_8)
                .replace("\"previous\" : \"" + full.id(), "\"previous\" : \"0123456789abcdef");
        damaged(QuireError.GIVEN_LOG_FILE_IS_NOT_CONTIGUOUS, manifest(middle), summed(fork));
    }

    /** What is read in part would end somewhere, and look whole. */
    @Test
    void moreMembersThanCanBeMustNotBeReadInPartNorAdded() {
        BackupBase base = new BackupBase(stamp(full), stamp(last));
        long signature = Manifest.read(disk, Scene.BACKUP).logSignature();
        BackupSet.read(disk, Scene.BACKUP).check(base, signature);
        atMost(3).check(base, signature);
        assertEquals(3, atMost(2).toTheEnd().size());
        refused(QuireError.INVALID_BACKUP, () -> atMost(2).check(base, signature));
        refused(QuireError.INVALID_BACKUP, () -> atMost(1));
    }

    @Test
    void aSetMustBeTheOneThatTheStampsSayInEveryField() {
        BackupSet set = BackupSet.read(disk, Scene.BACKUP);
        long signature = set.full().logSignature();
        BackupStamp begun = stamp(full);
        BackupStamp ended = stamp(last);
        for (int field = 0; field < 4; field++) {
            BackupBase otherFull = new BackupBase(off(begun, field), ended);
            refused(QuireError.INVALID_BACKUP, () -> set.check(otherFull, signature));
            BackupBase otherEnd = new BackupBase(begun, off(ended, field));
            refused(QuireError.INVALID_BACKUP, () -> set.check(otherEnd, signature));
        }
        refused(QuireError.INVALID_BACKUP, () -> set.check(new BackupBase(begun, ended), signature + 1));
        BackupSet copy = BackupSet.read(disk, LATER);
        BackupStamp ofCopy = stamp(copy.full());
        refused(QuireError.INVALID_BACKUP, () -> copy.check(new BackupBase(ofCopy, ofCopy), signature));
    }

    private static BackupStamp off(BackupStamp stamp, int field) {
        return new BackupStamp(
                stamp.mark() + (field == 0 ? 1 : 0),
                stamp.timeMs() + (field == 1 ? 1 : 0),
                stamp.generationLow() - (field == 2 ? 1 : 0),
                stamp.generationHigh() + (field == 3 ? 1 : 0));
    }

    /** Its stamps are those of the instance, its log is not. */
    @Test
    void nothingMustBeAddedToAChainOfWhichTheLastGenerationIsNotTheOneThatTheLogContinues() {
        String text = new String(disk.contents(manifest(last)), StandardCharsets.UTF_8);
        int at = text.lastIndexOf("\"chain\"");
        String other = text.substring(0, at) + text.substring(at).replaceFirst("[0-9a-f]{8}", "0badc0de");
        disk.plant(manifest(last), summed(other));
        refused(QuireError.INVALID_BACKUP, chain::incremental);
        disk.plant(manifest(last), text.getBytes(StandardCharsets.UTF_8));
        chain.incremental();
    }

    /** The boundary between log that the chain has and log that is lost. */
    @Test
    void logWithoutAManifestMustMatterOnlyBehindTheEndOfTheChain() {
        Path within = Scene.BACKUP.resolve("0000000000000001." + LogFiles.name(last.generationHigh()));
        disk.plant(within, new byte[1]);
        Scene.restore(disk, Scene.BACKUP, Scene.BACK, 1);
        assertNull(CrashJudge.holds(disk, Scene.BACK, scene.at(last.end())));
        Path behind = Scene.BACKUP.resolve("0000000000000001." + LogFiles.name(last.generationHigh() + 1));
        disk.plant(behind, new byte[1]);
        refused(
                QuireError.MISSING_RESTORE_LOG_FILES,
                () -> Scene.restore(disk, Scene.BACKUP, Scene.ROOT.resolve("again"), 1));
    }

    private BackupSet atMost(int members) {
        return BackupSet.read(
                disk, Scene.BACKUP, members, reader -> assertEquals(List.of(), reader.faultsThatMatter()));
    }

    private BackupStamp stamp(BackupReport of) {
        Manifest manifest = BackupSet.read(disk, Scene.BACKUP).members().stream()
                .filter(each -> each.id().equals(of.id()))
                .findFirst()
                .orElseThrow();
        return stamp(manifest);
    }

    private static BackupStamp stamp(Manifest manifest) {
        return new BackupStamp(
                manifest.mark(), manifest.createdMs(), manifest.generationLow(), manifest.generationHigh());
    }

    /** Written by a version that knew full backups alone. */
    @Test
    void aManifestOfTheFormatBeforeMustBeReadAndBuiltOn() {
        Path path = LATER.resolve(Manifest.FILE);
        String text = new String(disk.contents(Scene.BACKUP.resolve(Manifest.FILE)), StandardCharsets.UTF_8);
        String old = text.replace("\"format\" : 2", "\"format\" : 1").replaceAll(" *\"(label|mark)\" : [^,]*,\n", "");
        assertFalse(old.contains("mark"));
        disk.plant(Scene.BACKUP.resolve(Manifest.FILE), summed(old));
        assertEquals(0, Manifest.read(disk, Scene.BACKUP).mark());
        chain.holds(Scene.BACKUP, last.end());
        chain.work(2);
        BackupReport next = chain.incremental();
        chain.holds(Scene.BACKUP, next.end());
        String copy =
                new String(disk.contents(path), StandardCharsets.UTF_8).replace("\"format\" : 2", "\"format\" : 1");
        disk.plant(path, summed(copy));
        refused(QuireError.INVALID_BACKUP, () -> Manifest.read(disk, LATER));
    }

    static byte[] summed(String text) {
        String body = text.substring(0, text.lastIndexOf("\n,\"crc32c\""));
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        String sum = String.format("\n,\"crc32c\":\"%08x\"}\n", Checksum.crc32c(bytes, 0, bytes.length));
        return (body + sum).getBytes(StandardCharsets.UTF_8);
    }
}

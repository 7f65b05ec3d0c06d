package dev.quire.backup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quire.Instance;
import dev.quire.ReadTransaction;
import dev.quire.durable.BackupKind;
import dev.quire.durable.BackupSession;
import dev.quire.durable.Engine;
import dev.quire.durable.LogTruncation;
import dev.quire.durable.PublishedBackup;
import dev.quire.io.Progress;
import dev.quire.io.QuireError;
import dev.quire.io.QuireException;
import dev.quire.io.Storage;
import dev.quire.io.log.LogFiles;
import dev.quire.io.log.Lsn;
import dev.quire.io.page.BackupStamp;
import dev.quire.io.sim.CrashPolicy;
import dev.quire.io.sim.Fault;
import dev.quire.io.sim.SimDisk;
import dev.quire.io.sim.SimOperation;
import dev.quire.pages.DatabasePages;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A backup published without its stamps: the next one to the same place makes up for it, another forgets it. */
class BackupCompletionTest {

    private final Scene scene = Scene.filled(1, config -> config.circularLogging(false));
    private final SimDisk disk = scene.disk();
    private int faults;

    /** Fails at the {@code skipped}-th write behind the publication; leaves the instance open again. */
    private Manifest unstamped(int skipped) {
        assertThrows(
                QuireException.class,
                () -> scene.backup(Scene.BACKUP, (phase, done, total) -> {
                    if (phase == Progress.Phase.PUBLISH && done == 1) {
                        disk.failAt(disk.operationCount() + skipped, Fault.EIO_WRITE, false);
                    }
                }));
        disk.clearFaults();
        assertEquals(++faults, disk.faultsHit());
        assertFalse(scene.instance.engine().backup().isTaken());
        assertNotNull(scene.instance.engine().poison().cause(), "a header could not be written");
        reopen();
        return Manifest.read(disk, Scene.BACKUP);
    }

    private void reopen() {
        scene.instance.halt();
        scene.instance =
                Scene.config(disk, scene.home, 5).circularLogging(false).open();
    }

    private List<BackupStamp> stamps() {
        return scene.instance.engine().databases().stream()
                .map(DatabasePages::file)
                .map(file -> file.header().full())
                .toList();
    }

    private int oldest() {
        return LogFiles.list(disk, scene.home.resolve("log"))[0];
    }

    private void refused() {
        QuireException e = assertThrows(QuireException.class, () -> scene.backup(Scene.BACKUP, Progress.NONE));
        assertEquals(QuireError.BACKUP_DIRECTORY_NOT_EMPTY, e.error());
    }

    @Test
    void theNextBackupToThatPlaceMustCompleteIt() {
        for (int skipped : new int[] {0, 4}) { // no header, or the first of two, has its stamp
            scene.work();
            Manifest manifest = unstamped(skipped);
            assertTrue(stamps().contains(BackupStamp.NONE) || skipped > 0);
            scene.instance.engine().log().roll();
            scene.work();
            scene.instance.checkpoint();
            scene.instance.checkpoint();
            int before = oldest();
            assertEquals(manifest.generationLow(), before, "log of a backup that nobody knows of is kept");
            refused();
            for (BackupStamp stamp : stamps()) {
                assertEquals(manifest.generationHigh(), stamp.generationHigh());
                assertEquals(manifest.generationLow(), stamp.generationLow());
                assertEquals(manifest.createdMs(), stamp.timeMs());
                assertTrue(stamp.mark() > manifest.redoStart() - 1 && stamp.mark() < manifest.end());
            }
            assertTrue(oldest() > before, "and is released when it is known");
            List<BackupStamp> stamps = stamps();
            refused();
            assertEquals(stamps, stamps());
            scene.instance.checkpoint();
            disk.rename(Scene.BACKUP, Scene.ROOT.resolve("earlier" + skipped));
        }
    }

    /** Fear: the manifest has its name before the log says that it will get it; nobody then knows whose it is. */
    @Test
    void aCrashAnywhereBehindThePublicationMustLeaveABackupThatTheNextOneCompletes() {
        disk.resetTrace();
        scene.backup(Scene.BACKUP, Progress.NONE);
        Manifest manifest = Manifest.read(disk, Scene.BACKUP);
        int published = 0;
        while (!isPublication(disk.operations().get(published))) {
            published++;
        }
        for (int at = published + 1; at <= disk.operationCount(); at++) {
            SimDisk image = disk.crashImage(at, CrashPolicy.ALL, at);
            image.recordTrace(false);
            Instance instance =
                    Scene.config(image, scene.home, 6).circularLogging(false).open();
            assertThrows(QuireException.class, () -> Backup.full(instance, Scene.BACKUP, Progress.NONE));
            for (DatabasePages database : instance.engine().databases()) {
                int known = database.file().header().full().generationHigh();
                assertEquals(manifest.generationHigh(), known, disk.describe(at - 1));
            }
            instance.halt();
        }
    }

    /** The process ended between the rename and its force: what is stamped lets log go, so it must be on the medium. */
    @Test
    void aManifestOfWhichOnlyTheCacheKnowsMustBeForcedBeforeItIsStamped() {
        disk.resetTrace();
        scene.backup(Scene.BACKUP, Progress.NONE);
        int published = 0;
        while (!isPublication(disk.operations().get(published))) {
            published++;
        }
        SimDisk ended = disk.processCrashImage(published + 1);
        Instance instance =
                Scene.config(ended, scene.home, 6).circularLogging(false).open();
        assertThrows(QuireException.class, () -> Backup.full(instance, Scene.BACKUP, Progress.NONE));
        assertTrue(instance.engine().databases().stream()
                .allMatch(each -> each.file().header().full().isPresent()));
        SimDisk cut = ended.crashImage(ended.operationCount(), CrashPolicy.NONE, 0);
        assertTrue(BackupSet.find(cut, Scene.BACKUP).isPresent());
        instance.halt();
    }

    /** Some members, none of which the headers know: the log is closed and looked through once for all of them. */
    @Test
    void severalMustBeCompletedTogetherAndForEachDatabaseThatTheyHold() {
        boolean[] made = new boolean[1];
        ReadTransaction reader = scene.instance.beginRead(); // keeps all log
        Backup.full(scene.instance, Scene.BACKUP, (phase, done, total) -> {
            if (phase == Progress.Phase.PAGES && !made[0]) {
                made[0] = true;
                scene.create("made", 4096);
            }
        });
        BackupRequest request =
                BackupRequest.of(BackupKind.INCREMENTAL).to(Scene.BACKUP).conclude();
        for (int i = 0; i < 3; i++) {
            scene.work();
            Backup.run(scene.instance, request);
        }
        List<BackupStamp> fulls = stamps();
        List<BackupStamp> incrementals = incrementals();
        int names = scene.instance.engine().databases().size();
        for (DatabasePages database : scene.instance.engine().databases()) {
            database.file()
                    .writeHeader(
                            database.file().header().withFull(BackupStamp.NONE).withIncremental(BackupStamp.NONE));
        }
        int before = Lsn.generation(scene.instance.engine().log().appended());
        BackupReport next = Backup.run(scene.instance, request);
        assertEquals(3, names);
        assertEquals(fulls, stamps());
        assertEquals(incrementals.get(0).generationHigh() + 1, next.generationLow());
        assertEquals(4, next.events().toString().split("did not know", -1).length - 1);
        int rolls = Lsn.generation(scene.instance.engine().log().appended()) - before;
        assertEquals(2, rolls, "one to look through the log, one of the backup");
        reader.close();
    }

    private List<BackupStamp> incrementals() {
        return scene.instance.engine().databases().stream()
                .map(each -> each.file().header().incremental())
                .toList();
    }

    /** Whoever changes a manifest afterwards changes its checksum, which the log knows. */
    @Test
    void aManifestThatWasChangedSinceMustNotBeBelieved() {
        Manifest manifest = unstamped(0);
        Path path = Scene.BACKUP.resolve(Manifest.FILE);
        String text = new String(disk.contents(path), StandardCharsets.UTF_8);
        String time = "\"createdMs\" : " + manifest.createdMs();
        assertTrue(text.contains(time));
        disk.plant(path, ChainRestoreTest.summed(text.replace(time, time + '0')));
        assertEquals(
                manifest.createdMs() * 10, Manifest.read(disk, Scene.BACKUP).createdMs());
        refused();
        assertTrue(stamps().stream().allMatch(BackupStamp.NONE::equals), "" + stamps());
        disk.plant(path, text.getBytes(StandardCharsets.UTF_8));
        refused();
        assertTrue(stamps().stream().allMatch(BackupStamp::isPresent));
    }

    private static boolean isPublication(SimOperation operation) {
        return operation.type() == SimOperation.Type.RENAME
                && operation.path().toString().endsWith(".manifest");
    }

    @Test
    void aBackupToAnotherPlaceMustForgetIt() {
        unstamped(0);
        BackupReport other = scene.backup(Scene.ROOT.resolve("other"), Progress.NONE);
        List<BackupStamp> stamps = stamps();
        assertTrue(stamps.stream().allMatch(stamp -> stamp.generationHigh() == other.generationHigh()));
        refused();
        assertEquals(stamps, stamps());
    }

    /** A checkpoint comes meanwhile, for which that log could go. */
    @Test
    void noLogMustGoWhileItIsLookedThrough() {
        Scene circular = Scene.filled(2, config -> config.circularLogging(true));
        circular.backup(Scene.BACKUP, Progress.NONE);
        Engine engine = circular.instance.engine();
        for (DatabasePages database : engine.databases()) {
            database.file().writeHeader(database.file().header().withFull(BackupStamp.NONE));
        }
        for (int i = 0; i < 3; i++) {
            circular.commit(step -> step.put(Scene.SMALL, "k", 1, 100));
            engine.log().roll();
        }
        Manifest manifest = Manifest.read(circular.storage, Scene.BACKUP);
        PublishedBackup told = manifest.published(manifest);
        PublishedBackup published = new PublishedBackup(
                told.kind(),
                told.id(),
                told.createdMs(),
                told.generationLow(),
                told.generationHigh(),
                told.redoStart(),
                told.fullHigh(),
                told.databases(),
                () -> {
                    circular.commit(step -> step.put(Scene.SMALL, "k", 2, 100));
                    circular.instance.checkpoint();
                    return manifest.crc();
                });
        try (BackupSession session = BackupSession.begin(engine, BackupKind.FULL, Progress.NONE)) {
            int lowest = LogTruncation.oldest(engine);
            assertEquals(List.of(published), session.stampLate(List.of(published)));
            assertEquals(lowest, LogTruncation.oldest(engine));
            circular.instance.checkpoint();
            assertTrue(LogTruncation.oldest(engine) > lowest, "and then it goes");
        }
    }

    @Test
    void aManifestOfWhichTheLogKnowsNothingMustNotBeBelieved() {
        scene.backup(Scene.BACKUP, Progress.NONE);
        Path elsewhere = Scene.ROOT.resolve("elsewhere");
        disk.createDirectory(elsewhere);
        Scene other = new Scene(disk, elsewhere, 2, config -> config.circularLogging(false));
        other.fill();
        QuireException e = assertThrows(QuireException.class, () -> other.backup(Scene.BACKUP, Progress.NONE));
        assertEquals(QuireError.BACKUP_DIRECTORY_NOT_EMPTY, e.error());
        for (DatabasePages database : other.instance.engine().databases()) {
            assertEquals(BackupStamp.NONE, database.file().header().full());
        }
        Path manifest = Scene.BACKUP.resolve(Manifest.FILE);
        Manifest forged = forged(Manifest.read(disk, Scene.BACKUP));
        disk.plant(manifest, forged.toJson().getBytes(StandardCharsets.UTF_8));
        List<BackupStamp> stamps = stamps();
        refused();
        assertEquals(stamps, stamps());
        disk.plant(manifest, new byte[] {1, 2, 3});
        refused();
        assertEquals(Storage.Kind.FILE, disk.kind(manifest));
    }

    /** Claims to reach further than any backup did. */
    private static Manifest forged(Manifest real) {
        Manifest.CopiedGeneration last =
                real.generations().get(real.generations().size() - 1);
        List<Manifest.CopiedGeneration> more = new ArrayList<>(real.generations());
        more.add(new Manifest.CopiedGeneration(last.generation() + 1, last.closingOffset(), last.chain()));
        return new Manifest(
                real.id(),
                real.kind(),
                real.label(),
                real.mark(),
                real.createdMs(),
                real.logSignature(),
                real.generationBytes(),
                real.redoStart(),
                real.consistentFrom(),
                Lsn.of(last.generation() + 1, last.closingOffset()),
                real.nextDatabaseId(),
                real.builtOn(),
                real.databases(),
                more);
    }
}

package dev.quire.backup;

import static dev.quire.backup.ChainScene.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.quire.durable.BackupKind;
import dev.quire.io.CorruptionException;
import dev.quire.io.FileStorage;
import dev.quire.io.ForwardingStorage;
import dev.quire.io.Progress;
import dev.quire.io.QuireError;
import dev.quire.io.QuireException;
import dev.quire.io.Storage;
import dev.quire.io.StoreFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** Places of backups in which something is that no backup has left so: nothing there is lost, nor taken for another. */
class BackupPlacesTest {

    private final ChainScene chain = new ChainScene(1);
    private final Scene scene = chain.scene;
    private static final Path NEWER = Scene.BACKUP.resolve(AtomicPlace.NEW);

    /** A copying tool that ran while the full was published brings both names; a second run brings the manifest. */
    @Test
    void aMarkBesideTheManifestOfAFullMustNotLetItBeClearedAway() {
        BackupReport full = chain.full();
        scene.disk().plant(Scene.BACKUP.resolve(full.id() + '.' + Manifest.MARK), new byte[0]);
        chain.work(3);
        BackupReport next = chain.incremental();
        chain.holds(Scene.BACKUP, next.end());
    }

    /** The same of a member that is damaged, and of which the chain has the log: somebody may mend it. */
    @Test
    void aMarkBesideAManifestThatCannotBeReadMustNotLetItsFilesBeClearedAway() {
        chain.full();
        chain.work(3);
        BackupReport differential = chain.differential();
        chain.incremental();
        scene.disk().plant(Scene.BACKUP.resolve(differential.id() + Manifest.MEMBER_SUFFIX), new byte[] {1});
        scene.disk().plant(Scene.BACKUP.resolve(differential.id() + '.' + Manifest.MARK), new byte[0]);
        List<String> before = scene.storage.list(Scene.BACKUP);
        chain.work(3);
        chain.incremental();
        assertTrue(scene.storage.list(Scene.BACKUP).containsAll(before), () -> "" + before);
    }

    /** A list of names is no picture of one moment: here the mark was not in it any more, or its files have gone. */
    @Test
    void whatIsClearedAwayWhileItIsLookedAtMustNotPassForALostBackup() {
        String id = "0123456789abcdef";
        Path pages = Scene.BACKUP.resolve(id + ".small.qdb");
        scene.storage.createDirectory(Scene.BACKUP);
        scene.disk().plant(pages, new byte[1]);
        scene.disk().plant(Scene.BACKUP.resolve(id + '.' + Manifest.MARK), new byte[0]);
        List<String> half = List.of(pages.getFileName().toString());
        Storage clearing = new ForwardingStorage(scene.storage) {
            @Override
            public List<String> list(Path directory) {
                return directory.equals(Scene.BACKUP) ? half : super.list(directory);
            }
        };
        assertEquals(Optional.empty(), BackupSet.find(clearing, Scene.BACKUP));
        scene.disk().delete(Scene.BACKUP.resolve(id + '.' + Manifest.MARK));
        assertThrows(CorruptionException.class, () -> BackupSet.find(clearing, Scene.BACKUP));
        scene.disk().delete(pages);
        assertEquals(Optional.empty(), BackupSet.find(clearing, Scene.BACKUP));
    }

    /** The same damage as in a plain place, where nothing goes. */
    @Test
    void aSetThatLostItsManifestMustNotBeClearedAwayByAnAtomicBackup() {
        BackupReport full = chain.atomic(BackupKind.FULL);
        chain.work(3);
        BackupReport member = chain.atomic(BackupKind.INCREMENTAL);
        scene.disk().delete(NEWER.resolve(Manifest.FILE));
        List<String> before = scene.storage.list(NEWER);
        for (BackupKind kind : List.of(BackupKind.INCREMENTAL, BackupKind.FULL, BackupKind.COPY)) {
            refused(QuireError.BACKUP_DIRECTORY_NOT_EMPTY, () -> chain.atomic(kind));
        }
        assertEquals(before, scene.storage.list(NEWER), full.id() + ' ' + member.id());
    }

    @Test
    void aSetThatLostItsManifestMustNotBeClearedAwayByAnotherInstance() {
        chain.atomic(BackupKind.FULL);
        scene.disk().delete(NEWER.resolve(Manifest.FILE));
        List<String> before = scene.storage.list(NEWER);
        Path elsewhere = Scene.ROOT.resolve("elsewhere");
        scene.disk().createDirectory(elsewhere);
        Scene other = new Scene(scene.disk(), elsewhere, 2, config -> {});
        other.fill();
        BackupRequest request =
                BackupRequest.of(BackupKind.FULL).to(Scene.BACKUP).atomic(true).conclude();
        refused(QuireError.BACKUP_DIRECTORY_NOT_EMPTY, () -> Backup.run(other.instance, request));
        assertEquals(before, scene.storage.list(NEWER));
        scene.disk().plant(NEWER.resolve(Manifest.FILE), new byte[] {1});
        refused(QuireError.INVALID_BACKUP, () -> Backup.run(other.instance, request));
        assertTrue(scene.storage.list(NEWER).containsAll(before), () -> "" + scene.storage.list(NEWER));
    }

    /** An older set that a power cut brought back is taken without a word. */
    @Test
    void aNewerSetThatLostItsManifestMustNotMakeAnOlderOneTheBackup() {
        chain.atomic(BackupKind.FULL);
        scene.disk().rename(NEWER, Scene.ROOT.resolve("first"));
        chain.work(3);
        chain.atomic(BackupKind.FULL);
        scene.disk().rename(Scene.ROOT.resolve("first"), Scene.BACKUP.resolve("0000000000000001.old"));
        scene.disk().delete(NEWER.resolve(Manifest.FILE));
        refused(QuireError.INVALID_BACKUP, () -> BackupVerification.verify(scene.storage, Scene.BACKUP, Progress.NONE));
        refused(QuireError.INVALID_BACKUP, () -> Scene.restore(scene.storage, Scene.BACKUP, Scene.BACK, 1));
    }

    /** Everything would be copied and replayed, and then the target not be moved. */
    @Test
    void aTargetThatIsAMountPointMustBeRefusedBeforeAnythingIsMade() {
        chain.full();
        scene.disk().createDirectory(Scene.BACK);
        Storage mounted = new ForwardingStorage(scene.disk()) {
            @Override
            public boolean isMountPoint(Path directory) {
                return directory.equals(Scene.BACK);
            }
        };
        int operations = scene.disk().operationCount();
        QuireException refused =
                refused(QuireError.INVALID_PATH, () -> Scene.restore(mounted, Scene.BACKUP, Scene.BACK, 1));
        assertTrue(refused.getMessage().contains("mount point"), refused::getMessage);
        assertEquals(operations, scene.disk().operationCount());
        Scene.restore(mounted, Scene.BACKUP, Scene.BACK.resolve("below"), 1);
    }

    @Test
    void aTargetThatIsARealMountPointMustBeRefused() {
        Path mounted = Path.of("/dev/shm");
        assumeTrue(Files.isDirectory(mounted) && FileStorage.instance().isMountPoint(mounted));
        QuireException refused = refused(
                QuireError.INVALID_PATH,
                () -> Restore.restore(FileStorage.instance(), Path.of("none"), mounted, Progress.NONE));
        assertTrue(refused.getMessage().contains("mount point"), refused::getMessage);
    }

    @Test
    void nothingMustBeAddedToAChainOfWhichAUseMapIsMissing() {
        BackupReport full = chain.full();
        chain.work(3);
        Path use = Scene.BACKUP.resolve(full.id() + ".small.use");
        scene.disk().delete(use);
        refused(QuireError.INVALID_BACKUP, chain::incremental);
    }

    @Test
    void nothingMustBeAddedToAChainOfWhichADatabaseIsCutOffBehindItsHeader() {
        BackupReport full = chain.full();
        chain.work(3);
        Path file = Scene.BACKUP.resolve(full.id() + ".small.qdb");
        byte[] good = scene.disk().contents(file);
        scene.disk().delete(file);
        scene.disk().plant(file, Arrays.copyOf(good, 4 * 4096));
        refused(QuireError.INVALID_BACKUP, chain::incremental);
    }

    /** A list of a large directory is no picture of one moment: a name that changes meanwhile may be in none of it. */
    @Test
    void aManifestThatIsPublishedWhileNamesAreListedMustNotPassForLost() {
        chain.full();
        chain.work(3);
        BackupReport last = chain.incremental();
        Storage listing = new ForwardingStorage(scene.storage) {
            private int lists;

            @Override
            public List<String> list(Path directory) {
                List<String> names = super.list(directory);
                return !directory.equals(Scene.BACKUP) || lists++ > 0
                        ? names
                        : names.stream()
                                .filter(name -> !name.equals(last.id() + Manifest.MEMBER_SUFFIX))
                                .toList();
            }
        };
        assertEquals(1, BackupSet.read(listing, Scene.BACKUP).members().size());
    }

    @Test
    void aPlainPlaceOfThatNameMustTakeAll() {
        Path parent = Scene.ROOT.resolve("mine");
        scene.disk().createDirectory(parent);
        chain.take(BackupKind.FULL, parent.resolve("new"));
        chain.work(3);
        chain.take(BackupKind.INCREMENTAL, parent.resolve("new"));
    }

    /** Whoever judges a fault may meet another: the stage and its lock must go all the same. */
    @Test
    void aFaultWhileAFaultIsJudgedMustNotLeaveTheStage() {
        BackupReport full = chain.full();
        Path log = scene.storage.list(Scene.BACKUP).stream()
                .filter(name -> name.endsWith(".qlog"))
                .map(Scene.BACKUP::resolve)
                .findFirst()
                .orElseThrow();
        byte[] bytes = scene.disk().contents(log);
        bytes[bytes.length - 5] ^= 1;
        scene.disk().delete(log);
        scene.disk().plant(log, bytes);
        AtomicBoolean broken = new AtomicBoolean();
        Storage storage = new ForwardingStorage(scene.storage) {
            @Override
            public StoreFile open(Path file, Access access) {
                if (broken.get() && file.endsWith(Manifest.FILE)) {
                    throw new QuireException(QuireError.DISK_IO, file, "broken", null);
                }
                return super.open(file, access);
            }
        };
        List<String> before = scene.storage.list(Scene.ROOT);
        QuireException e = assertThrows(
                QuireException.class,
                () -> Restore.restore(
                        storage, Scene.BACKUP, Scene.BACK, (p, d, t) -> broken.set(true), false, Scene.signatures(9)));
        assertTrue(broken.get());
        assertEquals(before, scene.storage.list(Scene.ROOT), e + full.id());
    }

    /** Plain or atomic, who fills the place of that set keeps the other one out. */
    @Test
    void aPlainBackupMustNotRunBesideAnAtomicOneOfTheSamePlace() {
        chain.atomic(BackupKind.FULL);
        boolean[] tried = new boolean[1];
        Path elsewhere = Scene.ROOT.resolve("elsewhere");
        scene.disk().createDirectory(elsewhere);
        Scene other = new Scene(scene.disk(), elsewhere, 2, config -> {});
        Progress meanwhile = (phase, done, total) -> {
            if (!tried[0]) {
                tried[0] = true;
                scene.disk().createDirectory(NEWER.resolveSibling("0000000000000002.temp"));
                refused(
                        QuireError.BACKUP_IN_PROGRESS,
                        () -> Backup.run(
                                other.instance,
                                BackupRequest.of(BackupKind.FULL)
                                        .to(Scene.BACKUP)
                                        .atomic(true)
                                        .conclude()));
            }
        };
        chain.work(3);
        BackupReport next = Backup.run(
                scene.instance,
                BackupRequest.of(BackupKind.INCREMENTAL)
                        .to(NEWER)
                        .progress((phase, done, total) -> {
                            if (phase == Progress.Phase.LOG) {
                                meanwhile.advance(phase, done, total);
                            }
                        })
                        .conclude());
        assertTrue(tried[0]);
        chain.holds(Scene.BACKUP, next.end());
        chain.atomic(BackupKind.INCREMENTAL);
        assertEquals(List.of(AtomicPlace.NEW), scene.storage.list(Scene.BACKUP));
    }
}

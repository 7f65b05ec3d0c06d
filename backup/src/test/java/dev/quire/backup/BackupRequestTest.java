package dev.quire.backup;

import static dev.quire.backup.ChainScene.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quire.Instance;
import dev.quire.durable.BackupKind;
import dev.quire.io.ForwardingStorage;
import dev.quire.io.Progress;
import dev.quire.io.QuireError;
import dev.quire.io.QuireException;
import dev.quire.io.Storage;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.BiPredicate;
import org.junit.jupiter.api.Test;

/** What can be asked of a backup, and where it can go. */
class BackupRequestTest {

    private final ChainScene chain = new ChainScene(1);
    private final Scene scene = chain.scene;
    private final Path deep = Scene.ROOT.resolve("a").resolve("b").resolve("c");

    @Test
    void optionsThatContradictOneAnotherMustBeRefused() {
        for (BackupRequest.Draft draft : List.of(
                BackupRequest.of(BackupKind.TRUNCATE_ONLY).to(Scene.BACKUP),
                BackupRequest.of(BackupKind.TRUNCATE_ONLY).atomic(true),
                BackupRequest.of(BackupKind.TRUNCATE_ONLY).createPathIfNotExist(true),
                BackupRequest.of(BackupKind.TRUNCATE_ONLY).label("x"))) {
            refused(QuireError.INVALID_GRBIT, draft::conclude);
        }
    }

    @Test
    void parametersThatCannotBeMustBeRefused() {
        for (BackupKind kind : BackupKind.values()) {
            if (kind != BackupKind.TRUNCATE_ONLY) {
                refused(
                        QuireError.INVALID_PARAMETER,
                        () -> BackupRequest.of(kind).conclude());
            }
        }
        Map<String, String> labels = Map.of(
                "x".repeat(129),
                "129 characters",
                "a\nb",
                "U+000A",
                "\u001b[2J",
                "U+001B",
                "a\u202eb",
                "U+202E",
                "\ud800",
                "U+D800",
                "\u2028",
                "U+2028");
        for (String label : labels.keySet()) {
            QuireException refused = refused(
                    QuireError.INVALID_PARAMETER,
                    () -> BackupRequest.of(BackupKind.FULL)
                            .to(Scene.BACKUP)
                            .label(label)
                            .conclude());
            assertTrue(
                    refused.getMessage().contains("128") && refused.getMessage().contains(labels.get(label)));
        }
    }

    @Test
    void theLabelMustStandInTheManifest() {
        String label = "Büro \"nightly\" \\ 日本";
        Backup.run(
                scene.instance,
                BackupRequest.of(BackupKind.FULL)
                        .to(Scene.BACKUP)
                        .createPathIfNotExist(true)
                        .label(label)
                        .conclude());
        assertEquals(label, Manifest.read(scene.storage, Scene.BACKUP).label());
    }

    @Test
    void theDirectoryMustExistUnlessThePathIsToBeMade() {
        for (BackupKind kind : List.of(BackupKind.FULL, BackupKind.COPY)) {
            for (Path missing : List.of(Scene.BACKUP, deep)) {
                refused(
                        QuireError.INVALID_PATH,
                        () -> Backup.run(
                                scene.instance,
                                BackupRequest.of(kind).to(missing).conclude()));
                assertEquals(Storage.Kind.NONE, scene.storage.kind(missing));
            }
        }
        refused(QuireError.INVALID_PATH, () -> Backup.full(scene.instance, deep, Progress.NONE));
        BackupReport report = Backup.run(
                scene.instance,
                BackupRequest.of(BackupKind.FULL)
                        .to(deep)
                        .createPathIfNotExist(true)
                        .conclude());
        chain.holds(deep, report.end());
    }

    @Test
    void aPathThatWasMadeForABackupThatFailedMustGoAgain() {
        scene.disk().plant(Scene.ROOT.resolve("a.txt"), new byte[1]);
        refused(
                QuireError.INVALID_PATH,
                () -> Backup.run(
                        scene.instance,
                        BackupRequest.of(BackupKind.FULL)
                                .to(Scene.ROOT.resolve("a.txt").resolve("b"))
                                .createPathIfNotExist(true)
                                .conclude()));
        chain.full();
        refused(
                QuireError.MISSING_FULL_BACKUP,
                () -> Backup.run(
                        scene.instance,
                        BackupRequest.of(BackupKind.INCREMENTAL)
                                .to(deep)
                                .createPathIfNotExist(true)
                                .conclude()));
        assertEquals(Storage.Kind.NONE, scene.storage.kind(Scene.ROOT.resolve("a")));
    }

    @Test
    void anAtomicBackupMustTakeThePlaceOfTheOneBeforeAndIncrementalsGoToIt() {
        BackupReport first = chain.atomic(BackupKind.FULL);
        chain.holds(Scene.BACKUP, first.end());
        chain.work(2);
        BackupReport next = chain.atomic(BackupKind.INCREMENTAL);
        assertEquals(List.of(AtomicPlace.NEW), scene.storage.list(Scene.BACKUP));
        chain.holds(Scene.BACKUP, next.end());
        chain.work(2);
        BackupReport second = chain.atomic(BackupKind.FULL);
        assertEquals(List.of(AtomicPlace.NEW), scene.storage.list(Scene.BACKUP));
        assertEquals(
                second.id(), BackupSet.read(scene.storage, Scene.BACKUP).full().id());
        chain.holds(Scene.BACKUP, second.end());
        chain.holds(Scene.BACKUP, chain.atomic(BackupKind.DIFFERENTIAL).end());
    }

    /** Also when who is told that it is published throws: what fails is not published. */
    @Test
    void anAtomicBackupThatFailsMustKeepTheOneBefore() {
        String first = chain.atomic(BackupKind.FULL).id();
        scene.disk().recordTrace(false);
        int kept = 0;
        int[] calls = new int[2];
        for (calls[1] = 1; failing((phase, done) -> ++calls[0] == calls[1]); calls[1] += 1 + calls[1] / 4) {
            assertEquals(
                    first, BackupSet.read(scene.storage, Scene.BACKUP).full().id());
            assertEquals(List.of(AtomicPlace.NEW), scene.storage.list(Scene.BACKUP));
            calls[0] = 0; // the log that it has to copy grows with every attempt, and the number of calls
            kept++;
        }
        assertTrue(kept > 10, "kept=" + kept);
        String second = BackupSet.read(scene.storage, Scene.BACKUP).full().id();
        assertNotEquals(first, second);
        for (long published : new long[] {0, 1}) {
            assertTrue(failing((phase, done) -> phase == Progress.Phase.PUBLISH && done == published));
            assertEquals(
                    second, BackupSet.read(scene.storage, Scene.BACKUP).full().id());
        }
        BackupReport next = chain.atomic(BackupKind.FULL);
        assertEquals(List.of(AtomicPlace.NEW), scene.storage.list(Scene.BACKUP));
        chain.holds(Scene.BACKUP, next.end());
    }

    /** Takes one whose listener has enough at some call; false if there was none. */
    private boolean failing(BiPredicate<Progress.Phase, Long> enough) {
        try {
            Backup.run(
                    scene.instance,
                    BackupRequest.of(BackupKind.FULL)
                            .to(Scene.BACKUP)
                            .atomic(true)
                            .progress((phase, done, total) -> {
                                if (enough.test(phase, done)) {
                                    throw new IllegalStateException("enough");
                                }
                            })
                            .conclude());
            return false;
        } catch (IllegalStateException e) {
            return true;
        }
    }

    @Test
    void anAtomicBackupMustNotTakeThePlaceOfAnotherInstances() {
        BackupReport ours = chain.atomic(BackupKind.FULL);
        Path elsewhere = Scene.ROOT.resolve("elsewhere");
        scene.disk().createDirectory(elsewhere);
        Scene other = new Scene(scene.disk(), elsewhere, 2, config -> {});
        other.fill();
        for (BackupKind kind : List.of(BackupKind.FULL, BackupKind.COPY)) {
            refused(
                    QuireError.BACKUP_DIRECTORY_NOT_EMPTY,
                    () -> Backup.run(
                            other.instance,
                            BackupRequest.of(kind).to(Scene.BACKUP).atomic(true).conclude()));
        }
        assertEquals(List.of(AtomicPlace.NEW), scene.storage.list(Scene.BACKUP));
        chain.holds(Scene.BACKUP, ours.end());
        Scene.restore(scene.storage, Scene.BACKUP, Scene.BACK, 3);
        try (Instance back = Scene.open(scene.storage, Scene.BACK, 4)) { // its databases are those of the backup
            Backup.run(
                    back,
                    BackupRequest.of(BackupKind.FULL)
                            .to(Scene.BACKUP)
                            .atomic(true)
                            .conclude());
        }
    }

    @Test
    void aForeignFileMustStopAnAtomicBackupBeforeAnythingIsDone() {
        BackupReport first = chain.atomic(BackupKind.FULL);
        Path foreign = Scene.BACKUP.resolve(AtomicPlace.NEW).resolve("mine.txt");
        scene.disk().plant(foreign, new byte[] {1});
        chain.generations(3);
        int oldest = chain.logs()[0];
        for (BackupKind kind : List.of(BackupKind.FULL, BackupKind.INCREMENTAL)) {
            refused(QuireError.BACKUP_DIRECTORY_NOT_EMPTY, () -> chain.atomic(kind));
        }
        assertEquals(oldest, chain.logs()[0]);
        assertEquals(
                first.id(), BackupSet.read(scene.storage, Scene.BACKUP).full().id());
        scene.disk().delete(foreign);
        chain.holds(Scene.BACKUP, chain.atomic(BackupKind.FULL).end());
    }

    /** It is published, stamped and has released log by then: that is no failure of the backup. */
    @Test
    void whatCannotBeClearedAwayBehindABackupMustBeTold() {
        chain.atomic(BackupKind.FULL);
        boolean[] planted = new boolean[1];
        BackupReport second = Backup.run(
                scene.instance,
                BackupRequest.of(BackupKind.FULL)
                        .to(Scene.BACKUP)
                        .atomic(true)
                        .progress((phase, done, total) -> {
                            if (phase == Progress.Phase.PUBLISH && done > 0) {
                                String aside = scene.disk().list(Scene.BACKUP).stream()
                                        .filter(AtomicPlace::isOlder)
                                        .findFirst()
                                        .orElseThrow();
                                scene.disk().plant(Scene.BACKUP.resolve(aside).resolve("mine.txt"), new byte[] {1});
                                planted[0] = true;
                            }
                        })
                        .conclude());
        assertTrue(planted[0]);
        assertTrue(second.events().toString().contains("left behind"), () -> "" + second.events());
        chain.holds(Scene.BACKUP, second.end());
    }

    /** A force of their deletion that failed, and a power cut, may bring back more than one. */
    @Test
    void ofSeveralSetsThatWereMovedAsideTheLastMustBeTaken() {
        for (String[] names : new String[][] {
            {"0000000000000001.old", "000000000000000f.old"}, {"000000000000000f.old", "0000000000000001.old"}
        }) {
            chain.atomic(BackupKind.FULL);
            Path newer = Scene.BACKUP.resolve(AtomicPlace.NEW);
            scene.disk().rename(newer, Scene.ROOT.resolve("first"));
            BackupReport second = chain.atomic(BackupKind.FULL);
            scene.disk().rename(newer, Scene.BACKUP.resolve(names[0]));
            scene.disk().rename(Scene.ROOT.resolve("first"), Scene.BACKUP.resolve(names[1]));
            chain.holds(Scene.BACKUP, second.end());
            BackupReport next = chain.atomic(BackupKind.INCREMENTAL);
            assertEquals(List.of(AtomicPlace.NEW), scene.storage.list(Scene.BACKUP));
            chain.holds(Scene.BACKUP, next.end());
        }
    }

    @Test
    void aSetThatIsReplacedWhileItIsReadMustBeToldAsThat() {
        chain.atomic(BackupKind.FULL);
        BackupReport[] done = new BackupReport[1];
        Progress meanwhile = (phase, bytes, total) -> {
            if (done[0] == null) {
                chain.work(1);
                done[0] = chain.atomic(BackupKind.FULL);
            }
        };
        refused(
                QuireError.BACKUP_IN_PROGRESS,
                () -> Restore.restore(scene.storage, Scene.BACKUP, Scene.BACK, meanwhile, false, Scene.signatures(9)));
        assertEquals(Storage.Kind.NONE, scene.storage.kind(Scene.BACK));
        done[0] = null;
        refused(QuireError.BACKUP_IN_PROGRESS, () -> BackupVerification.verify(scene.storage, Scene.BACKUP, meanwhile));
        chain.holds(Scene.BACKUP, done[0].end());
    }

    /** Between the two renames, and before every single look at the place: it is one set or the other. */
    @Test
    void aSetThatIsReplacedWhileItIsLookedForMustBeFound() {
        chain.atomic(BackupKind.FULL);
        for (int look = 0; look < 12; look++) {
            int[] looks = {look};
            Storage storage = new ForwardingStorage(scene.storage) {
                @Override
                public Kind kind(Path path) {
                    replace();
                    return super.kind(path);
                }

                @Override
                public List<String> list(Path directory) {
                    replace();
                    return super.list(directory);
                }

                private void replace() {
                    if (looks[0]-- == 0) {
                        chain.atomic(BackupKind.FULL);
                    }
                }
            };
            assertEquals(1, BackupSet.read(storage, Scene.BACKUP).members().size());
            assertTrue(looks[0] < 0 || look > 5, "look " + look);
        }
    }

    @Test
    void nothingMustBeWrittenIntoAnotherInstance() {
        Path elsewhere = Scene.ROOT.resolve("elsewhere");
        scene.disk().createDirectory(elsewhere);
        Scene other = new Scene(scene.disk(), elsewhere, 2, config -> {});
        for (Path inside :
                List.of(other.home.resolve("b"), other.home.resolve("log").resolve("b"))) {
            refused(
                    QuireError.INVALID_PATH,
                    () -> Backup.run(
                            scene.instance,
                            BackupRequest.of(BackupKind.FULL)
                                    .to(inside)
                                    .createPathIfNotExist(true)
                                    .conclude()));
        }
    }

    @Test
    void plainAndAtomicMustNotMix() {
        chain.full();
        refused(QuireError.BACKUP_DIRECTORY_NOT_EMPTY, () -> chain.atomic(BackupKind.FULL));
        refused(QuireError.BACKUP_DIRECTORY_NOT_EMPTY, () -> chain.atomic(BackupKind.INCREMENTAL));
        scene.disk().rename(Scene.BACKUP, Scene.ROOT.resolve("plain"));
        chain.atomic(BackupKind.FULL);
        refused(QuireError.BACKUP_DIRECTORY_NOT_EMPTY, () -> chain.full());
        refused(QuireError.BACKUP_DIRECTORY_NOT_EMPTY, chain::incremental);
        chain.atomic(BackupKind.INCREMENTAL);
    }
}

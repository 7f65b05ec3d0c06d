package dev.quire.backup;

import static dev.quire.backup.ChainScene.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quire.durable.BackupKind;
import dev.quire.io.Progress;
import dev.quire.io.QuireError;
import dev.quire.io.Storage;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What can be asked of a backup, and where it can go. */
class BackupRequestTest {

    private final ChainScene chain = new ChainScene(1);
    private final Scene scene = chain.scene;
    private final Path deep = Scene.ROOT.resolve("a").resolve("b").resolve("c");

    private BackupReport atomic(BackupKind kind) {
        return Backup.run(
                scene.instance,
                BackupRequest.of(kind)
                        .to(Scene.BACKUP)
                        .atomic(true)
                        .createPathIfNotExist(true)
                        .conclude());
    }

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
        for (String label : List.of("x".repeat(129), "a\nb", "\u001b[2J", "a\u202eb", "\ud800", "\u2028")) {
            refused(
                    QuireError.INVALID_PARAMETER,
                    () -> BackupRequest.of(BackupKind.FULL)
                            .to(Scene.BACKUP)
                            .label(label)
                            .conclude());
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
        BackupReport first = atomic(BackupKind.FULL);
        chain.holds(Scene.BACKUP, first.end());
        chain.work(2);
        BackupReport next = atomic(BackupKind.INCREMENTAL);
        assertEquals(List.of(AtomicPlace.NEW), scene.storage.list(Scene.BACKUP));
        chain.holds(Scene.BACKUP, next.end());
        chain.work(2);
        BackupReport second = atomic(BackupKind.FULL);
        assertEquals(List.of(AtomicPlace.NEW), scene.storage.list(Scene.BACKUP));
        assertEquals(
                second.id(), BackupSet.read(scene.storage, Scene.BACKUP).full().id());
        chain.holds(Scene.BACKUP, second.end());
        chain.holds(Scene.BACKUP, atomic(BackupKind.DIFFERENTIAL).end());
    }

    @Test
    void anAtomicBackupThatFailsMustKeepTheOneBefore() {
        BackupReport first = atomic(BackupKind.FULL);
        scene.disk().recordTrace(false);
        int ended = 0;
        for (int at = 1; at <= 300; at++) {
            int[] calls = {0, at};
            try {
                Backup.run(
                        scene.instance,
                        BackupRequest.of(BackupKind.FULL)
                                .to(Scene.BACKUP)
                                .atomic(true)
                                .progress((phase, done, total) -> {
                                    if (++calls[0] == calls[1]) {
                                        throw new IllegalStateException("enough");
                                    }
                                })
                                .conclude());
                break;
            } catch (IllegalStateException e) {
                ended++;
                BackupSet kept = BackupSet.read(scene.storage, Scene.BACKUP);
                if (calls[0] > 0 && !kept.full().id().equals(first.id())) {
                    break; // the last report comes when it is published
                }
                assertEquals(List.of(AtomicPlace.NEW), scene.storage.list(Scene.BACKUP));
            }
        }
        assertTrue(ended > 10, "ended=" + ended);
    }

    @Test
    void plainAndAtomicMustNotMix() {
        chain.full();
        refused(QuireError.BACKUP_DIRECTORY_NOT_EMPTY, () -> atomic(BackupKind.FULL));
        refused(QuireError.BACKUP_DIRECTORY_NOT_EMPTY, () -> atomic(BackupKind.INCREMENTAL));
        scene.disk().rename(Scene.BACKUP, Scene.ROOT.resolve("plain"));
        atomic(BackupKind.FULL);
        refused(QuireError.BACKUP_DIRECTORY_NOT_EMPTY, () -> chain.full());
        refused(QuireError.BACKUP_DIRECTORY_NOT_EMPTY, chain::incremental);
        atomic(BackupKind.INCREMENTAL);
    }
}

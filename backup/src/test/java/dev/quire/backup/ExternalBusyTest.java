package dev.quire.backup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quire.durable.BackupKind;
import dev.quire.io.FileStorage;
import dev.quire.io.Progress;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An external backup to real files, every section by a thread of its own, while somebody writes all the time. */
class ExternalBusyTest {

    private static final int SECTIONS = 4;

    @Test
    void whatManyThreadsPullWhileOneWritesMustRestoreToWhatWasThereAtItsEnd(@TempDir Path root) throws Exception {
        Scene scene = new Scene(
                FileStorage.instance(),
                root,
                1,
                config -> config.background(true).circularLogging(false).checkpointIntervalMs(100));
        scene.fill();
        AtomicBoolean enough = new AtomicBoolean();
        Thread writer = new Thread(() -> {
            while (!enough.get()) {
                scene.work();
            }
        });
        Path place = Files.createDirectory(root.resolve("pulled"));
        ExecutorService threads = Executors.newFixedThreadPool(SECTIONS);
        writer.start();
        BackupReport first = pull(scene, ExternalRequest.of(BackupKind.FULL), place, threads);
        BackupSet set = BackupSet.read(FileStorage.instance(), place);
        BackupReport second =
                pull(scene, ExternalRequest.of(BackupKind.INCREMENTAL).behind(set), place, threads);
        enough.set(true);
        writer.join();
        threads.shutdown();
        assertTrue(second.generationLow() == first.generationHigh() + 1);
        VerifyReport verified = BackupVerification.verify(FileStorage.instance(), place, Progress.NONE);
        assertEquals(List.of(), verified.faults());
        Path back = root.resolve("back");
        RestoreReport restored = Scene.restore(FileStorage.instance(), place, back, 2);
        scene.instance.close();
        scene.instance = Scene.open(FileStorage.instance(), back, 3);
        long found = Contents.of(scene.instance).digest();
        assertTrue(
                found == scene.at(restored.end()).digest() || found == behind(scene, restored.end()),
                "holds no state that was there at its end");
        assertTrue(scene.instance.check().isSound());
        scene.instance.close();
    }

    /**
     * The next state. The writer reads where the log is when his commit has returned, and the backup may have rolled it
     * by then: so the last commit below the end may seem to lie behind it.
     */
    private static long behind(Scene scene, long end) {
        return scene.points.stream()
                .filter(each -> each.position() > end)
                .map(each -> each.contents().digest())
                .findFirst()
                .orElseThrow();
    }

    private static BackupReport pull(Scene scene, ExternalRequest request, Path place, ExecutorService threads)
            throws Exception {
        try (ExternalBackup backup = ExternalBackup.begin(scene.instance, request)) {
            Path mark = Files.createFile(place.resolve(backup.mark()));
            if (request.kind().hasPages()) {
                store(backup, backup.databases(), place, threads);
            }
            store(backup, backup.logFiles(), place, threads);
            backup.truncate();
            store(backup, List.of(backup.manifest()), place, threads);
            Files.delete(mark);
            return backup.end(ExternalBackup.End.NORMAL);
        }
    }

    private static void store(ExternalBackup backup, List<ExternalFile> files, Path place, ExecutorService threads)
            throws ExecutionException, InterruptedException {
        List<Future<?>> stored = new ArrayList<>();
        for (ExternalFile file : files) {
            for (int i = 0; i < SECTIONS; i++) {
                int section = i;
                stored.add(threads.submit(() -> store(backup, file, section, place.resolve(file.name()))));
            }
        }
        for (Future<?> each : stored) {
            each.get();
        }
    }

    private static void store(ExternalBackup backup, ExternalFile file, int section, Path to) {
        try (ExternalReader reader = backup.open(file.name(), section, SECTIONS);
                FileChannel channel = FileChannel.open(to, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            channel.position(reader.position());
            while (reader.position() < reader.end()) {
                if (reader.transferTo(channel, 300_000) == 0) {
                    throw new IllegalStateException("position=" + reader.position());
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

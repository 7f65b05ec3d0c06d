package dev.quire.benchmarks;

import dev.quire.backup.BackupVerification;
import dev.quire.backup.VerifyReport;
import dev.quire.io.FileStorage;
import dev.quire.io.Progress;
import java.nio.file.Path;
import java.util.List;

/**
 * Verification of a backup at rest, in the system's cache, against a bare read and CRC32C of its files on as many
 * threads. Both use all processors that the JVM is allowed: one with {@code -XX:ActiveProcessorCount=1}.
 */
final class VerifyFigure {

    private VerifyFigure() {}

    static List<String> rows(Volume volume, int rounds) throws Exception {
        int threads = Runtime.getRuntime().availableProcessors();
        Path set = Scratch.fresh("set");
        volume.backup(set);
        List<Path> files = Scratch.files(set);
        Series ours = new Series();
        Series bare = new Series();
        for (int round = 0; round < Series.WARMUPS + rounds; round++) {
            Bare.read(set);
            bare.time(() -> Bare.readAndCrc(files, threads));
            ours.time(() -> verify(set));
        }
        Scratch.delete(set);
        String what = "verification on " + threads + " processors";
        return List.of(Series.row(what, "ms", ours, bare, bare.through(ours), "at least 0.8"));
    }

    private static void verify(Path set) {
        VerifyReport report = BackupVerification.verify(FileStorage.instance(), set, Progress.NONE);
        if (!report.isSound()) {
            throw new IllegalStateException("faults=" + report.faults());
        }
    }
}

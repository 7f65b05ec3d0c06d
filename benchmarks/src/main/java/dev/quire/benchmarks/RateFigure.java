package dev.quire.benchmarks;

import dev.quire.backup.Backup;
import dev.quire.backup.BackupReport;
import dev.quire.backup.BackupVerification;
import dev.quire.backup.Restore;
import dev.quire.io.FileStorage;
import dev.quire.io.Progress;
import dev.quire.io.RateLimit;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;

/**
 * How well a limit is kept on a disk that would allow more: backup, verification and restore of the same bytes, against
 * the time that these bytes take at just that rate.
 */
final class RateFigure {

    private static final long BYTES_PER_SECOND = 200_000_000;
    private static final String PROMISED = "at most 1.05";

    private RateFigure() {}

    static List<String> rows(Volume volume, int rounds) throws Exception {
        Path set = Scratch.fresh("set");
        Path back = Scratch.fresh("back");
        Series backup = new Series();
        Series verification = new Series();
        Series restore = new Series();
        Series allowed = new Series();
        for (int round = 0; round < Series.WARMUPS + rounds; round++) {
            Bare.ready(set, volume.directory());
            long[] bytes = new long[1];
            backup.time(() -> {
                BackupReport report = Backup.full(volume.instance, set, limited());
                bytes[0] = report.pageBytes() + report.logBytes();
            });
            allowed.add(bytes[0] * 1e3 / BYTES_PER_SECOND);
            verification.time(() -> BackupVerification.verify(FileStorage.instance(), set, limited()));
            Bare.ready(back, set);
            restore.time(() -> Restore.restore(
                    FileStorage.instance(), set, back, limited(), true, new SplittableRandom()::nextLong));
        }
        Scratch.delete(set);
        Scratch.delete(back);
        return List.of(
                row("backup", backup, allowed),
                row("verification", verification, allowed),
                row("restore", restore, allowed));
    }

    private static Progress limited() {
        return Progress.NONE.within(RateLimit.of(BYTES_PER_SECOND));
    }

    private static String row(String what, Series ours, Series allowed) {
        String name = what + " at " + BYTES_PER_SECOND / 1_000_000 + " MB/s";
        return Series.row(name, "ms", ours, allowed, allowed.through(ours), PROMISED);
    }
}

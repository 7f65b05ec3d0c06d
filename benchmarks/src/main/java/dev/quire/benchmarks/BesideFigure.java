package dev.quire.benchmarks;

import dev.quire.backup.Backup;
import dev.quire.io.Progress;
import dev.quire.io.RateLimit;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What a limit leaves the writer: full backups beside a thread that makes one durable commit after the other, each kept
 * to so many bytes a second, against that thread a moment before.
 */
final class BesideFigure {

    private static final long[] MEGABYTES_PER_SECOND = {600, 450, 300, 150};

    private final long limit;
    private final Series alone = new Series();
    private final Series beside = new Series();
    private final Series p99Alone = new Series();
    private final Series p99Beside = new Series();

    private BesideFigure(long limit) {
        this.limit = limit;
    }

    static List<String> rows(Volume volume, int rounds) throws Exception {
        Path copy = Scratch.fresh("copy");
        List<BesideFigure> figures = new ArrayList<>();
        for (long limit : MEGABYTES_PER_SECOND) {
            figures.add(new BesideFigure(limit));
        }
        for (int round = 0; round < Series.WARMUPS + rounds; round++) {
            for (BesideFigure figure : figures) {
                Bare.ready(copy, volume.directory());
                figure.round(volume, copy);
            }
        }
        Scratch.delete(copy);
        List<String> rows = new ArrayList<>();
        for (BesideFigure figure : figures) {
            rows.addAll(figure.rows());
        }
        return rows;
    }

    private void round(Volume volume, Path copy) throws Exception {
        try (CommittingThread writer = new CommittingThread(volume)) {
            note(writer.alone(), alone, p99Alone);
            Backup.full(volume.instance, copy, Progress.NONE.within(RateLimit.of(limit * 1_000_000)));
            note(writer.interval(), beside, p99Beside);
        }
    }

    private static void note(CommittingThread.Interval interval, Series commits, Series p99) {
        commits.add(interval.commitsPerSecond());
        p99.add(interval.percentileMicros());
    }

    private List<String> rows() {
        String name = String.format(Locale.ROOT, "beside a backup of %d MB/s: ", limit);
        return List.of(
                Series.row(name + "commits a second", "", beside, alone, beside.through(alone), ""),
                Series.row(name + "their 99th percentile", "us", p99Beside, p99Alone, p99Beside.through(p99Alone), ""));
    }
}

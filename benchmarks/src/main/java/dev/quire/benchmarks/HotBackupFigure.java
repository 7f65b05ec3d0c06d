package dev.quire.benchmarks;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Full backups of stores, idle and beside a writer, against {@code cp} and fsync of such a backup while nobody writes;
 * and what becomes of the writer, a thread that makes one durable commit after the other, against itself a moment
 * before.
 */
final class HotBackupFigure {

    private final HotStore store;
    private final Path set;
    private final Path copy;
    private final Series bare = new Series();
    private final Series idle = new Series();
    private final Series busy = new Series();
    private final Series commitsAlone = new Series();
    private final Series commitsBeside = new Series();
    private final Series p99Alone = new Series();
    private final Series p99Beside = new Series();

    private HotBackupFigure(HotStore store) throws Exception {
        this.store = store;
        set = Scratch.fresh("set-" + store.name());
        copy = Scratch.fresh("copy-" + store.name());
        store.backup(set);
    }

    /** The rows of all stores, measured in turn; deletes what it made. */
    static List<String> rows(List<? extends HotStore> stores, int rounds) throws Exception {
        List<HotBackupFigure> figures = new ArrayList<>();
        for (HotStore store : stores) {
            figures.add(new HotBackupFigure(store));
        }
        for (int round = 0; round < Series.WARMUPS + rounds; round++) {
            for (HotBackupFigure figure : figures) {
                figure.round();
            }
        }
        List<String> rows = new ArrayList<>();
        for (HotBackupFigure figure : figures) {
            rows.addAll(figure.rows());
            Scratch.delete(figure.set);
            Scratch.delete(figure.copy);
        }
        return rows;
    }

    private void round() throws Exception {
        Bare.ready(copy, set);
        bare.time(() -> Bare.copy(set, copy));
        Bare.ready(copy, set);
        Bare.read(store.directory());
        idle.time(() -> store.backup(copy));
        try (CommittingThread writer = new CommittingThread(store)) {
            note(writer.alone(), commitsAlone, p99Alone);
            Bare.ready(copy, set);
            writer.interval();
            busy.time(() -> store.backup(copy));
            note(writer.interval(), commitsBeside, p99Beside);
        }
        System.err.println(store.name() + ": a round is done");
    }

    private static void note(CommittingThread.Interval interval, Series commits, Series p99) {
        commits.add(interval.commitsPerSecond());
        p99.add(interval.percentileMicros());
    }

    private List<String> rows() throws Exception {
        String name = String.format(Locale.ROOT, "%s, %,d MiB", store.name(), Bare.bytes(set) >> 20);
        return List.of(
                Series.row(name + ": full backup, idle", "ms", idle, bare, bare.through(idle), "at least 1.0"),
                Series.row(name + ": beside a writer", "ms", busy, bare, bare.through(busy), "at least 0.6"),
                Series.row(
                        name + ": commits a second of the writer",
                        "",
                        commitsBeside,
                        commitsAlone,
                        commitsBeside.through(commitsAlone),
                        "at least 0.8"),
                Series.row(
                        name + ": its 99th percentile",
                        "us",
                        p99Beside,
                        p99Alone,
                        p99Beside.through(p99Alone),
                        "below 4"));
    }
}

package dev.quire.benchmarks;

import dev.quire.backup.Backup;
import dev.quire.backup.BackupReport;
import dev.quire.backup.BackupRequest;
import dev.quire.backup.Restore;
import dev.quire.durable.BackupKind;
import dev.quire.io.FileStorage;
import dev.quire.io.Progress;
import java.nio.file.Path;
import java.util.List;

/**
 * Restores, against {@code cp} and fsync of the same backup: of a full with hardly any log, and of a chain with
 * {@value #LOG_MIB} MiB of log, of which the time is promised to be {@value #COPY_SHARE} of the copy's and beside it
 * {@value #LOG_SHARE} of a bare read and CRC32C of the log.
 */
final class RestoreFigure {

    private static final int LOG_MIB = 128;
    private static final double COPY_SHARE = 0.7;
    private static final double LOG_SHARE = 0.3;

    private final Path set;
    private final Path copy = Scratch.fresh("copy");
    private final Series bare = new Series();
    private final Series ours = new Series();
    private final Series log = new Series();

    private RestoreFigure(Path set) {
        this.set = set;
    }

    static List<String> rows(Volume volume, int rounds) throws Exception {
        RestoreFigure full = new RestoreFigure(Scratch.fresh("full"));
        RestoreFigure chain = new RestoreFigure(Scratch.fresh("chain"));
        volume.backup(full.set);
        volume.backup(chain.set);
        volume.log((long) LOG_MIB << 20);
        BackupReport report = Backup.run(
                volume.instance,
                BackupRequest.of(BackupKind.INCREMENTAL).to(chain.set).conclude());
        for (int round = 0; round < Series.WARMUPS + rounds; round++) {
            full.round();
            chain.round();
        }
        for (Path each : List.of(full.set, chain.set, full.copy)) {
            Scratch.delete(each);
        }
        Series allowed = chain.bare.plus(1 / COPY_SHARE, chain.log, 1 / LOG_SHARE);
        String replay = String.format("with %d MiB of log, against what is allowed", report.logBytes() >> 20);
        Series beside = chain.ours.plus(1, full.ours, -1);
        return List.of(
                Series.row("restore", "ms", full.ours, full.bare, full.bare.through(full.ours), "at least 0.7"),
                Series.row(replay, "ms", chain.ours, allowed, allowed.through(chain.ours), "at least 1"),
                Series.row("that log alone", "ms", beside, chain.log, chain.log.through(beside), ""));
    }

    private void round() throws Exception {
        Bare.ready(copy, set);
        bare.time(() -> Bare.copy(set, copy));
        List<Path> generations = Scratch.files(set).stream()
                .filter(file -> file.toString().endsWith(".qlog"))
                .toList();
        log.time(() -> Bare.readAndCrc(generations, 1));
        Bare.ready(copy, set);
        ours.time(() -> Restore.restore(FileStorage.instance(), set, copy, Progress.NONE));
    }
}

package dev.quire.benchmarks;

import dev.quire.backup.Backup;
import dev.quire.backup.BackupReport;
import dev.quire.backup.BackupRequest;
import dev.quire.durable.BackupKind;
import dev.quire.durable.Names;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Incrementals of a large database behind 1, 10 and 100 MiB of log, against {@code cp} and fsync of the files that they
 * made. Time and bytes must follow the log, not the database.
 */
final class IncrementalFigure {

    private static final int[] LOG_MIB = {1, 10, 100};

    private final Volume volume;
    private final Path set = Scratch.fresh("chain");
    private final Path copy = Scratch.fresh("copy");
    private final Path added = Scratch.fresh("added");

    private IncrementalFigure(Volume volume) {
        this.volume = volume;
    }

    static List<String> rows(Volume volume, int rounds) throws Exception {
        IncrementalFigure figure = new IncrementalFigure(volume);
        volume.backup(figure.set);
        List<String> rows = new ArrayList<>();
        for (int mib : LOG_MIB) {
            rows.add(figure.row(mib, rounds));
        }
        for (Path each : List.of(figure.set, figure.copy, figure.added)) {
            Scratch.delete(each);
        }
        return rows;
    }

    private String row(int mib, int rounds) throws Exception {
        Series ours = new Series();
        Series bare = new Series();
        long bytes = 0;
        BackupRequest request = BackupRequest.of(BackupKind.INCREMENTAL).to(set).conclude();
        for (int round = 0; round < Series.WARMUPS + rounds; round++) {
            volume.log((long) mib << 20);
            Bare.ready(copy, volume.directory().resolve(Names.LOG));
            BackupReport[] report = new BackupReport[1];
            ours.time(() -> report[0] = Backup.run(volume.instance, request));
            bytes = lay(report[0].id());
            Bare.ready(copy, added);
            bare.time(() -> Bare.copy(added, copy));
        }
        String what = String.format("incremental behind %d MiB of log, %,d KiB", mib, bytes >> 10);
        return Series.row(what, "ms", ours, bare, bare.through(ours), "follows the log");
    }

    /** Puts what the backup with that identity consists of into a directory of its own; its bytes. */
    private long lay(String id) throws Exception {
        Scratch.delete(added);
        Files.createDirectory(added);
        for (Path file : Scratch.files(set)) {
            if (file.getFileName().toString().startsWith(id)) {
                Files.copy(file, added.resolve(file.getFileName()));
            }
        }
        return Bare.bytes(added);
    }
}

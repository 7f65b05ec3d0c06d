package dev.quire.cli;

import dev.quire.backup.Restore;
import dev.quire.backup.RestoreReport;
import dev.quire.io.FileStorage;
import java.io.IOException;
import java.nio.file.Path;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Restores a backup to a new instance. */
@CommandLine.Command(
        name = "restore",
        description =
                "Verifies a full backup with what builds on it, or a copy, and makes an instance of it, in a new or"
                        + " empty directory.")
final class RestoreCommand extends Command {

    @Parameters(index = "0", paramLabel = "DEST", description = "The directory of the backup.")
    private Path backup;

    @Parameters(index = "1", paramLabel = "INSTANCE", description = "The directory of the new instance.")
    private Path instance;

    @Mixin
    private RateOption rate;

    @Override
    int run() throws IOException {
        RestoreReport done;
        try (ProgressLine progress = progress()) {
            done = Restore.restore(FileStorage.instance(), absolute(backup), absolute(instance), rate.on(progress));
        }
        output().print(report(done));
        return ExitCodes.OK;
    }

    static Report report(RestoreReport done) {
        return new Report()
                .add("id", done.id())
                .lines("members", done.members())
                .lines("databases", done.databases())
                .bytes("bytes", done.bytes())
                .add("commits", done.commits())
                .add("records", done.records())
                .position("end", done.end())
                .took(done.bytes(), done.nanos())
                .table("mended", Instances.mended(done.mended()));
    }
}

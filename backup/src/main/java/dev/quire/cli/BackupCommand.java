package dev.quire.cli;

import dev.quire.Instance;
import dev.quire.backup.Backup;
import dev.quire.backup.BackupReport;
import java.io.IOException;
import java.nio.file.Path;
import picocli.CommandLine;
import picocli.CommandLine.Parameters;

/** Takes a full backup. */
@CommandLine.Command(
        name = "backup",
        description = "Copies an instance to a new or empty directory, and verifies every page and log record.")
final class BackupCommand extends Command {

    @Parameters(index = "0", paramLabel = "INSTANCE", description = "The directory of the instance.")
    private Path instance;

    @Parameters(index = "1", paramLabel = "DEST", description = "A directory that is new or empty.")
    private Path destination;

    @Override
    int run() throws IOException {
        BackupReport done;
        try (Instance opened = Instances.open(instance);
                ProgressLine progress = progress()) {
            done = Backup.full(opened, absolute(destination), progress);
        }
        output().print(report(done));
        return ExitCodes.OK;
    }

    static Report report(BackupReport done) {
        return new Report()
                .add("id", done.id())
                .lines("databases", done.databases())
                .add("pages", done.pages())
                .bytes("pageBytes", done.pageBytes())
                .add("generationLow", done.generationLow())
                .add("generationHigh", done.generationHigh())
                .bytes("logBytes", done.logBytes())
                .position("consistentFrom", done.consistentFrom())
                .position("end", done.end())
                .took(done.pageBytes() + done.logBytes(), done.nanos())
                .lines("events", done.events());
    }
}

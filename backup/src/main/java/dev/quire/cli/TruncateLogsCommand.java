package dev.quire.cli;

import dev.quire.Instance;
import dev.quire.backup.Backup;
import dev.quire.backup.BackupReport;
import dev.quire.backup.BackupRequest;
import dev.quire.durable.BackupKind;
import java.io.IOException;
import java.nio.file.Path;
import picocli.CommandLine;
import picocli.CommandLine.Parameters;

/** Deletes log that nobody needs. */
@CommandLine.Command(
        name = "truncate-logs",
        description = "Deletes log that no recovery, and no backup to come, needs; says what keeps the rest.")
final class TruncateLogsCommand extends Command {

    @Parameters(index = "0", paramLabel = "INSTANCE", description = "The directory of the instance.")
    private Path instance;

    @Override
    int run() throws IOException {
        BackupReport done;
        try (Instance opened = open(Instances.existing(instance));
                ProgressLine progress = progress()) {
            done = Backup.run(
                    opened,
                    BackupRequest.of(BackupKind.TRUNCATE_ONLY)
                            .progress(progress)
                            .conclude());
        }
        output().print(new Report()
                .add("released", done.released())
                .lines("events", BackupCommand.lines(done.events())));
        return ExitCodes.OK;
    }
}

package dev.quire.cli;

import dev.quire.Instance;
import dev.quire.InstanceConfig;
import dev.quire.backup.Backup;
import dev.quire.backup.BackupReport;
import dev.quire.backup.BackupRequest;
import dev.quire.durable.BackupKind;
import java.io.IOException;
import java.nio.file.Path;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Deletes log that nobody needs. */
@CommandLine.Command(
        name = "truncate-logs",
        description = "Deletes log that no recovery, and no backup to come, needs; says what keeps the rest.")
final class TruncateLogsCommand extends Command {

    @Parameters(index = "0", paramLabel = "INSTANCE", description = "The directory of the instance.")
    private Path instance;

    @Option(
            names = "--circular",
            description = "From now on log goes without a backup, as before --keep-log; no incremental follows the last"
                    + " backup then, and the next chain begins with a full and --keep-log.")
    private boolean circular;

    @Override
    int run() throws IOException {
        BackupReport done;
        InstanceConfig config = circular ? LogSwitch.circular(instance) : Instances.existing(instance);
        try (Instance opened = open(config);
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

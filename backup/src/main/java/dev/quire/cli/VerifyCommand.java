package dev.quire.cli;

import dev.quire.backup.BackupVerification;
import dev.quire.backup.Manifest;
import dev.quire.backup.VerifyReport;
import dev.quire.io.FileStorage;
import java.io.IOException;
import java.nio.file.Path;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Verifies a backup at rest. */
@CommandLine.Command(
        name = "verify",
        description = "Verifies every page and log record of a backup, with all that builds on it; lists all faults.")
final class VerifyCommand extends Command {

    @Parameters(index = "0", paramLabel = "DEST", description = "The directory of the backup.")
    private Path backup;

    @Mixin
    private RateOption rate;

    @Override
    int run() throws IOException {
        long start = System.nanoTime();
        VerifyReport found;
        try (ProgressLine progress = progress()) {
            found = BackupVerification.verify(FileStorage.instance(), absolute(backup), rate.on(progress));
        }
        Manifest manifest = found.manifest();
        output().print(new Report()
                .add("sound", found.isSound())
                .add("id", manifest.id())
                .add("members", found.members().size())
                .time("createdMs", manifest.createdMs())
                .add("pages", found.pages())
                .bytes("pageBytes", found.pageBytes())
                .add("records", found.records())
                .bytes("logBytes", found.logBytes())
                .took(found.pageBytes() + found.logBytes(), System.nanoTime() - start)
                .table("rebuilt", Instances.mended(found.rebuilt()))
                .lines("faults", found.faults()));
        if (!found.isSound()) {
            output().complain(found.faults().size() + " faults in " + backup + ", the first: "
                    + found.faults().get(0));
        }
        return found.isSound() ? ExitCodes.OK : ExitCodes.CORRUPT;
    }
}

package dev.quire.cli;

import dev.quire.backup.BackupSet;
import dev.quire.backup.Manifest;
import dev.quire.io.FileStorage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Parameters;

/** Shows what a restore would give. */
@CommandLine.Command(
        name = "show",
        description = "Shows what a restore from a directory would take and reach; looks at manifests alone.")
final class ShowCommand extends Command {

    @Parameters(index = "0", paramLabel = "DEST", description = "The directory of the backups.")
    private Path backup;

    @Override
    int run() throws IOException {
        BackupSet set = BackupSet.read(FileStorage.instance(), absolute(backup));
        List<Manifest> taken = set.toTheEnd();
        Manifest last = taken.get(taken.size() - 1);
        output().print(new Report()
                .add("directory", set.directory().toString())
                .hex("logSignature", set.full().logSignature())
                .lines(
                        "databases",
                        set.full().databases().stream()
                                .map(each -> each.attachment().name())
                                .toList())
                .position("consistentFrom", set.full().consistentFrom())
                .position("end", last.end())
                .add("generationLow", set.full().generationLow())
                .add("generationHigh", last.generationHigh())
                .bytes("pageBytes", set.full().pageBytes())
                .bytes("logBytes", taken.stream().mapToLong(Manifest::logBytes).sum())
                .table("taken", taken.stream().map(ListCommand::row).toList()));
        return ExitCodes.OK;
    }
}

package dev.quire.cli;

import dev.quire.backup.BackupSet;
import dev.quire.backup.Manifest;
import dev.quire.io.FileStorage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Parameters;

/** Lists the backups in a directory. */
@CommandLine.Command(
        name = "list",
        description = "Lists the backups in a directory, in the order of their logs; looks at manifests alone.")
final class ListCommand extends Command {

    @Parameters(index = "0", paramLabel = "DEST", description = "The directory of the backups.")
    private Path backup;

    @Override
    int run() throws IOException {
        List<Report> rows = BackupSet.read(FileStorage.instance(), absolute(backup)).members().stream()
                .map(ListCommand::row)
                .toList();
        output().print(new Report().table("backups", rows));
        return ExitCodes.OK;
    }

    static Report row(Manifest each) {
        return new Report()
                .add("id", each.id())
                .add("kind", each.kind().word())
                .time("createdMs", each.createdMs())
                .add("generationLow", each.generationLow())
                .add("generationHigh", each.generationHigh())
                .bytes("pageBytes", each.pageBytes())
                .bytes("logBytes", each.logBytes())
                .add("builtOn", each.builtOn() == null ? "" : each.builtOn().previous())
                .add("label", each.label());
    }
}

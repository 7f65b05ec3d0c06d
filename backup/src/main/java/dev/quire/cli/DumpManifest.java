package dev.quire.cli;

import dev.quire.backup.Manifest;
import dev.quire.io.FileStorage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Shows what a backup says of itself. */
@CommandLine.Command(name = "manifest", description = "Shows the manifest of a backup, once its checksum is verified.")
final class DumpManifest extends Command {

    @Parameters(index = "0", paramLabel = "DEST", description = "The directory of the backup.")
    private Path backup;

    @Option(
            names = "--id",
            paramLabel = "ID",
            defaultValue = "",
            description = "An incremental or differential in it; without it the full or copy.")
    private String id;

    @Override
    int run() throws IOException {
        Manifest manifest = Manifest.read(FileStorage.instance(), absolute(backup), id);
        List<Report> databases = new ArrayList<>();
        for (Manifest.CopiedDatabase each : manifest.databases()) {
            databases.add(new Report()
                    .add("id", each.attachment().id())
                    .add("name", each.attachment().name())
                    .hex("signature", each.attachment().signature())
                    .add("pageBytes", each.attachment().pageSize())
                    .add("pages", each.pages())
                    .add("usedPages", each.usedPages()));
        }
        List<Report> generations = new ArrayList<>();
        for (Manifest.CopiedGeneration each : manifest.generations()) {
            generations.add(new Report()
                    .add("generation", each.generation())
                    .add("closingOffset", each.closingOffset())
                    .add("chain", String.format("%08x", each.chain())));
        }
        output().print(new Report()
                .add("id", manifest.id())
                .add("kind", manifest.kind().word())
                .add("label", manifest.label())
                .position("mark", manifest.mark())
                .time("createdMs", manifest.createdMs())
                .hex("logSignature", manifest.logSignature())
                .bytes("generationBytes", manifest.generationBytes())
                .position("redoStart", manifest.redoStart())
                .positionIfAny("consistentFrom", manifest.consistentFrom())
                .position("end", manifest.end())
                .add("nextDatabaseId", manifest.nextDatabaseId())
                .add(
                        "full",
                        manifest.builtOn() == null ? "" : manifest.builtOn().full())
                .add(
                        "builtOn",
                        manifest.builtOn() == null ? "" : manifest.builtOn().previous())
                .table("databases", databases)
                .table("generations", generations));
        return ExitCodes.OK;
    }
}

package dev.quire.cli;

import dev.quire.Database;
import dev.quire.Instance;
import dev.quire.InstanceStats;
import dev.quire.ReadTransaction;
import dev.quire.durable.Names;
import dev.quire.io.FileStorage;
import dev.quire.io.log.LogFiles;
import dev.quire.io.page.BackupStamp;
import dev.quire.io.page.DatabaseHeader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Parameters;

/** Says what an instance holds. */
@CommandLine.Command(name = "stat", description = "Shows what an instance holds and where it stands.")
final class StatCommand extends Command {

    @Parameters(index = "0", paramLabel = "INSTANCE", description = "The directory of the instance.")
    private Path instance;

    @Override
    int run() throws IOException {
        try (Instance opened = open(Instances.existing(instance))) {
            InstanceStats stats = opened.stats();
            List<Report> databases = new ArrayList<>();
            try (ReadTransaction tx = opened.beginRead()) {
                for (Database database : opened.databases()) {
                    databases.add(database(opened, tx, database));
                }
            }
            Path log = opened.directory().resolve(Names.LOG);
            output().print(new Report()
                    .add("instance", opened.directory().toString())
                    .add("closedInOrder", opened.recovery().clean())
                    .position("logEnd", stats.appended())
                    .position("durable", stats.durable())
                    .position("redoStart", stats.redoStart())
                    .bytes("redoBytes", stats.depthBytes())
                    .add("logGenerations", LogFiles.list(FileStorage.instance(), log).length)
                    .bytes("databaseBytes", stats.databaseBytes())
                    .table("databases", databases)
                    .table("mended", Instances.mended(opened.recovery().mended())));
        }
        return ExitCodes.OK;
    }

    private static Report database(Instance opened, ReadTransaction tx, Database database) {
        Path file = Names.database(opened.directory(), database.name());
        BackupStamp full = DatabaseHeader.read(FileStorage.instance(), file).full();
        return new Report()
                .add("name", database.name())
                .hex("signature", database.signature())
                .add("pageBytes", database.pageBytes())
                .bytes("fileBytes", database.fileBytes())
                .time("lastFullBackupMs", full.timeMs())
                .lines("tables", tx.tables(database));
    }
}

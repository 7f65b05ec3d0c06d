package dev.quire.cli;

import dev.quire.Instance;
import dev.quire.WriteTransaction;
import java.io.IOException;
import picocli.CommandLine;
import picocli.CommandLine.Parameters;

/** Deletes one entry, durably. */
@CommandLine.Command(name = "delete", description = "Deletes an entry; durable when the command returns.")
final class DeleteCommand extends TableCommand {

    @Parameters(index = "3", paramLabel = "KEY", description = "The key.")
    private String key;

    @Override
    int run() throws IOException {
        byte[] bytes = key(key);
        try (Instance opened = open(Instances.existing(instance));
                WriteTransaction tx = opened.beginWrite()) {
            if (!tx.table(opened.database(database), table).delete(bytes)) {
                throw noEntry(bytes);
            }
            tx.commit();
        }
        output().print(output().isJson() ? new Report().add("deleted", true) : new Report());
        return ExitCodes.OK;
    }
}

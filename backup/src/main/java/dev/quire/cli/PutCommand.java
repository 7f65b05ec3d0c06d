package dev.quire.cli;

import dev.quire.Database;
import dev.quire.Instance;
import dev.quire.WritableTable;
import dev.quire.WriteTransaction;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Puts one entry, durably. */
@CommandLine.Command(
        name = "put",
        description = "Puts an entry into an existing table; durable when the command returns.")
final class PutCommand extends TableCommand {

    @Parameters(index = "3", paramLabel = "KEY", description = "The key.")
    private String key;

    @Parameters(index = "4", arity = "0..1", paramLabel = "VALUE", description = "The value.")
    private String value;

    @Option(names = "--value-from", paramLabel = "FILE", description = "Reads the value from a file; - is stdin.")
    private String file;

    @Option(names = "--create", description = "Makes instance, database and table if they are not there.")
    private boolean create;

    @Mixin
    private MemoryOption memory;

    @Override
    int run() throws IOException {
        if ((value == null) == (file == null)) {
            throw misuse("give either VALUE or --value-from");
        }
        byte[] name = key(key);
        byte[] bytes = value != null ? bytes(value) : cancellation().await(this::read);
        boolean fresh;
        try (Instance opened = open(memory.config(instance, create))) {
            Database target = create ? opened.openOrCreate(database) : opened.database(database);
            try (WriteTransaction tx = opened.beginWrite()) {
                WritableTable entries = create ? tx.openOrCreateTable(target, table) : tx.table(target, table);
                fresh = entries.put(name, bytes);
                tx.commit();
            }
        }
        output().print(output().isJson() ? new Report().add("new", fresh) : new Report());
        return ExitCodes.OK;
    }

    private byte[] read() throws IOException {
        int most = memory.valueBytesMax();
        if (file.equals("-")) {
            return Sources.read(System.in, most, "standard input");
        }
        try (InputStream in = Files.newInputStream(Path.of(file))) {
            return Sources.read(in, most, file);
        }
    }
}

package dev.quire.cli;

import dev.quire.io.NotFoundException;
import dev.quire.io.QuireError;
import dev.quire.io.QuireException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** A command on one table of an existing instance. */
abstract class TableCommand extends Command {

    @Parameters(index = "0", paramLabel = "INSTANCE", description = "The directory of the instance.")
    Path instance;

    @Parameters(index = "1", paramLabel = "DATABASE", description = "The name of the database.")
    String database;

    String table;

    @Option(
            names = "--escaped",
            description = "Keys and values on the command line hold bytes as \\xNN, the way scan prints them.")
    private boolean escaped;

    @Parameters(index = "2", paramLabel = "TABLE", description = "The name of the table.")
    void table(String name) {
        table = text(name);
    }

    /**
     * The bytes of a key.
     *
     * @throws QuireException {@code INVALID_PARAMETER} if there are none
     */
    final byte[] key(String argument) {
        byte[] key = bytes(argument);
        if (key.length == 0) {
            throw new QuireException(QuireError.INVALID_PARAMETER, "the key is empty");
        }
        return key;
    }

    /** The bytes of an argument; of one that is no text {@code --escaped} can tell them. */
    final byte[] bytes(String argument) {
        return escaped ? Escapes.parse(text(argument)) : text(argument).getBytes(StandardCharsets.UTF_8);
    }

    final NotFoundException noEntry(byte[] key) {
        return new NotFoundException(
                QuireError.RECORD_NOT_FOUND,
                null,
                "table " + table + " has no entry for the key " + Escapes.text(key),
                null);
    }
}

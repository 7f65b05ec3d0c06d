package dev.quire.benchmarks;

import dev.quire.Database;
import dev.quire.Durability;
import dev.quire.Instance;
import dev.quire.InstanceConfig;
import dev.quire.WritableTable;
import dev.quire.WriteTransaction;
import dev.quire.durable.Names;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * An instance to be measured: one database with one table of {@link Records}, all pages in the file, 8 KiB a page. Made
 * with the defaults, as a user would make it.
 */
final class StoreFixture implements AutoCloseable {

    static final String DATABASE = "bench";
    static final String TABLE = "records";
    static final int PUTS_PER_TRANSACTION = 1_000;
    private static final int PUTS_PER_CHECKPOINT = 10 * PUTS_PER_TRANSACTION;

    final Instance instance;
    final Database database;
    private final Path directory;
    private final boolean kept;

    private StoreFixture(Path directory, InstanceConfig config, boolean kept) {
        this.directory = directory;
        this.kept = kept;
        instance = config.open();
        database = instance.openOrCreate(DATABASE);
    }

    /** A new instance without records. */
    static StoreFixture empty(String name) {
        return create(Scratch.fresh(name), false);
    }

    private static StoreFixture create(Path directory, boolean kept) {
        StoreFixture fixture = new StoreFixture(directory, Instance.configure(directory), kept);
        try (WriteTransaction tx = fixture.instance.beginWrite()) {
            tx.createTable(fixture.database, TABLE);
            tx.commit();
        }
        return fixture;
    }

    /**
     * An instance with records {@code [0, records)}, opened anew and not read yet: what is in memory is what the
     * system's cache has. Only for those who do not write; it may have been made by an earlier fork.
     */
    static StoreFixture loaded(int records) {
        Path directory = Scratch.path("loaded-" + records);
        Path ready = directory.resolveSibling(directory.getFileName() + ".ready");
        try {
            if (!Files.exists(ready)) {
                Scratch.delete(directory);
                try (StoreFixture fixture = create(directory, true)) {
                    for (int from = 0; from < records; from += PUTS_PER_CHECKPOINT) {
                        fixture.load(from, Math.min(records, from + PUTS_PER_CHECKPOINT), Durability.LAZY);
                        fixture.instance.checkpoint();
                    }
                }
                Files.createFile(ready);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new StoreFixture(directory, Instance.configure(directory), Scratch.isKept());
    }

    /** Puts records {@code [from, to)} in random key order, {@value #PUTS_PER_TRANSACTION} a transaction. */
    void load(int from, int to, Durability durability) {
        load(instance, database, from, to, durability);
    }

    /** The same in any instance. */
    static void load(Instance instance, Database database, int from, int to, Durability durability) {
        byte[] key = new byte[Records.KEY_BYTES];
        byte[] value = new byte[Records.VALUE_BYTES];
        for (int start = from; start < to; start += PUTS_PER_TRANSACTION) {
            try (WriteTransaction tx = instance.beginWrite()) {
                WritableTable table = tx.table(database, TABLE);
                for (int i = start; i < Math.min(to, start + PUTS_PER_TRANSACTION); i++) {
                    Records.key(i, key);
                    Records.value(i, value);
                    table.put(key, value);
                }
                tx.commit(durability);
            }
        }
    }

    /** Where its database is. */
    Path databaseFile() {
        return Names.database(directory, DATABASE);
    }

    /** Bytes of the database's file. */
    long fileBytes() {
        return database.fileBytes();
    }

    @Override
    public void close() {
        instance.close();
        if (!kept) {
            Scratch.delete(directory);
        }
    }
}

package dev.quire.benchmarks;

import dev.quire.Database;
import dev.quire.Durability;
import dev.quire.Instance;
import dev.quire.WritableTable;
import dev.quire.WriteTransaction;
import dev.quire.backup.Backup;
import dev.quire.io.Progress;
import dev.quire.io.log.Lsn;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A large instance to be backed up, made with the defaults: {@link Records} with values of {@value #VALUE_BYTES} bytes
 * in random key order. It is written to by putting other values in the place of those that are there, so it stays as
 * large as it is and the next fork can use it.
 */
final class Volume implements HotStore {

    static final int VALUE_BYTES = 1_000;

    /** What {@link #log} writes over again and again; each lies on a page of its own. */
    private static final int HOT_RECORDS = 5_000;

    private static final int PUTS_OF_LOG = 10;

    private static final long GENERATION_BYTES = 16 << 20;
    private static final int PUTS_PER_CHECKPOINT = 10 * StoreFixture.PUTS_PER_TRANSACTION;

    final Instance instance;
    private final Database database;
    private final Path directory;
    private final int records;
    private final byte[] key = new byte[Records.KEY_BYTES];
    private final byte[] value = new byte[VALUE_BYTES];
    private long turns = System.nanoTime();

    private Volume(Path directory, int records, boolean circularLogging) {
        this.directory = directory;
        this.records = records;
        instance = Instance.configure(directory)
                .circularLogging(circularLogging)
                .logGenerationBytes((int) GENERATION_BYTES)
                .open();
        database = instance.openOrCreate(StoreFixture.DATABASE);
    }

    /** The volume of so many records; made first if no earlier fork has left it. */
    static Volume open(int records, boolean circularLogging) throws IOException {
        Path directory = Scratch.path("volume-" + records);
        Path ready = directory.resolveSibling(directory.getFileName() + ".ready");
        if (!Files.exists(ready)) {
            Scratch.delete(directory);
            try (Volume volume = new Volume(directory, records, true)) {
                volume.load();
            }
            Files.createFile(ready);
        }
        return new Volume(directory, records, circularLogging);
    }

    private void load() {
        try (WriteTransaction tx = instance.beginWrite()) {
            tx.createTable(database, StoreFixture.TABLE);
            tx.commit();
        }
        for (int from = 0; from < records; from += StoreFixture.PUTS_PER_TRANSACTION) {
            int to = Math.min(records, from + StoreFixture.PUTS_PER_TRANSACTION);
            try (WriteTransaction tx = instance.beginWrite()) {
                WritableTable table = tx.table(database, StoreFixture.TABLE);
                for (int number = from; number < to; number++) {
                    put(table, number, number);
                }
                tx.commit(Durability.LAZY);
            }
            if (to % PUTS_PER_CHECKPOINT == 0) {
                instance.checkpoint();
            }
        }
    }

    private void put(WritableTable table, long number, long content) {
        Records.key(number, key);
        Records.value(content, value);
        table.put(key, value);
    }

    /** Writes so much log, ten puts a transaction, durable in the end; then brings all pages to the file. */
    void log(long bytes) {
        long from = appended();
        while (appended() - from < bytes) {
            try (WriteTransaction tx = instance.beginWrite()) {
                WritableTable table = tx.table(database, StoreFixture.TABLE);
                for (int i = 0; i < PUTS_OF_LOG; i++) {
                    put(table, Records.pick(turns++, Math.min(records, HOT_RECORDS)), turns);
                }
                tx.commit(Durability.LAZY);
            }
        }
        instance.awaitDurable();
        instance.checkpoint();
    }

    private long appended() {
        long lsn = instance.stats().appended();
        return Lsn.generation(lsn) * GENERATION_BYTES + Lsn.offset(lsn);
    }

    /** Bytes of the database's file. */
    long bytes() {
        return database.fileBytes();
    }

    @Override
    public String name() {
        return "Quire";
    }

    @Override
    public Path directory() {
        return directory;
    }

    @Override
    public void commit(long turn) {
        try (WriteTransaction tx = instance.beginWrite()) {
            put(tx.table(database, StoreFixture.TABLE), Records.pick(turn, records), turn);
            tx.commit();
        }
    }

    @Override
    public void backup(Path to) {
        Backup.full(instance, to, Progress.NONE);
    }

    @Override
    public void close() {
        instance.close();
    }
}

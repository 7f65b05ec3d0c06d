package dev.quire.cli;

import dev.quire.Database;
import dev.quire.Durability;
import dev.quire.Instance;
import dev.quire.InstanceStats;
import dev.quire.WritableTable;
import dev.quire.WriteTransaction;
import dev.quire.io.LimitException;
import dev.quire.io.QuireError;

/**
 * Puts many entries into a table, in transactions that hold a bounded number of bytes and of entries, so that the
 * memory
 * for changed pages suffices however long it goes on. Commits are lazy until {@link #finish}; a fault takes the
 * entries of
 * the open transaction with it and leaves those before. One thread.
 */
final class Loader implements AutoCloseable {

    private static final long BATCH_BYTES_MAX = 8L << 20;

    /** A sixteenth of the memory: an entry may change a page of its own, and splits change more. */
    private static final int MEMORY_SHARE = 16;

    /** A checkpoint is due when all of so many shares of the memory but one are in use. */
    private static final int FULL_SHARES = 4;

    private final Instance instance;
    private final Database database;
    private final String table;
    private final long batchBytes;
    private final long batchRows;
    private WriteTransaction tx;
    private WritableTable open;
    private long txBytes;
    private long txRows;
    private long bytes;
    private long rows;

    /** The table is made when it is missing. */
    Loader(Instance instance, Database database, String table, long memoryBytes) {
        this.instance = instance;
        this.database = database;
        this.table = table;
        this.batchBytes = Math.min(BATCH_BYTES_MAX, memoryBytes / MEMORY_SHARE);
        this.batchRows = memoryBytes / MEMORY_SHARE / database.pageBytes();
        begin();
    }

    /** The longest key that the table takes. */
    int keyBytesMax() {
        return open.keyBytesMax();
    }

    /**
     * Puts an entry.
     *
     * @param name where it comes from, for the message
     * @throws LimitException naming it, if key or value are too long
     */
    void put(byte[] key, byte[] value, String name) {
        long size = (long) key.length + value.length;
        if (txRows > 0 && (txBytes + size > batchBytes || txRows >= batchRows)) {
            commit(Durability.LAZY);
            begin();
        }
        try {
            checkKey(key.length, open.keyBytesMax(), name);
            open.put(key, value);
        } catch (LimitException e) {
            if (e.error() == QuireError.KEY_TOO_BIG) {
                throw e;
            }
            String what = name + " of " + Amounts.bytes(value.length)
                    + " does not fit the memory for one transaction; try a larger --memory";
            throw new LimitException(e.error(), null, what, e);
        }
        txBytes += size;
        txRows++;
    }

    /** Refuses a key that no table with such pages takes. */
    static void checkKey(int length, int bytesMax, String name) {
        if (length == 0 || length > bytesMax) {
            String what = length == 0 ? ": the key is empty" : ": the key has " + length + " bytes, limit=" + bytesMax;
            throw new LimitException(
                    length == 0 ? QuireError.INVALID_PARAMETER : QuireError.KEY_TOO_BIG, null, name + what, null);
        }
    }

    /** Commits what is left; everything is durable afterwards. */
    void finish() {
        commit(Durability.DURABLE);
        instance.awaitDurable();
    }

    /** Entries committed. */
    long rows() {
        return rows;
    }

    /** Bytes of their keys and values. */
    long bytes() {
        return bytes;
    }

    /** Forgets what was not committed. */
    @Override
    public void close() {
        tx.close();
    }

    private void begin() {
        makeRoom();
        tx = instance.beginWrite();
        try {
            open = tx.openOrCreateTable(database, table);
        } catch (RuntimeException | Error e) {
            tx.close();
            throw e;
        }
        txBytes = 0;
        txRows = 0;
    }

    /**
     * Brings pages to the files while no transaction of ours is open: what a checkpoint drops is free only when
     * everybody
     * who was inside has left, so one that runs out of memory could not make room for itself.
     */
    private void makeRoom() {
        InstanceStats stats = instance.stats();
        if (stats.memoryUsedBytes() > stats.memoryBytesMax() / FULL_SHARES * (FULL_SHARES - 1)) {
            instance.checkpoint();
        }
    }

    private void commit(Durability durability) {
        tx.commit(durability);
        bytes += txBytes;
        rows += txRows;
    }
}

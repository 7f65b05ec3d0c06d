package dev.quire.cli;

import dev.quire.Database;
import dev.quire.Instance;
import dev.quire.WriteTransaction;
import dev.quire.durable.EngineThreads;
import java.nio.ByteBuffer;
import java.util.SplittableRandom;

/**
 * Durable commits at a rate, in a table of its own, over the same keys again and again: so that it may go on for days.
 * Those that are late are made up for within a second, and not later.
 */
final class WriteLoad implements Runnable, AutoCloseable {

    /** Where it writes. */
    static final String DATABASE = "serve-load";

    private static final String TABLE = "load";
    private static final int KEYS = 10_000;
    private static final int VALUE_BYTES = 200;
    private static final long LOOK_MS = 50;
    private static final long MS_NANOS = 1_000_000;
    private static final long SECOND_NANOS = 1000 * MS_NANOS;

    private final Instance instance;
    private final Database database;
    private final long everyNanos;
    private final Thread thread = new Thread(this, "write-load");
    private volatile long commits;
    private volatile boolean ending;
    private volatile Throwable fault;

    /** So many a second; makes the database if it is not there. */
    WriteLoad(Instance instance, int perSecond) {
        this.instance = instance;
        this.database = instance.openOrCreate(DATABASE);
        this.everyNanos = SECOND_NANOS / perSecond;
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    /** How many are durable. */
    long commits() {
        return commits;
    }

    boolean hasFailed() {
        return fault != null;
    }

    @Override
    public void run() {
        long due = System.nanoTime();
        long number = 0;
        try {
            while (!ending) {
                long now = System.nanoTime();
                if (now < due) {
                    EngineThreads.pause(Math.min(LOOK_MS, Math.max(1, (due - now) / MS_NANOS)));
                } else {
                    commit(number++);
                    commits = number;
                    due = Math.max(due + everyNanos, now - SECOND_NANOS);
                }
            }
        } catch (RuntimeException | Error e) {
            fault = e;
        }
    }

    private void commit(long number) {
        byte[] value = new byte[VALUE_BYTES];
        new SplittableRandom(number).nextBytes(value);
        try (WriteTransaction tx = instance.beginWrite()) {
            byte[] key = ByteBuffer.allocate(Integer.BYTES)
                    .putInt((int) (number % KEYS))
                    .array();
            tx.openOrCreateTable(database, TABLE).put(key, value);
            tx.commit();
        }
    }

    /** Ends it; throws what ended it before. */
    @Override
    public void close() {
        ending = true;
        EngineThreads.join(thread);
        if (fault instanceof Error error) {
            throw error;
        }
        if (fault instanceof RuntimeException failed) {
            throw failed;
        }
    }
}

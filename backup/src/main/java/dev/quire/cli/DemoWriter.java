package dev.quire.cli;

import dev.quire.Database;
import dev.quire.Instance;
import dev.quire.ReadTransaction;
import dev.quire.Table;
import dev.quire.WritableTable;
import dev.quire.WriteTransaction;
import dev.quire.io.QuireException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.concurrent.locks.LockSupport;
import org.agrona.collections.LongArrayList;

/**
 * Commits durable updates as fast as it can until the instance is taken away from under it. The n-th commit adds an
 * entry
 * of its own, whose bytes follow from n, and moves a counter to n: so what is there later tells which commits it holds,
 * and a commit in part, or one without those before it, shows.
 */
final class DemoWriter implements Runnable {

    static final String TABLE = "commits";

    private static final byte[] COUNTER = {0};
    private static final int VALUE_BYTES = 200;
    private static final long PAUSE_NS = 1_000_000;
    private static final long JOIN_MS_MAX = 60_000;

    private final Instance instance;
    private final Database database;
    private final Thread thread = new Thread(this, "demo-writer");
    /** Of every acknowledged commit: a position in the log at or behind it. Read when the thread has ended. */
    private final LongArrayList positions = new LongArrayList();

    private volatile long acknowledged;
    private volatile boolean ending;
    private volatile Throwable fault;

    DemoWriter(Instance instance, Database database) {
        this.instance = instance;
        this.database = database;
        thread.setDaemon(true);
    }

    /** Starts, and returns when the first commit is acknowledged. */
    void start() {
        thread.start();
        while (acknowledged == 0 && thread.isAlive()) {
            LockSupport.parkNanos(PAUSE_NS);
        }
        check();
    }

    /** Commits acknowledged by now. */
    long acknowledged() {
        check();
        return acknowledged;
    }

    /** From now on it is no fault if a commit fails. */
    void expectTheEnd() {
        check();
        ending = true;
    }

    /** Waits for the thread to notice. */
    void join() throws InterruptedException {
        thread.join(JOIN_MS_MAX);
        if (thread.isAlive()) {
            throw new IllegalStateException("the writer goes on although the instance was halted");
        }
        check();
    }

    @Override
    public void run() {
        try {
            while (true) {
                commit(acknowledged);
                positions.addLong(instance.engine().versions().clock().durable());
                acknowledged = positions.size();
            }
        } catch (RuntimeException | Error e) {
            if (!ending || !(e instanceof QuireException)) {
                fault = e;
            }
        }
    }

    private void commit(long number) {
        try (WriteTransaction tx = instance.beginWrite()) {
            WritableTable table = tx.openOrCreateTable(database, TABLE);
            table.put(key(number), value(number));
            table.put(COUNTER, key(number));
            tx.commit();
        }
    }

    private void check() {
        if (fault != null) {
            throw new IllegalStateException("the writer failed: " + fault, fault);
        }
    }

    /** How many commits a state holds that is consistent from this position on; ask when the thread has ended. */
    long acknowledgedBy(long position) {
        int count = 0;
        while (count < positions.size() && positions.getLong(count) <= position) {
            count++;
        }
        return count;
    }

    /**
     * How many commits a table holds, all of them whole and none missing between them; says in {@code differences}
     * else.
     */
    static long count(ReadTransaction tx, Database database, Demo.Differences differences) {
        Table table = tx.table(database, TABLE);
        byte[] newest = table.get(COUNTER);
        if (newest == null || newest.length != Long.BYTES) {
            differences.add("the counter of the commits is missing");
            return 0;
        }
        long count = ByteBuffer.wrap(newest).getLong() + 1;
        for (long number = 0; number < count; number++) {
            if (!Arrays.equals(table.get(key(number)), value(number))) {
                differences.add("commit " + number + " of " + count + " is not what was committed");
            }
        }
        if (table.contains(key(count))) {
            differences.add("commit " + count + " is there in part");
        }
        return count;
    }

    private static byte[] key(long number) {
        return ByteBuffer.allocate(Long.BYTES).putLong(number).array();
    }

    private static byte[] value(long number) {
        byte[] value = new byte[VALUE_BYTES];
        new SplittableRandom(number).nextBytes(value);
        return value;
    }
}

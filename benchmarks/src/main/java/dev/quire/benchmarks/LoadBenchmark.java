package dev.quire.benchmarks;

import dev.quire.Durability;
import dev.quire.WritableTable;
import dev.quire.WriteTransaction;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Loading records in random key order, a thousand puts a transaction, into an empty table: how long, and where the time
 * goes. Every transaction is durable before the next begins. There is no baseline: the parts are one another's.
 *
 * <p>A commit is made in two steps, so that they can be told apart: a lazy one, which encodes the changed pages and
 * copies the records into the log's memory, then the wait until the log is forced. Checkpoints run beside it.
 */
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(
        value = 3,
        jvmArgsAppend = {Flags.HEAP_MIN, Flags.HEAP_MAX, Flags.TOUCH})
@Warmup(iterations = 1)
@Measurement(iterations = 3)
@State(Scope.Thread)
public class LoadBenchmark {

    /** Records to load. */
    @Param("1000000")
    public int records;

    private StoreFixture store;

    /** Where the time went, in milliseconds of the whole load. */
    @AuxCounters(AuxCounters.Type.EVENTS)
    @State(Scope.Thread)
    public static class Parts {

        private long begin;
        private long tree;
        private long commit;
        private long force;

        /** Begins all over. */
        @Setup(Level.Iteration)
        public void clear() {
            begin = tree = commit = force = 0;
        }

        /** Beginning transactions and finding the table. */
        public long beginMs() {
            return TimeUnit.NANOSECONDS.toMillis(begin);
        }

        /** Putting records, the copies of pages included. */
        public long treeMs() {
            return TimeUnit.NANOSECONDS.toMillis(tree);
        }

        /** Comparing pages, encoding records, growing the file, publishing. */
        public long commitMs() {
            return TimeUnit.NANOSECONDS.toMillis(commit);
        }

        /** Writing and forcing the log. */
        public long forceMs() {
            return TimeUnit.NANOSECONDS.toMillis(force);
        }
    }

    /** Makes an empty store. */
    @Setup(Level.Iteration)
    public void open() {
        store = StoreFixture.empty("load");
    }

    /** The whole load. */
    @Benchmark
    public void quire(Parts parts) {
        byte[] key = new byte[Records.KEY_BYTES];
        byte[] value = new byte[Records.VALUE_BYTES];
        for (int start = 0; start < records; start += StoreFixture.PUTS_PER_TRANSACTION) {
            long t0 = System.nanoTime();
            long t1;
            long t2;
            try (WriteTransaction tx = store.instance.beginWrite()) {
                WritableTable table = tx.table(store.database, StoreFixture.TABLE);
                t1 = System.nanoTime();
                for (int i = start; i < Math.min(records, start + StoreFixture.PUTS_PER_TRANSACTION); i++) {
                    Records.key(i, key);
                    Records.value(i, value);
                    table.put(key, value);
                }
                t2 = System.nanoTime();
                tx.commit(Durability.LAZY);
            }
            long t3 = System.nanoTime();
            store.instance.awaitDurable();
            parts.begin += t1 - t0;
            parts.tree += t2 - t1;
            parts.commit += t3 - t2;
            parts.force += System.nanoTime() - t3;
        }
    }

    /** Deletes the store. */
    @TearDown(Level.Iteration)
    public void close() {
        store.close();
    }
}

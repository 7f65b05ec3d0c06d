package dev.quire.benchmarks;

import dev.quire.ReadTransaction;
import dev.quire.Table;
import dev.quire.io.BytesView;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
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
 * A point get of a random key that is there: {@link Table#get(byte[], BytesView)} inside one read transaction, and the
 * first eight bytes of the value. One thread, every page touched before; allocates nothing. The next key depends on the
 * value found, so one get ends before the next begins.
 *
 * <p>Baseline: a bare chain of dependent random reads in a mapped file as large as the database and filled by chance:
 * one long of a page, which says where in which page the next one is. It misses the same caches, without a tree, a
 * comparison or a transaction. Nothing is written; durability plays no part.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(
        value = 3,
        jvmArgsAppend = {Flags.HEAP_MIN, Flags.HEAP_MAX, Flags.TOUCH})
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@State(Scope.Thread)
public class TableGetBenchmark {

    /** Records in the table. */
    @Param("1000000")
    public int records;

    private StoreFixture store;
    private ReadTransaction tx;
    private Table table;
    private BytesView value;
    private final byte[] key = new byte[Records.KEY_BYTES];
    private ByteBuffer map;
    private Path chain;
    private long longs;
    private long step;

    /** Opens both files and touches all of them. */
    @Setup
    public void open() throws IOException {
        store = StoreFixture.loaded(records);
        tx = store.instance.beginRead();
        table = tx.table(store.database, StoreFixture.TABLE);
        value = new BytesView();
        for (int i = 0; i < records; i++) {
            Records.key(i, key);
            table.get(key, value);
        }
        chain = Scratch.fresh("chain");
        try (FileChannel file = Scratch.filled(chain, store.fileBytes(), false)) {
            map = Scratch.mapped(file).order(ByteOrder.LITTLE_ENDIAN);
        }
        longs = map.capacity() / Long.BYTES;
        System.gc();
    }

    /** Through the API. */
    @Benchmark
    public long quire() {
        Records.key(Records.pick(step, records), key);
        if (!table.get(key, value)) {
            throw new IllegalStateException("a key is missing");
        }
        long found = value.getLong(0);
        step += 1 + (found & 1);
        return found;
    }

    /** Baseline: one long, which leads to the next. */
    @Benchmark
    public long bareChain() {
        long at = (Records.mix(step) >>> 32) * longs >>> 32;
        long found = map.getLong((int) at * Long.BYTES);
        step += 1 + (found & 1);
        return found;
    }

    /** Deletes what is not kept. */
    @TearDown
    public void close() {
        tx.close();
        store.close();
        Scratch.delete(chain);
    }
}

package dev.quire.benchmarks;

import dev.quire.Cursor;
import dev.quire.ReadTransaction;
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
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * A full scan: a {@link Cursor} over a million records, and of each the sum of its value, twelve longs and an int.
 * Every page was touched before.
 *
 * <p>Baseline: the same sum over the same values, one behind the other in a mapped file, in the order of the keys. One
 * operation is one record in both. Nothing is written; durability plays no part.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(
        value = 3,
        jvmArgsAppend = {Flags.HEAP_MIN, Flags.HEAP_MAX, Flags.TOUCH})
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@State(Scope.Thread)
public class ScanBenchmark {

    private static final int RECORDS = 1_000_000;
    private static final int LONGS_END = Records.VALUE_BYTES - Records.VALUE_BYTES % Long.BYTES;

    private StoreFixture store;
    private ReadTransaction tx;
    private Cursor cursor;
    private BytesView value;
    private Path flat;
    private ByteBuffer map;

    /** Opens the store, and writes its values one behind the other. */
    @Setup
    public void open() throws IOException {
        store = StoreFixture.loaded(RECORDS);
        tx = store.instance.beginRead();
        cursor = tx.table(store.database, StoreFixture.TABLE).cursor();
        value = new BytesView();
        flat = Scratch.fresh("flat");
        try (FileChannel file = Scratch.filled(flat, (long) RECORDS * Records.VALUE_BYTES, true)) {
            ByteBuffer target = file.map(FileChannel.MapMode.READ_WRITE, 0, file.size());
            for (boolean on = cursor.first(); on; on = cursor.next()) {
                cursor.value(value);
                value.getBytes(0, target, Records.VALUE_BYTES);
            }
            map = Scratch.mapped(file).order(ByteOrder.LITTLE_ENDIAN);
        }
        if (quire() != bareSum()) {
            throw new IllegalStateException("the scan reads something else than was loaded");
        }
        System.gc();
    }

    /** Through the API. */
    @Benchmark
    @OperationsPerInvocation(RECORDS)
    public long quire() {
        long sum = 0;
        for (boolean on = cursor.first(); on; on = cursor.next()) {
            cursor.value(value);
            for (int i = 0; i < LONGS_END; i += Long.BYTES) {
                sum += value.getLong(i);
            }
            sum += value.getInt(LONGS_END);
        }
        return sum;
    }

    /** Baseline: the same bytes without a tree. */
    @Benchmark
    @OperationsPerInvocation(RECORDS)
    public long bareSum() {
        long sum = 0;
        for (int at = 0, end = RECORDS * Records.VALUE_BYTES; at < end; at += Records.VALUE_BYTES) {
            for (int i = 0; i < LONGS_END; i += Long.BYTES) {
                sum += map.getLong(at + i);
            }
            sum += map.getInt(at + LONGS_END);
        }
        return sum;
    }

    /** Deletes what is not kept. */
    @TearDown
    public void close() {
        tx.close();
        store.close();
        Scratch.delete(flat);
    }
}

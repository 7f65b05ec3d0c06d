package dev.quire.benchmarks;

import dev.quire.Database;
import dev.quire.Durability;
import dev.quire.Instance;
import dev.quire.InstanceConfig;
import dev.quire.InstanceStats;
import dev.quire.WriteTransaction;
import dev.quire.durable.Names;
import dev.quire.io.log.LogFiles;
import dev.quire.io.log.Lsn;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32C;
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
 * Opening an instance that was halted as a crash would: survey of the log, redo of all of it, and the log ready for the
 * next commit. What it reads was written by transactions of a thousand random puts into an empty table, without a
 * checkpoint; it ends in the middle of a generation, so the next one stands ready, as it does but for some milliseconds
 * behind each switch. What is measured ends when the instance is open: the log is verified to its end, every page
 * redone is in memory, and the log can take the next commit. The pages go to the file with the next checkpoint, which
 * is no part of it, as closing is not.
 *
 * <p>Baseline: the same log, from its first byte to its end, read 256 KiB at a time, with a CRC32C of all of it. Both
 * find the log in the system's cache. Every iteration recovers a copy of its own, after as much memory as recovery
 * takes was touched and freed again: a virtual machine hands out memory that it has had before several times as fast.
 * What that left to be done on the disk is done before.
 */
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(
        value = 3,
        jvmArgsAppend = {Flags.HEAP_MIN, Flags.HEAP_MAX, Flags.TOUCH})
@Warmup(iterations = 30)
@Measurement(iterations = 10)
@State(Scope.Thread)
public class RecoveryBenchmark {

    private static final long MIB = 1 << 20;
    private static final int READ_BYTES = 256 * 1024;

    /** Log to be recovered. */
    @Param("128")
    public int logMiB;

    private final ByteBuffer chunk = ByteBuffer.allocateDirect(READ_BYTES);
    private Path halted;
    private Path copy;
    private long end;
    private Instance recovered;

    /** Makes the halted instance. */
    @Setup
    public void halt() throws IOException, InterruptedException {
        halted = Scratch.fresh("halted");
        Instance instance = config(halted).open();
        Database database = instance.openOrCreate(StoreFixture.DATABASE);
        try (WriteTransaction tx = instance.beginWrite()) {
            tx.createTable(database, StoreFixture.TABLE);
            tx.commit();
        }
        int step = StoreFixture.PUTS_PER_TRANSACTION;
        for (int from = 0; !isLongEnough(instance.stats()); from += step) {
            StoreFixture.load(instance, database, from, from + step, Durability.LAZY);
        }
        instance.awaitDurable();
        end = instance.stats().appended();
        Path next = LogFiles.path(halted.resolve(Names.LOG), Lsn.generation(end) + 1);
        while (!Files.exists(next)) {
            Thread.sleep(1);
        }
        instance.halt();
    }

    private boolean isLongEnough(InstanceStats stats) throws IOException {
        long generationBytes = Files.size(LogFiles.path(halted.resolve(Names.LOG), 1));
        boolean inTheMiddle = Lsn.offset(stats.appended()) > generationBytes / 2;
        return stats.depthBytes() >= logMiB * MIB && inTheMiddle;
    }

    /** Copies it, touches what was copied, and touches the memory that the pages will take. */
    @Setup(Level.Iteration)
    public void copy() throws IOException {
        copy = Scratch.fresh("recovering");
        for (Path file : Scratch.files(halted)) {
            Path target = copy.resolve(halted.relativize(file).toString());
            Files.createDirectories(target.getParent());
            Files.copy(file, target);
            try (FileChannel channel = FileChannel.open(target, java.nio.file.StandardOpenOption.WRITE)) {
                channel.force(true);
            }
        }
        System.gc(); // the memory of the last one
        Path memory = Scratch.fresh("memory");
        Scratch.filled(memory, 2 * logMiB * MIB, true).close();
        Scratch.delete(memory);
        try (FileChannel directory = FileChannel.open(copy)) {
            directory.force(true);
        }
    }

    /** Through the API. */
    @Benchmark
    public Instance quire() {
        recovered = config(copy).open();
        return recovered;
    }

    /** Baseline: the log read and checked as a stream of bytes. */
    @Benchmark
    public long bareReadAndCrc() throws IOException {
        CRC32C crc = new CRC32C();
        for (int generation = 1; generation <= Lsn.generation(end); generation++) {
            Path file = LogFiles.path(copy.resolve(Names.LOG), generation);
            try (FileChannel channel = FileChannel.open(file)) {
                long left = generation == Lsn.generation(end) ? Lsn.offset(end) : channel.size();
                while (left > 0) {
                    int count = channel.read(chunk.clear().limit((int) Math.min(left, READ_BYTES)));
                    if (count < 0) {
                        throw new EOFException(file + ": " + left + " bytes are missing");
                    }
                    crc.update(chunk.flip());
                    left -= count;
                }
            }
        }
        return crc.getValue();
    }

    /** Ends what was recovered. */
    @TearDown(Level.Iteration)
    public void end() {
        if (recovered != null) {
            recovered.halt();
            recovered = null;
        }
        Scratch.delete(copy);
    }

    /** Deletes the halted instance. */
    @TearDown
    public void delete() {
        Scratch.delete(halted);
    }

    private InstanceConfig config(Path directory) {
        return Instance.configure(directory)
                .memoryBytes(1024 * MIB)
                .checkpointBytes(16 * logMiB * MIB)
                .checkpointDepthBytesMax(64 * logMiB * MIB)
                .checkpointIntervalMs(TimeUnit.HOURS.toMillis(1));
    }
}

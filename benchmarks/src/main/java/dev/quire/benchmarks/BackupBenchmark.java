package dev.quire.benchmarks;

import dev.quire.backup.Backup;
import dev.quire.backup.BackupReport;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
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
 * A full online backup of an idle instance: pages and log copied, every used page and every record verified, all of it
 * forced to disk and published.
 *
 * <p>Baseline: {@code cp -r} of such a backup, so that it is the same files, then a force of every file and directory
 * of the copy, without looking at a byte. Before each copy what will be read is read, and the memory it will fill is
 * touched and freed again, since a virtual machine hands out memory that it has had before several times as fast.
 */
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(
        value = 3,
        jvmArgsAppend = {Flags.HEAP_MIN, Flags.HEAP_MAX, Flags.TOUCH})
@Warmup(iterations = 3)
@Measurement(iterations = 7)
@State(Scope.Thread)
public class BackupBenchmark {

    /** Records in the table: about 160 bytes of database each. */
    @Param("1000000")
    public int records;

    private StoreFixture store;
    private Path set;
    private Path destination;

    /** Opens the store, and makes what the baseline copies. */
    @Setup
    public void open() {
        store = StoreFixture.loaded(records);
        set = Scratch.fresh("set");
        Backup.full(store.instance, set, (phase, done, total) -> {});
    }

    /** Reads the sources, and touches as much memory as a copy will take. */
    @Setup(Level.Iteration)
    public void touch() throws IOException {
        destination = Scratch.fresh("copy");
        read(store.databaseFile());
        for (Path file : Scratch.files(set)) {
            read(file);
        }
        Path memory = Scratch.fresh("memory");
        Scratch.filled(memory, 2 * store.fileBytes(), true).close();
        Scratch.delete(memory);
    }

    private static void read(Path path) throws IOException {
        ByteBuffer chunk = ByteBuffer.allocateDirect(1 << 20);
        try (FileChannel file = FileChannel.open(path)) {
            for (int count = 0; count >= 0; count = file.read(chunk.clear())) {}
        }
    }

    /** Through the API. */
    @Benchmark
    public BackupReport quire() {
        return Backup.full(store.instance, destination, (phase, done, total) -> {});
    }

    /** Baseline: a plain copy, forced. */
    @Benchmark
    public void bareCopy() throws IOException, InterruptedException {
        int exit = new ProcessBuilder("cp", "-r", set.toString(), destination.toString())
                .inheritIO()
                .start()
                .waitFor();
        if (exit != 0) {
            throw new IOException("cp ended with exit=" + exit);
        }
        for (Path file : Scratch.files(destination)) {
            force(file);
        }
        force(destination);
        force(destination.getParent());
    }

    private static void force(Path path) throws IOException {
        try (FileChannel channel = FileChannel.open(path)) {
            channel.force(true);
        }
    }

    /** Deletes the copy. */
    @TearDown(Level.Iteration)
    public void delete() {
        Scratch.delete(destination);
    }

    /** Deletes what is not kept. */
    @TearDown
    public void close() {
        store.close();
        Scratch.delete(set);
    }
}

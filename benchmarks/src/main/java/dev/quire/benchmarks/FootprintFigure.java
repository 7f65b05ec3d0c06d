package dev.quire.benchmarks;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.FutureTask;

/**
 * What a backup takes besides time, beside a writer: heap and memory of the process, and what becomes of the files that
 * it is taken from. Looks every few milliseconds; the heap is not collected meanwhile, so what is used more at the end
 * is all that was allocated, by the writer as well.
 */
final class FootprintFigure {

    private static final int PAUSE_MS = 2_000;
    private static final int LOOK_MS = 5;
    private static final Path STATUS = Path.of("/proc/self/status");

    private FootprintFigure() {}

    /** Bytes at one moment. */
    private record Sizes(long heap, long direct, long anonymous, long database, long directory) {

        static Sizes of(Volume volume) throws IOException {
            return new Sizes(
                    ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed(),
                    MemoryReport.pool("direct"),
                    residentBytes(),
                    volume.bytes(),
                    Bare.bytes(volume.directory()));
        }

        Sizes max(Sizes other) {
            return new Sizes(
                    Math.max(heap, other.heap),
                    Math.max(direct, other.direct),
                    Math.max(anonymous, other.anonymous),
                    Math.max(database, other.database),
                    Math.max(directory, other.directory));
        }

        /** What of the process is in memory and in no file; 0 where the system does not say. */
        private static long residentBytes() throws IOException {
            if (!Files.exists(STATUS)) {
                return 0;
            }
            return Files.readAllLines(STATUS).stream()
                    .filter(line -> line.startsWith("RssAnon:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) << 10)
                    .sum();
        }
    }

    static List<String> rows(Volume volume) throws Exception {
        Path copy = Scratch.fresh("copy");
        try (CommittingThread writer = new CommittingThread(volume)) {
            writer.alone();
            volume.backup(copy); // code and threads come first
            Bare.ready(copy, volume.directory());
            System.gc();
            long start = System.nanoTime();
            String beside = row("backup beside a writer", volume, () -> volume.backup(copy));
            long ms = (System.nanoTime() - start) / 1_000_000;
            Thread.sleep(PAUSE_MS);
            System.gc();
            String alone = row("the writer for as long", volume, () -> Thread.sleep(ms));
            return List.of(
                    "",
                    "| most of it, beyond what was before, KiB | heap allocated | direct memory | process, no files"
                            + " | database | all files |",
                    "|---|---:|---:|---:|---:|---:|",
                    beside,
                    alone);
        } finally {
            Scratch.delete(copy);
        }
    }

    private static String row(String what, Volume volume, Series.Step step) throws Exception {
        Sizes before = Sizes.of(volume);
        Sizes most = before;
        FutureTask<Void> task = new FutureTask<>(() -> {
            step.run();
            return null;
        });
        new Thread(task, "measured").start();
        while (!task.isDone()) {
            Thread.sleep(LOOK_MS);
            most = most.max(Sizes.of(volume));
        }
        task.get();
        return String.format(
                Locale.ROOT,
                "| %s | %,d | %,d | %,d | %,d | %,d |",
                what,
                most.heap - before.heap >> 10,
                most.direct - before.direct >> 10,
                most.anonymous - before.anonymous >> 10,
                most.database - before.database >> 10,
                most.directory - before.directory >> 10);
    }
}

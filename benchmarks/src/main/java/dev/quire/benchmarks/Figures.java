package dev.quire.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

/**
 * Runs every pair of the suite and prints the table of {@code RESULTS.md}: in each round a benchmark and its baseline
 * one right after the other, a fork each, and their ratio; of the rounds the median, and how far they lie apart. A
 * ratio is a rate through a rate, so that more is better, and 1 is as good as the baseline.
 */
public final class Figures {

    private static final int ROUNDS = 5;
    private static final int ITERATIONS = 3;
    /** Seconds until the code of a commit is compiled: it waits for the disk, and so is called too rarely for less. */
    private static final int COMMIT_WARMUP = 12;

    private static final String ALLOCATED = "gc.alloc.rate.norm";

    private static final List<Pair> PAIRS = List.of(
            new Pair("hot page read", "PageReadBenchmark.quire", "PageReadBenchmark.bare", 0.5),
            new Pair("first touch of a page", "FirstTouchBenchmark.quire", "FirstTouchBenchmark.bare", 0),
            new Pair("point get of 1,000,000", "TableGetBenchmark.quire", "TableGetBenchmark.bareChain", 0.25),
            new Pair("full scan", "ScanBenchmark.quire", "ScanBenchmark.bareSum", 0.2),
            new Pair("durable commit, 1 writer", "CommitBenchmark.quire1", "CommitBenchmark.bare1", 0.85),
            new Pair("16 writers through 1 writer", "CommitBenchmark.quire16", "CommitBenchmark.quire1", 4),
            new Pair("durable commit, 16 writers", "CommitBenchmark.quire16", "CommitBenchmark.bare16", 0),
            new Pair("recovery", "RecoveryBenchmark.quire", "RecoveryBenchmark.bareReadAndCrc", 0.3));

    /** Those that come with a number of single shots, not with a time. */
    private static final Set<String> SHOTS = Set.of("FirstTouchBenchmark", "RecoveryBenchmark");

    private Figures() {}

    /** What is measured, against what, and the ratio that is promised; 0 if none is. */
    private record Pair(String name, String ours, String baseline, double atLeast) {}

    /** One score, its unit, whether more of it is better, and the heap it takes. */
    private record Score(double value, String unit, boolean rate, double allocatedBytes) {

        double ratioTo(Score baseline) {
            return rate ? value / baseline.value : baseline.value / value;
        }
    }

    /**
     * Arguments: rounds, if other than {@value #ROUNDS}, then parts of names if not all pairs shall run. The directory
     * is the property {@value Scratch#DIRECTORY}, or a temporary one.
     */
    public static void main(String[] args) throws IOException, RunnerException {
        int rounds = args.length > 0 ? Integer.parseInt(args[0]) : ROUNDS;
        List<String> parts = Arrays.asList(args).subList(Math.min(1, args.length), args.length);
        String kept = System.getProperty(Scratch.DIRECTORY);
        Path directory = kept == null ? Files.createTempDirectory("quire-figures-") : Path.of(kept);
        try {
            List<String> rows = new ArrayList<>();
            for (Pair pair : PAIRS) {
                if (parts.isEmpty() || parts.stream().anyMatch(pair.name()::contains)) {
                    rows.add(row(pair, rounds, directory));
                }
            }
            print(rows, rounds);
        } finally {
            if (kept == null) {
                Scratch.delete(directory);
            }
        }
    }

    private static void print(List<String> rows, int rounds) {
        System.out.printf(
                "%n%s, %s %s, %d processors, JDK %s (%s), flags %s %s %s, %d rounds%n%n",
                LocalDate.now(ZoneOffset.UTC),
                System.getProperty("os.name"),
                System.getProperty("os.version"),
                Runtime.getRuntime().availableProcessors(),
                Runtime.version(),
                System.getProperty("java.vm.name"),
                Flags.HEAP_MIN,
                Flags.HEAP_MAX,
                Flags.TOUCH,
                rounds);
        System.out.println("| | Quire | baseline | ratio | rounds | promised | B/op |");
        System.out.println("|---|---:|---:|---:|---:|---:|---:|");
        rows.forEach(System.out::println);
    }

    private static String row(Pair pair, int rounds, Path directory) throws RunnerException {
        List<Score> ours = new ArrayList<>();
        List<Score> baselines = new ArrayList<>();
        double[] ratios = new double[rounds];
        for (int round = 0; round < rounds; round++) {
            baselines.add(score(pair.baseline(), directory));
            ours.add(score(pair.ours(), directory));
            ratios[round] = ours.get(round).ratioTo(baselines.get(round));
        }
        Arrays.sort(ratios);
        return String.format(
                Locale.ROOT,
                "| %s | %s | %s | %.2f | %.2f to %.2f | %s | %.1f |",
                pair.name(),
                median(ours),
                median(baselines),
                ratios[rounds / 2],
                ratios[0],
                ratios[rounds - 1],
                pair.atLeast() == 0 ? "" : "at least " + pair.atLeast(),
                ours.stream().mapToDouble(Score::allocatedBytes).max().orElseThrow());
    }

    private static String median(List<Score> scores) {
        double[] values = scores.stream().mapToDouble(Score::value).sorted().toArray();
        return String.format(
                Locale.ROOT,
                "%,.1f %s",
                values[values.length / 2],
                scores.get(0).unit());
    }

    private static Score score(String benchmark, Path directory) throws RunnerException {
        boolean shots = SHOTS.contains(benchmark.substring(0, benchmark.indexOf('.')));
        OptionsBuilder options = new OptionsBuilder();
        options.include("\\." + benchmark.replace(".", "\\.") + "$")
                .forks(1)
                .jvmArgsAppend(Flags.HEAP_MIN, Flags.HEAP_MAX, Flags.TOUCH, "-D" + Scratch.DIRECTORY + "=" + directory)
                .addProfiler(GCProfiler.class)
                .shouldFailOnError(true);
        if (!shots) {
            options.warmupIterations(benchmark.startsWith("Commit") ? COMMIT_WARMUP : ITERATIONS)
                    .warmupTime(TimeValue.seconds(1))
                    .measurementIterations(ITERATIONS)
                    .measurementTime(TimeValue.seconds(1));
        }
        if (benchmark.startsWith("PageRead")) {
            options.param("pages", "256");
        }
        return score(options.build());
    }

    private static Score score(Options options) throws RunnerException {
        RunResult result = new Runner(options).runSingle();
        Result<?> primary = result.getPrimaryResult();
        double allocated = Double.NaN;
        for (String name : result.getSecondaryResults().keySet()) {
            if (name.endsWith(ALLOCATED)) {
                allocated = result.getSecondaryResults().get(name).getScore();
            }
        }
        String unit = primary.getScoreUnit();
        return new Score(primary.getStatistics().getPercentile(50), unit, unit.startsWith("ops/"), allocated);
    }
}

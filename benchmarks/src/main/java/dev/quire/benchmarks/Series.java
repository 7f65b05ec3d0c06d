package dev.quire.benchmarks;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/** The values of one quantity, round by round. The first {@value #WARMUPS} is forgotten: code is compiled then. */
final class Series {

    static final int WARMUPS = 1;

    private static final double NS_PER_MS = 1e6;

    private final List<Double> values = new ArrayList<>();
    private int forgotten;

    /** Something to be timed. */
    @FunctionalInterface
    interface Step {
        void run() throws Exception;
    }

    /** Adds how long it takes, in milliseconds. */
    void time(Step step) throws Exception {
        long start = System.nanoTime();
        step.run();
        add((System.nanoTime() - start) / NS_PER_MS);
    }

    void add(double value) {
        if (forgotten < WARMUPS) {
            forgotten++;
        } else {
            values.add(value);
        }
    }

    double median() {
        return sorted()[values.size() / 2];
    }

    /** Of each round, {@code this} through {@code other}. */
    Series through(Series other) {
        return of(IntStream.range(0, values.size())
                .mapToObj(i -> values.get(i) / other.values.get(i))
                .toList());
    }

    /** Of each round, {@code share} of this and {@code otherShare} of the other together. */
    Series plus(double share, Series other, double otherShare) {
        return of(IntStream.range(0, values.size())
                .mapToObj(i -> values.get(i) * share + other.values.get(i) * otherShare)
                .toList());
    }

    private static Series of(List<Double> values) {
        Series series = new Series();
        series.forgotten = WARMUPS;
        series.values.addAll(values);
        return series;
    }

    /**
     * A row of a table: what it is, ours, the baseline, the ratio, how far the rounds lie apart, what was promised.
     */
    static String row(String what, String unit, Series ours, Series baseline, Series ratio, String promised) {
        double[] ratios = ratio.sorted();
        return String.format(
                Locale.ROOT,
                "| %s | %,.0f %s | %,.0f %s | %.2f | %.2f to %.2f | %s |",
                what,
                ours.median(),
                unit,
                baseline.median(),
                unit,
                ratio.median(),
                ratios[0],
                ratios[ratios.length - 1],
                promised);
    }

    private double[] sorted() {
        return values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    }
}

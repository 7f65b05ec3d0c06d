package dev.quire.benchmarks;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Prints the tables of {@code RESULTS.md} that are about backups: {@code full}, {@code incremental}, {@code restore},
 * {@code verify}, {@code rate}, {@code beside} and {@code footprint}. What is measured and its baseline take turns in
 * one JVM; of the rounds the median, and how far they lie apart. A ratio is the baseline's time through ours, so that
 * more is better.
 */
public final class BackupFigures {

    private static final int ROUNDS = 5;
    private static final int RECORDS = 1_000_000;

    private BackupFigures() {}

    /**
     * Arguments: rounds, if other than {@value #ROUNDS}; records, if other than {@value #RECORDS}, each some 1,500
     * bytes of database; then names of tables if not all shall be made. The directory is the property {@value
     * Scratch#DIRECTORY}, or a temporary one.
     */
    public static void main(String[] args) throws Exception {
        int rounds = args.length > 0 ? Integer.parseInt(args[0]) : ROUNDS;
        int records = args.length > 1 ? Integer.parseInt(args[1]) : RECORDS;
        List<String> names = Arrays.asList(args).subList(Math.min(2, args.length), args.length);
        inScratch(() -> {
            System.out.println(machine(rounds));
            for (Table table : Table.values()) {
                if (names.isEmpty() || names.contains(table.name().toLowerCase(Locale.ROOT))) {
                    table.rows(records, rounds).forEach(System.out::println);
                }
            }
        });
    }

    private enum Table {
        FULL,
        INCREMENTAL,
        RESTORE,
        VERIFY,
        RATE,
        BESIDE,
        FOOTPRINT;

        List<String> rows(int records, int rounds) throws Exception {
            try (Volume volume = Volume.open(records, this != INCREMENTAL && this != RESTORE)) {
                return switch (this) {
                    case FULL -> HotBackupFigure.rows(List.of(volume), rounds);
                    case INCREMENTAL -> IncrementalFigure.rows(volume, rounds);
                    case RESTORE -> RestoreFigure.rows(volume, rounds);
                    case VERIFY -> VerifyFigure.rows(volume, rounds);
                    case RATE -> RateFigure.rows(volume, rounds);
                    case BESIDE -> BesideFigure.rows(volume, rounds);
                    case FOOTPRINT -> FootprintFigure.rows(volume);
                };
            }
        }
    }

    /** Does it with a directory to work in; deletes that if nobody named it. */
    static void inScratch(Series.Step step) throws Exception {
        if (Scratch.isKept()) {
            step.run();
            return;
        }
        Path directory = Files.createTempDirectory("quire-figures-");
        System.setProperty(Scratch.DIRECTORY, directory.toString());
        try {
            step.run();
        } finally {
            Scratch.delete(directory);
        }
    }

    /** What is measured on, and the head of a table. */
    static String machine(int rounds) {
        return String.format(
                "%s, %s %s, %d processors, JDK %s, %d rounds behind %d%n%n%s%n%s",
                LocalDate.now(ZoneOffset.UTC),
                System.getProperty("os.name"),
                System.getProperty("os.version"),
                Runtime.getRuntime().availableProcessors(),
                Runtime.version(),
                rounds,
                Series.WARMUPS,
                "| | measured | baseline | ratio | rounds | promised |",
                "|---|---:|---:|---:|---:|---:|");
    }
}

package dev.quire.benchmarks;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.stream.LongStream;

/**
 * Prints the table of {@code RESULTS.md} in which Quire's full backup stands beside the hot backups of LMDB, SQLite and
 * RocksDB: equal records in each, loaded in the order of their keys by the others, a round of all of them in turn, each
 * beside {@code cp} and fsync of what it makes and with its own durable writer. Of the three only RocksDB looks at what
 * it copies.
 */
public final class PeerFigures {

    private static final int ROUNDS = 3;
    private static final int RECORDS = 1_000_000;
    private static final int RECORDS_A_TRANSACTION = 10_000;

    private PeerFigures() {}

    /** Makes or opens a store in a directory. */
    private interface Opening {
        Peer open(Path directory, int records, boolean durable) throws Exception;
    }

    /**
     * Arguments: rounds, if other than {@value #ROUNDS}; records, if other than {@value #RECORDS}. The directory is the
     * property {@value Scratch#DIRECTORY}, or a temporary one.
     */
    public static void main(String[] args) throws Exception {
        int rounds = args.length > 0 ? Integer.parseInt(args[0]) : ROUNDS;
        int records = args.length > 1 ? Integer.parseInt(args[1]) : RECORDS;
        BackupFigures.inScratch(() -> {
            List<HotStore> stores = new ArrayList<>();
            try {
                stores.add(Volume.open(records, true));
                stores.add(open("lmdb", records, Lmdb::new));
                stores.add(open("sqlite", records, Sqlite::new));
                stores.add(open("rocksdb", records, Rocks::new));
                System.out.println(BackupFigures.machine(rounds));
                HotBackupFigure.rows(stores, rounds).forEach(System.out::println);
            } finally {
                Collections.reverse(stores);
                stores.forEach(HotStore::close);
            }
        });
    }

    private static Peer open(String name, int records, Opening opening) throws Exception {
        Path directory = Scratch.path(name + '-' + records);
        Path ready = directory.resolveSibling(directory.getFileName() + ".ready");
        if (!Files.exists(ready)) {
            Scratch.delete(directory);
            Files.createDirectory(directory);
            try (Peer peer = opening.open(directory, records, false)) {
                List<Long> numbers = inKeyOrder(records);
                for (int from = 0; from < records; from += RECORDS_A_TRANSACTION) {
                    peer.load(numbers.subList(from, Math.min(records, from + RECORDS_A_TRANSACTION)));
                }
            }
            Bare.force(directory);
            Files.createFile(ready);
        }
        return opening.open(directory, records, true);
    }

    /** In any other order LMDB's file would be twice as large, and SQLite's a third larger. */
    private static List<Long> inKeyOrder(int records) {
        Comparator<Long> byKey =
                (a, b) -> Long.compareUnsigned(Records.mix(2 * a), Records.mix(2 * b)); // its first eight bytes
        return LongStream.range(0, records).boxed().sorted(byKey).toList();
    }
}

package dev.quire.cli;

import dev.quire.Cursor;
import dev.quire.Instance;
import dev.quire.ReadTransaction;
import java.io.IOException;
import java.util.Arrays;
import picocli.CommandLine;
import picocli.CommandLine.Option;

/** Prints entries in the order of their keys. */
@CommandLine.Command(
        name = "scan",
        description = {
            "Prints entries in the order of their keys, a line each: key, TAB, value.",
            "Keys and values are printed as UTF-8; bytes that cannot be shown, and the backslash, as \\xNN."
        })
final class ScanCommand extends TableCommand {

    @Option(names = "--from", paramLabel = "KEY", description = "The first key, or where the first would be.")
    private String from;

    @Option(names = "--to", paramLabel = "KEY", description = "Stops before this key.")
    private String to;

    @Option(names = "--limit", paramLabel = "N", description = "At most so many entries.")
    private long limit = Long.MAX_VALUE;

    @Option(names = "--reverse", description = "From the highest key down; the bounds stay what they are.")
    private boolean reverse;

    @Option(names = "--keys-only", description = "Prints keys alone.")
    private boolean keysOnly;

    @Override
    int run() throws IOException {
        if (limit < 0) {
            throw misuse("--limit must not be negative: " + limit);
        }
        byte[] low = bound(from);
        byte[] high = bound(to);
        try (Instance opened = open(Instances.existing(instance));
                ReadTransaction tx = opened.beginRead()) {
            Cursor cursor = tx.table(opened.database(database), table).cursor();
            scan(cursor, low, high);
        }
        return ExitCodes.OK;
    }

    private void scan(Cursor cursor, byte[] low, byte[] high) throws IOException {
        Entries entries = Entries.to(output());
        long left = limit;
        boolean there = left > 0 && start(cursor, low, high);
        while (there) {
            byte[] key = cursor.key();
            byte[] end = reverse ? low : high;
            int order = end == null ? -1 : Arrays.compareUnsigned(key, end);
            if (end != null && (reverse ? order < 0 : order >= 0)) {
                break;
            }
            entries.entry(key, keysOnly ? null : cursor.value());
            cancellation().check();
            there = --left > 0 && (reverse ? cursor.previous() : cursor.next());
        }
        entries.end();
    }

    private boolean start(Cursor cursor, byte[] low, byte[] high) {
        if (reverse) {
            return high == null ? cursor.last() : cursor.seekLower(high);
        }
        return low == null ? cursor.first() : cursor.seek(low);
    }

    /** No key is below the empty one, so it bounds nothing. */
    private byte[] bound(String argument) {
        return argument == null || argument.isEmpty() ? null : bytes(argument);
    }
}

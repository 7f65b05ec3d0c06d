package dev.quire.backup;

import dev.quire.durable.Mended;
import dev.quire.io.CorruptionException;
import dev.quire.io.QuireError;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;
import org.agrona.collections.Long2ObjectHashMap;

/**
 * Pages of one database that did not verify, until the log is known, which may rebuild them. Of each one bit is kept,
 * for every one must be judged; of the first ones also what they said. So a database in which everything is bad costs
 * no more memory than one that was written to at random while it was copied. Any thread may note.
 */
final class BadPages {

    /** How many are told of, each in words of its own. */
    static final int TOLD_MAX = 100;

    private static final int BLOCK_SHIFT = 16;
    private static final int BLOCK_WORDS = 1 << BLOCK_SHIFT - 6;

    private final int database;
    private final Path origin;
    private final UsageMap use;
    private final Long2ObjectHashMap<long[]> blocks = new Long2ObjectHashMap<>();
    private final Long2ObjectHashMap<String> messages = new Long2ObjectHashMap<>();
    private final List<Long> rebuilt = new ArrayList<>();
    private final ReentrantLock lock = new ReentrantLock();
    private long rebuiltCount;

    /**
     * Of a copy of the database with that number; {@code use} says how long its extents are. {@code origin} is what
     * people are told of: the copy itself goes when it is not good.
     */
    BadPages(int database, Path origin, UsageMap use) {
        this.database = database;
        this.origin = origin;
        this.use = use;
    }

    /** What people are told of. */
    Path origin() {
        return origin;
    }

    /** Notes a page, or an extent by its first. */
    void add(long page, CorruptionException fault) {
        lock.lock();
        try {
            long[] block = blocks.computeIfAbsent(page >>> BLOCK_SHIFT, key -> new long[BLOCK_WORDS]);
            block[(int) (page >>> 6) & BLOCK_WORDS - 1] |= 1L << page;
            if (messages.size() < TOLD_MAX) {
                boolean copied = !fault.file().equals(Optional.of(origin));
                messages.put(page, fault.getMessage() + (copied ? ", copied from " + origin : ""));
            }
        } finally {
            lock.unlock();
        }
    }

    /** Adds those that the log does not rebuild to {@code faults}. */
    void judge(ImagedPages imaged, Faults faults) {
        long[] order =
                blocks.keySet().stream().mapToLong(Long::longValue).sorted().toArray();
        for (long number : order) {
            long[] block = blocks.get(number);
            for (int word = 0; word < BLOCK_WORDS; word++) {
                for (long bits = block[word]; bits != 0; bits &= bits - 1) {
                    long page = (number << BLOCK_SHIFT) + (word << 6) + Long.numberOfTrailingZeros(bits);
                    judge(page, imaged, faults);
                }
            }
        }
    }

    private void judge(long page, ImagedPages imaged, Faults faults) {
        if (!imaged.covers(database, page, use.span(page))) {
            String said = messages.get(page);
            faults.add(said == null ? origin + ": page " + page + " does not verify" : said);
        } else if (++rebuiltCount <= TOLD_MAX) {
            rebuilt.add(page);
        }
    }

    /** What was judged and is no fault, if there was any. */
    Optional<Mended> rebuilt() {
        if (rebuiltCount == 0) {
            return Optional.empty();
        }
        String pages = rebuilt.stream().map(String::valueOf).collect(Collectors.joining(", "));
        String more = rebuiltCount > rebuilt.size() ? " and " + (rebuiltCount - rebuilt.size()) + " more" : "";
        return Optional.of(
                new Mended(origin, "does not verify, and the log of the backup rebuilds it: page " + pages + more));
    }

    /** What is wrong: the first of it in words, the rest as a number. Any thread. */
    static final class Faults {

        private final int toldMax;
        private final List<String> told = new ArrayList<>();
        private final ReentrantLock lock = new ReentrantLock();
        private long count;

        Faults(int toldMax) {
            this.toldMax = toldMax;
        }

        void add(String fault) {
            lock.lock();
            try {
                count++;
                if (told.size() < toldMax) {
                    told.add(fault);
                }
            } finally {
                lock.unlock();
            }
        }

        long count() {
            return count;
        }

        /**
         * Ends what they are faults of, if there are any.
         *
         * @throws CorruptionException {@code READ_VERIFY_FAILURE}
         */
        void check(String what) {
            if (count > 0) {
                throw new CorruptionException(
                        QuireError.READ_VERIFY_FAILURE,
                        null,
                        what + ": " + count + "; " + String.join("; ", told()),
                        null);
            }
        }

        /** Those that are told, and how many there are besides. */
        List<String> told() {
            lock.lock();
            try {
                List<String> all = new ArrayList<>(told);
                if (count > all.size()) {
                    all.add("and " + (count - told.size()) + " more that are not listed");
                }
                return List.copyOf(all);
            } finally {
                lock.unlock();
            }
        }
    }
}

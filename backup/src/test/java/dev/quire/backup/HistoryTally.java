package dev.quire.backup;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import java.util.TreeMap;

/** How often things happened in many histories: a run in which hardly anything succeeds tests nothing. */
final class HistoryTally {

    static final String HISTORIES = "histories";

    private final Map<String, Integer> counts = new TreeMap<>();

    void add(String what) {
        counts.merge(what, 1, Integer::sum);
    }

    /** Does not ask that of a seed that runs alone. */
    void atLeast(int least, String... each) {
        if (counts.getOrDefault(HISTORIES, 0) < 2) {
            return;
        }
        for (String what : each) {
            int count = counts.getOrDefault(what, 0);
            assertTrue(count >= least, () -> what + '=' + count + " least=" + least + " of " + counts);
        }
    }

    @Override
    public String toString() {
        return counts.toString();
    }
}

package dev.quire.backup;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Random histories of an instance and its backups: chains of every kind, changes of what is attached, switches of
 * circular logging, restores that are gone on with, crashes at random operations. Whatever the rules say must be there
 * gives back every commit in it, and nothing else; whatever they refuse is refused. A seed that fails runs alone with
 * {@code -Dquire.seed=}.
 */
class BackupHistoryTest {

    private static final String SEED = "quire.seed";
    private static final int FAILURES_MAX = 3;

    /** Runs histories with these seeds, or that of the property alone. */
    static HistoryTally histories(long first, int count, int steps, boolean pulling) {
        HistoryTally tally = new HistoryTally();
        List<String> failures = new ArrayList<>();
        Long alone = Long.getLong(SEED);
        for (long seed = first; seed < first + count; seed++) {
            if (alone == null || alone == seed) {
                try {
                    new History(seed, pulling, tally).run(steps);
                } catch (AssertionError e) {
                    failures.add(e.getMessage() + "\n" + CrashJudge.text(e.getCause()));
                }
                tally.add(HistoryTally.HISTORIES);
            }
        }
        assertEquals(
                List.of(),
                failures.stream().limit(FAILURES_MAX).toList(),
                () -> failures.size() + " seeds failed: " + String.join("\n", failures));
        return tally;
    }

    @Test
    void whateverWasTakenMustGiveBackEveryCommitInIt() {
        HistoryTally tally = histories(1, 110, 9, false);
        tally.atLeast(400, "restored", "out of range");
        tally.atLeast(100, "full", "plain", "crashed");
        tally.atLeast(50, "incremental", "refused", "crashed in backup");
        tally.atLeast(30, "differential", "copy", "atomic", "external", "restored elsewhere", "went on");
        tally.atLeast(12, "truncated", "rolled forward", "cancelled", "in part", "to a generation");
        tally.atLeast(6, "crashed in restore", "to a name", "to a time", "INVALID_BACKUP", "MISSING_FULL_BACKUP");
        tally.atLeast(3, "made up for", "not rolled forward", "BACKUP_DIRECTORY_NOT_EMPTY");
    }

    /**
     * Seeds that the model once took for a fault: an atomic full makes known what it found, replaces it, and is cut off
     * before it is known itself; an external backup behind a set that is still where it was moved aside to.
     */
    @ParameterizedTest
    @ValueSource(longs = {10_011, 10_040, 10_049, 10_257})
    void whatOnceFailedMustHold(long seed) {
        histories(seed, 1, 30, false);
    }

    @Test
    @Tag("sweep")
    void manyLongHistoriesMustHold() {
        HistoryTally tally = histories(10_000, 400, 30, false);
        tally.atLeast(200, "incremental", "atomic", "crashed in backup", "made up for");
        tally.atLeast(100, "rolled forward", "crashed in restore");
    }
}

package dev.quire.backup;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The same histories as those of {@link BackupHistoryTest}, with backups that the caller pulls, mostly. */
class ExternalHistoryTest {

    @Test
    void whateverWasPulledMustGiveBackEveryCommitInIt() {
        HistoryTally tally = BackupHistoryTest.histories(1, 110, 9, true);
        tally.atLeast(400, "restored", "out of range");
        tally.atLeast(100, "full", "plain", "crashed", "external");
        tally.atLeast(30, "incremental", "copy", "given up", "refused", "crashed in backup", "restored elsewhere");
        tally.atLeast(12, "differential", "truncated", "rolled forward", "went on", "in part", "to a generation");
        tally.atLeast(6, "crashed in restore", "to a name", "to a time", "INVALID_BACKUP", "MISSING_FULL_BACKUP");
        tally.atLeast(3, "made up for", "not rolled forward", "atomic");
    }

    /** The model once took for a fault that a name which was taken away again, unforced, came back. */
    @ParameterizedTest
    @ValueSource(longs = {10_039, 10_202, 10_224})
    void whatOnceFailedMustHold(long seed) {
        BackupHistoryTest.histories(seed, 1, 30, true);
    }

    @Test
    @Tag("sweep")
    void manyLongHistoriesMustHold() {
        HistoryTally tally = BackupHistoryTest.histories(10_000, 400, 30, true);
        tally.atLeast(200, "incremental", "external", "crashed in backup", "rolled forward", "given up");
    }
}

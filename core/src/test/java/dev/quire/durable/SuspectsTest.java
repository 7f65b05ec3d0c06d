package dev.quire.durable;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quire.io.CorruptionException;
import dev.quire.io.QuireError;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** Which page an error names, and which error it is, however many there are. */
class SuspectsTest {

    private final Suspects suspects = new Suspects();

    private static Suspects.Fault fault(QuireError error, String what) {
        return new Suspects.Fault(error, what);
    }

    private CorruptionException judged() {
        return assertThrows(CorruptionException.class, () -> suspects.judge(id -> Path.of("db" + id)));
    }

    private void told(QuireError error, String file, String what, long count) {
        CorruptionException e = judged();
        assertEquals(error, e.error());
        assertEquals(Path.of(file), e.file().orElseThrow());
        assertTrue(e.getMessage().startsWith(what + "; pages in this state: " + count + " "), e.getMessage());
    }

    @Test
    void theFirstPageOfAllMustBeNamedWithItsOwnError() {
        suspects.add(2, 5, fault(QuireError.DATABASE_TIME_TOO_OLD, "is not newer, it is old"));
        suspects.add(1, 900, fault(QuireError.DATABASE_TIME_TOO_NEW, "lies ahead"));
        told(QuireError.DATABASE_TIME_TOO_NEW, "db1", "page 900: lies ahead", 2);
        suspects.clear(1, 890, 20);
        told(QuireError.DATABASE_TIME_TOO_OLD, "db2", "page 5: is not newer, it is old", 1);
        suspects.clear(1, 5, 1);
        judged();
        suspects.clear(2, 5, 1);
        assertDoesNotThrow(() -> suspects.judge(id -> Path.of("db" + id)));
    }

    @Test
    void allMustBeCountedAlsoThoseOfWhichNobodyKnowsWhy() {
        for (long page = 100_000; page > 0; page--) {
            suspects.add(1, page, fault(QuireError.DATABASE_TIME_TOO_NEW, "fault of " + page));
            suspects.add(1, page, fault(QuireError.DATABASE_TIME_TOO_NEW, "fault of " + page));
        }
        told(QuireError.DATABASE_TIME_TOO_NEW, "db1", "page 1: fault of 1", 100_000);
        suspects.clear(1, 1, 50_000);
        String unknown = "does not fit the log, and the log does not hold it whole";
        told(QuireError.DATABASE_TIME_TOO_OLD, "db1", "page 50001: " + unknown, 50_000);
        suspects.clear(1, 0, 200_000);
        suspects.add(1, 3, fault(QuireError.DATABASE_TIME_TOO_OLD, "left"));
        told(QuireError.DATABASE_TIME_TOO_OLD, "db1", "page 3: left", 1);
    }
}

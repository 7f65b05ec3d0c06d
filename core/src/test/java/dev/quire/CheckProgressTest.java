package dev.quire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quire.io.CancelledException;
import dev.quire.io.CorruptionException;
import dev.quire.io.InUseException;
import dev.quire.io.Progress;
import dev.quire.io.QuireError;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A check tells how far it is, and ends when it is told to, taking that for no fault of what it checks. */
class CheckProgressTest {

    private static final int VALUE_BYTES = 900_000;

    private final Instance instance = SimInstances.open(SimInstances.disk(), 1);
    private int calls;

    @BeforeEach
    void fill() {
        for (String name : List.of("one", "two")) {
            Database database = instance.createDatabase(name);
            try (WriteTransaction tx = instance.beginWrite()) {
                WritableTable table = tx.createTable(database, "t");
                for (byte key = 0; key < 3; key++) {
                    table.put(new byte[] {key}, new byte[VALUE_BYTES]);
                }
                tx.commit();
            }
        }
    }

    @AfterEach
    void halt() {
        instance.halt();
    }

    @Test
    void progressMustNotGoBackAndMustEndWithEverything() {
        Map<Progress.Phase, Long> reached = new EnumMap<>(Progress.Phase.class);
        long bytes =
                instance.databases().stream().mapToLong(Database::fileBytes).sum();
        CheckReport report = instance.check((phase, done, total) -> {
            assertEquals(bytes, total);
            assertTrue(done >= reached.getOrDefault(phase, 0L));
            reached.put(phase, done);
            calls++;
        });
        assertTrue(report.isSound());
        assertEquals(Map.of(Progress.Phase.PAGES, bytes, Progress.Phase.VERIFY, bytes), reached);
        assertTrue(calls > 8, "calls=" + calls);
    }

    /** Fear: the check goes on in a file that is closed. */
    @Test
    void noDatabaseMustBeTakenAwayWhileItIsChecked() {
        CheckReport report = instance.check((phase, done, total) -> {
            InUseException refused = assertThrows(InUseException.class, () -> instance.drop("two"));
            assertEquals(QuireError.DATABASE_IN_USE, refused.error());
        });
        assertTrue(report.isSound());
        assertEquals(2, report.databases());
    }

    @Test
    void aCheckMustEndAtWhicheverReportItIsToldTo() {
        instance.check((phase, done, total) -> calls++);
        int all = calls;
        for (int at = 1; at <= all; at++) {
            int last = at;
            calls = 0;
            Progress cancelling = new Progress() {
                @Override
                public void advance(Phase phase, long done, long total) {
                    calls++;
                }

                @Override
                public boolean isCancelled() {
                    return calls == last;
                }
            };
            CancelledException cancelled = assertThrows(CancelledException.class, () -> instance.check(cancelling));
            assertEquals(QuireError.BACKUP_ABORT_BY_CALLER, cancelled.error());
            for (RuntimeException thrown : List.of(
                    new IndexOutOfBoundsException("mine"),
                    new CorruptionException(QuireError.READ_VERIFY_FAILURE, null, "mine", null))) {
                calls = 0;
                assertSame(
                        thrown,
                        assertThrows(
                                RuntimeException.class,
                                () -> instance.check((phase, done, total) -> {
                                    if (++calls == last) {
                                        throw thrown;
                                    }
                                })));
            }
        }
        assertEquals(0, instance.stats().openTransactions());
    }
}

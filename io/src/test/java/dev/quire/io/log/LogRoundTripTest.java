package dev.quire.io.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quire.io.QuireException;
import dev.quire.io.UnavailableException;
import dev.quire.io.sim.SimDisk;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What goes in comes out, in order, wherever the boundaries fall. */
class LogRoundTripTest {

    private final SimDisk disk = TestLog.disk();
    private final Slots slots = Slots.plant(disk);
    private final LogSettings settings = TestLog.settings(disk);

    private LogSurvey survey() {
        return LogSurvey.of(settings, slots.from, slots.highest, slots.forced);
    }

    @Test
    void recordsMustComeBackInOrderWithTheirLsns() {
        List<Long> lsns = new ArrayList<>();
        try (LogWriter log = LogWriter.create(settings, slots)) {
            for (int id = 0; id < 500; id++) {
                lsns.add(TestLog.append(log, id, id % 700));
                if (id % 7 == 0) {
                    log.force();
                }
            }
        }
        LogSurvey survey = survey();
        assertEquals(TestLog.range(0, 500), TestLog.ids(survey));
        List<Long> found = new ArrayList<>();
        survey.read(Lsn.NONE, Long.MAX_VALUE, (lsn, type, buffer, offset, length) -> found.add(lsn));
        assertEquals(lsns, found);
    }

    @Test
    void everyLengthMustFitWhereverTheBatchEnds() {
        int count = 0;
        try (LogWriter log = LogWriter.create(settings, slots)) {
            for (int length = 0; length <= 1100; length++) {
                TestLog.append(log, count++, length);
                log.force();
            }
            for (int length = log.recordBytesMax() - 20; length <= log.recordBytesMax(); length++) {
                TestLog.append(log, count++, length);
                TestLog.append(log, count++, 1);
            }
        }
        assertEquals(TestLog.range(0, count), TestLog.ids(survey()));
    }

    @Test
    void emptyRecordMustComeBackEmpty() {
        try (LogWriter log = LogWriter.create(settings, slots)) {
            log.append(LogLayout.TYPE_MAX, ByteBuffer.allocate(0), 0, 0);
        }
        List<Integer> lengths = new ArrayList<>();
        survey().read(0, Long.MAX_VALUE, (lsn, type, buffer, offset, length) -> lengths.add(type * 1000 + length));
        assertEquals(List.of(LogLayout.TYPE_MAX * 1000), lengths);
    }

    @Test
    void readingMustKeepToItsRange() {
        List<Long> lsns = new ArrayList<>();
        try (LogWriter log = LogWriter.create(settings, slots)) {
            for (int id = 0; id < 300; id++) {
                lsns.add(TestLog.append(log, id, 900));
                if (id % 3 == 0) {
                    log.force();
                }
            }
        }
        LogSurvey survey = survey();
        assertTrue(survey.generations().size() > 3, "several generations");
        for (int from = 0; from < 300; from += 37) {
            for (int to = from; to < 300; to += 41) {
                assertEquals(TestLog.range(from, to), TestLog.ids(survey, lsns.get(from), lsns.get(to)));
                List<Integer> between = TestLog.ids(survey, lsns.get(from) + 1, lsns.get(to) + 1);
                assertEquals(TestLog.range(from + 1, to + 1), between);
            }
        }
    }

    @Test
    void positionsMustTellWhatIsDurable() {
        try (LogWriter log = LogWriter.create(settings, slots)) {
            long first = TestLog.append(log, 0, 100);
            assertTrue(log.forced() < first && first < log.appended());
            log.await(first);
            assertTrue(log.forced() > first && log.forced() >= log.appended());
            assertEquals(log.forced(), slots.told);
            long before = log.forced();
            long second = TestLog.append(log, 1, 100);
            assertTrue(second > before && log.forced() == before, "nothing is forced before it is asked for");
            log.force();
            assertTrue(log.forced() > second);
        }
    }

    @Test
    void oneTransactionLargerThanAllBuffersMustGetThrough() {
        LogSettings large = TestLog.settings(disk, 1 << 20);
        try (LogWriter log = LogWriter.create(large, slots)) {
            log.reserve(40L * log.recordBytesMax(), 40);
            for (int id = 0; id < 40; id++) {
                TestLog.append(log, id, log.recordBytesMax());
            }
            log.force();
        }
        LogSurvey survey = LogSurvey.of(large, 1, slots.highest, slots.forced);
        assertEquals(TestLog.range(0, 40), TestLog.ids(survey));
    }

    @Test
    void largestRecordMustHoldTheLargestPage() {
        try (LogWriter log = LogWriter.create(TestLog.settings(disk, 1 << 20), slots)) {
            assertTrue(log.recordBytesMax() >= 70_000);
        }
    }

    @Test
    void misuseMustBeNamed() {
        LogWriter log = LogWriter.create(settings, slots);
        ByteBuffer bytes = ByteBuffer.allocate(1 << 20);
        assertThrows(IllegalArgumentException.class, () -> log.append(LogLayout.TYPE_MAX + 1, bytes, 0, 1));
        assertThrows(IllegalArgumentException.class, () -> log.append(-1, bytes, 0, 1));
        assertThrows(IllegalArgumentException.class, () -> log.append(0, bytes, 0, log.recordBytesMax() + 1));
        assertThrows(IndexOutOfBoundsException.class, () -> log.append(0, bytes, bytes.capacity(), 1));
        assertThrows(IllegalArgumentException.class, () -> log.await(log.appended() + 1));
        assertThrows(IllegalArgumentException.class, () -> log.release(log.generation() + 1));
        assertThrows(IllegalArgumentException.class, () -> log.reserve(-1, 1));
        assertThrows(QuireException.class, () -> LogWriter.create(settings, slots));
        assertThrows(IllegalArgumentException.class, () -> TestLog.settings(disk, TestLog.SMALL - 4096));
        assertThrows(IllegalArgumentException.class, () -> TestLog.settings(disk, TestLog.SMALL + 1));
        log.close();
        log.close();
        assertThrows(UnavailableException.class, () -> log.append(0, bytes, 0, 1));
        assertThrows(UnavailableException.class, log::roll);
        assertNull(log.failure());
    }

    @Test
    void witnessThatWaitsForTheLogMustBeRefused() {
        LogWriter[] log = new LogWriter[1];
        boolean[] refused = new boolean[1];
        LogWitness nosy = new LogWitness() {
            @Override
            public byte[] context() {
                return new byte[0];
            }

            @Override
            public void generationStarted(int generation, long forcedPosition) {}

            @Override
            public void forcedTo(long position) {
                if (log[0] != null && !refused[0]) {
                    refused[0] = true;
                    assertThrows(IllegalStateException.class, log[0]::roll);
                    TestLog.append(log[0], 1, 1);
                    assertThrows(IllegalStateException.class, log[0]::force);
                }
            }

            @Override
            public void failed(QuireException cause) {}
        };
        log[0] = LogWriter.create(settings, nosy);
        TestLog.append(log[0], 0, 1);
        log[0].force();
        assertTrue(refused[0]);
        assertNull(log[0].failure());
        log[0].close();
    }

    @Test
    void surveyOfAStreamThatNeverStartedMustBeEmpty() {
        LogSurvey survey = survey();
        assertTrue(survey.empty());
        assertEquals(Lsn.NONE, survey.end());
        assertEquals(0, survey.generation());
        try (LogWriter log = LogWriter.resume(settings, slots, survey)) {
            assertEquals(1, log.generation());
        }
        assertFalse(survey().empty());
    }
}

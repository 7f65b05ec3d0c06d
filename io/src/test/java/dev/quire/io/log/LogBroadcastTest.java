package dev.quire.io.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quire.io.CorruptionException;
import dev.quire.io.QuireError;
import dev.quire.io.sim.SimDisk;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Reading one log for several at once. */
class LogBroadcastTest {

    private static final int RECORDS = 900;
    private static final int RECORD_BYTES = 9_000;
    private static final int GENERATION_BYTES = 1 << 20;

    private final SimDisk disk = TestLog.disk();
    private final Slots slots = Slots.plant(disk);
    private final LogSettings settings =
            new LogSettings(disk, TestLog.DIRECTORY, TestLog.SIGNATURE, GENERATION_BYTES, false);
    private LogSurvey survey;
    private LogBroadcast broadcast;

    @BeforeEach
    void fill() {
        try (LogWriter log = LogWriter.create(settings, slots)) {
            for (int id = 0; id < RECORDS; id++) {
                TestLog.append(log, id, RECORD_BYTES);
            }
        }
        survey = LogSurvey.of(settings, 1, slots.highest, slots.forced);
        assertTrue(survey.generation() > 5, "several generations, and more than the windows hold");
        broadcast = new LogBroadcast(settings, survey.generations(), Lsn.NONE, Long.MAX_VALUE);
    }

    private static int id(java.nio.ByteBuffer buffer, int offset) {
        return buffer.duplicate().getInt(offset);
    }

    @Test
    void everyHandlerMustBeShownEveryRecordInOrder() {
        for (int handlers = 1; handlers <= 4; handlers++) {
            List<List<Integer>> shown = new ArrayList<>();
            List<RecordHandler> all = new ArrayList<>();
            for (int i = 0; i < handlers; i++) {
                List<Integer> ids = new ArrayList<>();
                shown.add(ids);
                all.add((lsn, type, buffer, offset, length) -> {
                    int id = id(buffer, offset);
                    assertEquals(
                            TestLog.record(id, length),
                            buffer.duplicate().limit(offset + length).position(offset));
                    ids.add(id);
                });
            }
            new LogBroadcast(settings, survey.generations(), Lsn.NONE, Long.MAX_VALUE).run(all, true);
            shown.forEach(ids -> assertEquals(TestLog.range(0, RECORDS), ids));
        }
    }

    @Test
    void boundsMustHoldForEveryHandler() {
        List<Long> lsns = new ArrayList<>();
        survey.read(Lsn.NONE, Long.MAX_VALUE, (lsn, type, buffer, offset, length) -> lsns.add(lsn));
        long from = lsns.get(200);
        long to = lsns.get(700);
        List<Long> first = new ArrayList<>();
        List<Long> second = new ArrayList<>();
        new LogBroadcast(settings, survey.generations(), from, to)
                .run(
                        List.of(
                                (lsn, type, buffer, offset, length) -> first.add(lsn),
                                (lsn, type, buffer, offset, length) -> second.add(lsn)),
                        true);
        assertEquals(lsns.subList(200, 700), first);
        assertEquals(first, second);
    }

    @Test
    void failureOfOneHandlerMustEndAllAndBeThrown() {
        for (int failing = 0; failing < 2; failing++) {
            IllegalStateException failure = new IllegalStateException("full");
            RecordHandler bad = (lsn, type, buffer, offset, length) -> {
                if (id(buffer, offset) == 100) {
                    throw failure;
                }
            };
            int[] seen = {0};
            RecordHandler good = (lsn, type, buffer, offset, length) -> seen[0]++;
            LogBroadcast fresh = new LogBroadcast(settings, survey.generations(), Lsn.NONE, Long.MAX_VALUE);
            List<RecordHandler> both = failing == 0 ? List.of(bad, good) : List.of(good, bad);
            assertSame(failure, assertThrows(IllegalStateException.class, () -> fresh.run(both, true)));
            assertTrue(seen[0] < RECORDS, "the other did not read to the end");
        }
    }

    @Test
    void whatChangedSinceTheSurveyMustBeToldBeforeItIsShown() {
        byte[] bytes = disk.contents(TestLog.file(3));
        bytes[GENERATION_BYTES / 2] ^= 1;
        disk.plant(TestLog.file(3), bytes);
        List<Integer> ids = new ArrayList<>();
        RecordHandler handler = (lsn, type, buffer, offset, length) -> ids.add(id(buffer, offset));
        CorruptionException fault = assertThrows(
                CorruptionException.class,
                () -> broadcast.run(List.of(handler, (lsn, type, buffer, offset, length) -> {}), true));
        assertEquals(QuireError.LOG_READ_VERIFY_FAILURE, fault.error());
        assertEquals(TestLog.range(0, ids.size()), ids);
    }

    @Test
    void surveyMustShowEachGenerationToItsOwnHandlerAsAWhole() {
        LogSettings threads = new LogSettings(disk, TestLog.DIRECTORY, TestLog.SIGNATURE, GENERATION_BYTES, true);
        ConcurrentHashMap<Integer, List<Integer>> shown = new ConcurrentHashMap<>();
        LogSurvey again = LogSurvey.of(threads, 1, slots.highest, slots.forced, generation -> {
            List<Integer> ids = new ArrayList<>();
            shown.put(generation, ids);
            return (lsn, type, buffer, offset, length) -> ids.add(id(buffer, offset));
        });
        assertEquals(survey.generations(), again.generations());
        List<Integer> all = new ArrayList<>();
        again.generations().forEach(info -> all.addAll(shown.get(info.generation())));
        assertEquals(TestLog.range(0, RECORDS), all);
    }
}

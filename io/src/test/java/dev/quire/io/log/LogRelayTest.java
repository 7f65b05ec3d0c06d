package dev.quire.io.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quire.io.CorruptionException;
import dev.quire.io.QuireError;
import dev.quire.io.sim.SimDisk;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Reading a log once for a scout and one who follows. */
class LogRelayTest {

    private static final int RECORDS = 900;
    private static final int RECORD_BYTES = 9_000;
    private static final int GENERATION_BYTES = 1 << 20;

    private final SimDisk disk = TestLog.disk();
    private final Slots slots = Slots.plant(disk);
    private LogSurvey survey;

    @BeforeEach
    void fill() {
        try (LogWriter log = LogWriter.create(settings(false), slots)) {
            for (int id = 0; id < RECORDS; id++) {
                TestLog.append(log, id, RECORD_BYTES);
            }
        }
        survey = LogSurvey.of(settings(false), 1, slots.highest, slots.forced);
        assertTrue(survey.generation() > 7, "several generations, and more than the windows hold");
    }

    private LogSettings settings(boolean threads) {
        return new LogSettings(disk, TestLog.DIRECTORY, TestLog.SIGNATURE, GENERATION_BYTES, threads);
    }

    private LogSurvey survey(boolean threads, LogScout scout, long from, RecordHandler follower) {
        return LogSurvey.of(settings(threads), 1, slots.highest, slots.forced, scout, from, follower);
    }

    /** Writes down what it is shown, and checks it. */
    private static class Shown implements RecordHandler {
        final List<Integer> ids = new ArrayList<>();
        final List<Long> lsns = new ArrayList<>();

        @Override
        public void record(long lsn, int type, ByteBuffer buffer, int offset, int length) {
            int id = buffer.duplicate().getInt(offset);
            assertEquals(
                    TestLog.record(id, length),
                    buffer.duplicate().limit(offset + length).position(offset));
            ids.add(id);
            lsns.add(lsn);
        }
    }

    /** Decides every so many records; and never again from {@code last} on. */
    private static final class Decides extends Shown implements LogScout {
        final int every;
        final int last;
        long decided;

        Decides(int every, int last) {
            this.every = every;
            this.last = last;
        }

        @Override
        public void record(long lsn, int type, ByteBuffer buffer, int offset, int length) {
            super.record(lsn, type, buffer, offset, length);
            if ((ids.size() - 1) % every == 0 && ids.size() <= last) {
                decided = lsn;
            }
        }

        @Override
        public long decided(long read) {
            return decided;
        }
    }

    @Test
    void theFollowerMustBeShownWhatIsDecidedInOrderAndNothingElse() {
        for (boolean threads : new boolean[] {false, true}) {
            for (int every : new int[] {1, 7, 100, 300}) {
                Decides scout = new Decides(every, RECORDS);
                Shown follower = new Shown();
                LogSurvey found = survey(threads, scout, Lsn.NONE, follower);
                assertEquals(survey.generations(), found.generations());
                assertEquals(survey.end(), found.end());
                assertEquals(TestLog.range(0, RECORDS), scout.ids);
                int upTo = (RECORDS - 1) / every * every;
                assertEquals(scout.lsns.get(upTo), found.shown());
                assertEquals(TestLog.range(0, upTo), follower.ids, "every=" + every + " threads=" + threads);
            }
        }
    }

    /** Fear: both wait for the other when a stretch without a decision is longer than all windows. */
    @Test
    void anUndecidedStretchLongerThanTheWindowsMustLeaveTheFollowerBehind() {
        for (boolean threads : new boolean[] {false, true}) {
            Decides scout = new Decides(10, 51);
            Shown follower = new Shown();
            LogSurvey found = survey(threads, scout, Lsn.NONE, follower);
            assertEquals(TestLog.range(0, RECORDS), scout.ids);
            assertEquals(scout.lsns.get(50), found.shown());
            assertEquals(TestLog.range(0, 50), follower.ids);
            Shown rest = new Shown();
            found.read(found.shown(), Long.MAX_VALUE, rest);
            assertEquals(TestLog.range(50, RECORDS), rest.ids);
        }
    }

    @Test
    void aDecisionThatComesTooLateMustNotShowWhatIsNoLongerHeld() {
        for (boolean threads : new boolean[] {false, true}) {
            Decides scout = new Decides(880, RECORDS);
            Shown follower = new Shown();
            LogSurvey found = survey(threads, scout, Lsn.NONE, follower);
            assertEquals(scout.lsns.get(0), found.shown());
            assertEquals(List.of(), follower.ids);
        }
    }

    @Test
    void boundsMustHoldForBoth() {
        Shown all = new Shown();
        survey.read(Lsn.NONE, Long.MAX_VALUE, all);
        long from = all.lsns.get(200);
        long to = all.lsns.get(700);
        for (boolean threads : new boolean[] {false, true}) {
            Decides scout = new Decides(1, RECORDS);
            Shown follower = new Shown();
            survey(threads, scout, from, follower);
            assertEquals(TestLog.range(200, RECORDS), scout.ids);
            assertEquals(TestLog.range(200, RECORDS - 1), follower.ids);
            Shown again = new Shown();
            LogSurvey.of(settings(threads), 1, slots.highest, slots.forced).read(from, to, again);
            assertEquals(TestLog.range(200, 700), again.ids);
        }
    }

    @Test
    void failureOfOneMustEndTheOtherAndBeThrown() {
        IllegalStateException failure = new IllegalStateException("full");
        RecordHandler bad = (lsn, type, buffer, offset, length) -> {
            if (buffer.duplicate().getInt(offset) == 100) {
                throw failure;
            }
        };
        for (boolean threads : new boolean[] {false, true}) {
            Decides scout = new Decides(1, RECORDS);
            assertSame(failure, assertThrows(IllegalStateException.class, () -> survey(threads, scout, Lsn.NONE, bad)));
            assertTrue(scout.ids.size() < RECORDS, "the other did not read to the end");
            LogScout badScout = new LogScout() {
                @Override
                public void record(long lsn, int type, ByteBuffer buffer, int offset, int length) {
                    bad.record(lsn, type, buffer, offset, length);
                }

                @Override
                public long decided(long read) {
                    return read;
                }
            };
            Shown follower = new Shown();
            assertSame(
                    failure,
                    assertThrows(IllegalStateException.class, () -> survey(threads, badScout, Lsn.NONE, follower)));
            assertTrue(follower.ids.size() <= 100, "the follower was ahead of the scout: " + follower.ids.size());
        }
    }

    @Test
    void whatChangedSinceTheSurveyMustBeToldBeforeItIsShown() {
        byte[] bytes = disk.contents(TestLog.file(3));
        bytes[GENERATION_BYTES / 2] ^= 1;
        disk.plant(TestLog.file(3), bytes);
        for (boolean threads : new boolean[] {false, true}) {
            LogSurvey before = LogSurvey.upToFault(settings(threads), 1);
            assertEquals(3, before.generation());
            Shown shown = new Shown();
            CorruptionException fault =
                    assertThrows(CorruptionException.class, () -> survey.read(Lsn.NONE, Long.MAX_VALUE, shown));
            assertEquals(QuireError.LOG_READ_VERIFY_FAILURE, fault.error());
            assertEquals(TestLog.range(0, shown.ids.size()), shown.ids);
            Decides scout = new Decides(1, RECORDS);
            Shown follower = new Shown();
            assertThrows(CorruptionException.class, () -> survey(threads, scout, Lsn.NONE, follower));
            assertEquals(TestLog.range(0, scout.ids.size()), scout.ids);
        }
    }
}

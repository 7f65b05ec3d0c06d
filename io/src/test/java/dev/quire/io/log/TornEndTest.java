package dev.quire.io.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quire.io.sim.SimDisk;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * The fear: a power cut keeps any sectors of what was not forced, and recovery takes that for damage, or takes a batch
 * behind a hole for log. The method: every pattern of kept and lost sectors, over zeros and over an older life of the
 * file.
 */
class TornEndTest {

    private static final int BASE = 10;

    /** A log whose last force covers {@link #BASE} records, and what was written but not forced behind them. */
    private static final class Case {

        final SimDisk disk = TestLog.disk();
        final Slots slots = Slots.plant(disk);
        final LogSettings settings = TestLog.settings(disk);
        final byte[] before;
        final byte[] after;
        final int from;
        final int generation;

        /** Each array is one batch, by the lengths of its records; {@code laps} fill the file with an older life. */
        Case(int laps, int[]... batches) {
            LogWriter log = LogWriter.create(settings, slots);
            while (log.generation() <= laps) {
                TestLog.append(log, 500_000, 300);
                log.force();
                slots.from = log.generation();
                log.release(slots.from);
            }
            for (int id = 0; id < BASE; id++) {
                TestLog.append(log, id, 300);
                log.force();
            }
            generation = log.generation();
            from = Lsn.offset(log.forced());
            before = disk.contents(TestLog.file(generation));
            int id = BASE;
            for (int[] batch : batches) {
                for (int length : batch) {
                    TestLog.append(log, id++, length);
                }
                log.force();
            }
            after = disk.contents(TestLog.file(generation));
        }

        int sectors() {
            int last = after.length;
            while (same(last - LogLayout.SECTOR_BYTES)) {
                last -= LogLayout.SECTOR_BYTES;
            }
            return (last - from) / LogLayout.SECTOR_BYTES;
        }

        private boolean same(int offset) {
            int end = offset + LogLayout.SECTOR_BYTES;
            return Arrays.equals(before, offset, end, after, offset, end);
        }

        List<Integer> recovered(int pattern) {
            byte[] mixed = before.clone();
            for (int sector = 0; sector < sectors(); sector++) {
                if ((pattern >> sector & 1) != 0) {
                    int offset = from + sector * LogLayout.SECTOR_BYTES;
                    System.arraycopy(after, offset, mixed, offset, LogLayout.SECTOR_BYTES);
                }
            }
            disk.plant(TestLog.file(generation), mixed);
            long known = Lsn.of(generation, from);
            LogSurvey survey = LogSurvey.of(settings, generation, generation, known);
            return TestLog.ids(survey, known - from, Long.MAX_VALUE).stream()
                    .filter(id -> id < 500_000)
                    .toList();
        }
    }

    private static void tearEveryWay(Case torn, int expectedSectors, int... sectorsOfBatch) {
        assertEquals(expectedSectors, torn.sectors());
        for (int pattern = 0; pattern < 1 << expectedSectors; pattern++) {
            int whole = 0;
            int at = 0;
            for (int sectors : sectorsOfBatch) {
                int mask = (1 << sectors) - 1;
                if ((pattern >> at & mask) != mask) {
                    break;
                }
                at += sectors;
                whole++;
            }
            List<Integer> ids = torn.recovered(pattern);
            assertEquals(TestLog.range(0, BASE + whole), ids, "pattern " + Integer.toBinaryString(pattern));
        }
    }

    @Test
    void everyPatternOfLostSectorsOfOneBatchMustBeATornEnd() {
        tearEveryWay(new Case(0, new int[] {5000}), 10, 10);
    }

    @Test
    void everyPatternOverAnOlderLifeOfTheFileMustBeATornEnd() {
        Case torn = new Case(4, new int[] {5000});
        assertTrue(torn.before[torn.from] != 0, "old bytes stand behind the forced position");
        tearEveryWay(torn, 10, 10);
    }

    @Test
    void severalUnforcedBatchesMustEndAtTheFirstThatIsNotWhole() {
        // each batch says only what was forced when it was written: rewrite them as if none had been
        Case torn = new Case(0, new int[] {900}, new int[] {900}, new int[] {1400}, new int[] {100});
        Forgery forgery = new Forgery(torn.after, torn.generation);
        forgery.sayForced(torn.from, Lsn.of(torn.generation, torn.from));
        tearEveryWay(torn, 8, 2, 2, 3, 1);
    }

    @Test
    void resumedLogMustMakeWhatStoodBehindTheTornEndVoidForever() {
        Case torn = new Case(0, new int[] {900}, new int[] {900});
        Forgery forgery = new Forgery(torn.after, torn.generation);
        forgery.sayForced(torn.from, Lsn.of(torn.generation, torn.from));
        assertEquals(TestLog.range(0, BASE), torn.recovered(0b1110));
        long known = Lsn.of(torn.generation, torn.from);
        LogSurvey survey = LogSurvey.of(torn.settings, 1, torn.generation, known);
        try (LogWriter log = LogWriter.resume(torn.settings, torn.slots, survey)) {
            TestLog.append(log, BASE, 50);
        }
        torn.disk.plant(TestLog.file(torn.generation), torn.after); // the missing sector comes back
        LogSurvey later = LogSurvey.of(torn.settings, 1, torn.slots.highest, torn.slots.forced);
        assertEquals(TestLog.range(0, BASE + 1), TestLog.ids(later));
        assertEquals(known, later.generations().get(0).closingPosition());
    }
}

package dev.quire.io.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quire.io.CorruptionException;
import dev.quire.io.NotFoundException;
import dev.quire.io.QuireError;
import dev.quire.io.QuireException;
import dev.quire.io.StorageFaultException;
import dev.quire.io.sim.SimDisk;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A changed bit below a forced position is reported with its place, wherever it is; and nothing else ever is. */
class LogCorruptionTest {

    private static final Set<QuireError> DAMAGE = Set.of(
            QuireError.LOG_FILE_CORRUPT,
            QuireError.BAD_LOG_VERSION,
            QuireError.BAD_LOG_SIGNATURE,
            QuireError.LOG_GENERATION_MISMATCH);

    private final SimDisk disk = TestLog.disk();
    private final Slots slots = Slots.plant(disk);
    private final LogSettings settings = TestLog.settings(disk);
    private int records;

    /** Three generations: one filled, one closed early, one in use. */
    @BeforeEach
    void writeLog() {
        LogWriter log = LogWriter.create(settings, slots);
        while (log.generation() == 1) {
            append(log, 2500);
        }
        append(log, 100);
        append(log, 700);
        log.roll();
        for (int i = 0; i < 6; i++) {
            append(log, 250 * i);
        }
        slots.forced = log.forced();
        log.close();
    }

    private void append(LogWriter log, int length) {
        TestLog.append(log, records++, length);
        log.force();
    }

    private LogSurvey survey(long known) {
        return LogSurvey.of(settings, 1, slots.highest, known);
    }

    private void assertDamage(int generation, int offset, int mask, long known) {
        disk.corrupt(TestLog.file(generation), offset, mask);
        CorruptionException damage = assertThrows(
                CorruptionException.class, () -> survey(known), () -> "generation=" + generation + " offset=" + offset);
        assertTrue(DAMAGE.contains(damage.error()), () -> "" + damage);
        assertTrue(damage.getMessage().contains("generation " + generation), damage::getMessage);
        assertEquals(TestLog.file(generation), damage.file().orElseThrow());
        disk.corrupt(TestLog.file(generation), offset, mask);
    }

    @Test
    void everyByteBelowTheForcedPositionMustBeGuarded() {
        long known = slots.forced;
        int end = Lsn.offset(known);
        for (int offset = 0; offset < end; offset++) {
            assertDamage(3, offset, 1 << offset % 8, known);
        }
        assertEquals(TestLog.range(0, records), TestLog.ids(survey(known)));
    }

    @Test
    void everyByteOfAClosedGenerationMustBeGuardedByTheNextAlone() {
        int closing = survey(Lsn.NONE).generations().get(1).closingOffset();
        for (int offset = 0; offset < closing; offset++) {
            assertDamage(2, offset, 0xFF, Lsn.NONE);
        }
        int filled = survey(Lsn.NONE).generations().get(0).closingOffset();
        for (int offset = 0; offset < filled; offset += 61) {
            assertDamage(1, offset, 0x10, Lsn.NONE);
        }
    }

    @Test
    void everyBitOfEveryHeaderMustBeGuarded() {
        byte[] file = disk.contents(TestLog.file(3));
        Forgery layout = new Forgery(file, 3);
        int end = Lsn.offset(slots.forced);
        for (int batch = LogLayout.FIRST_BATCH_OFFSET; batch < end; batch = layout.next(batch)) {
            for (int bit = 0; bit < BatchLayout.HEADER_BYTES * 8; bit++) {
                assertDamage(3, batch + bit / 8, 1 << bit % 8, slots.forced);
            }
        }
        for (int bit = 0; bit < 32 * 8; bit++) {
            assertDamage(3, bit / 8, 1 << bit % 8, slots.forced);
        }
    }

    @Test
    void laterBatchMustBeEvidenceWithoutAnySlot() {
        Forgery layout = new Forgery(disk.contents(TestLog.file(3)), 3);
        int last = LogLayout.FIRST_BATCH_OFFSET;
        while (layout.next(last) < Lsn.offset(slots.forced)) {
            last = layout.next(last);
        }
        int guarded = last;
        for (int offset = LogLayout.FIRST_BATCH_OFFSET; offset < guarded; offset += 7) {
            assertDamage(3, offset, 0x80, Lsn.NONE);
        }
        disk.corrupt(TestLog.file(3), guarded + 100, 1); // nothing says that this one was ever forced
        assertEquals(TestLog.range(0, records - 1), TestLog.ids(survey(Lsn.NONE)));
        disk.corrupt(TestLog.file(3), guarded + 8, 1); // and now it is no evidence either
        disk.corrupt(TestLog.file(3), guarded - 1, 1);
        assertEquals(TestLog.range(0, records - 2), TestLog.ids(survey(Lsn.NONE)));
    }

    @Test
    void headerOfAnotherPlaceOrStreamMustBeNoEvidence() {
        byte[] file = disk.contents(TestLog.file(3));
        Forgery layout = new Forgery(file, 3);
        int second = layout.next(LogLayout.FIRST_BATCH_OFFSET);
        int last = second;
        while (layout.next(last) < Lsn.offset(slots.forced)) {
            last = layout.next(last);
        }
        byte[] header = Arrays.copyOfRange(file, last, last + BatchLayout.HEADER_BYTES);
        Arrays.fill(file, second, TestLog.SMALL, (byte) 0);
        int elsewhere = last + LogLayout.SECTOR_BYTES;
        System.arraycopy(header, 0, file, elsewhere, header.length);
        disk.plant(TestLog.file(3), file);
        assertEquals(Lsn.of(3, second), survey(Lsn.NONE).end(), "misplaced");
        System.arraycopy(header, 0, file, last, header.length);
        disk.plant(TestLog.file(3), file);
        assertThrows(CorruptionException.class, () -> survey(Lsn.NONE), "in its place it is evidence");
        new Forgery(file, 3).sealFor(last, TestLog.SIGNATURE + 1);
        disk.plant(TestLog.file(3), file);
        assertEquals(Lsn.of(3, second), survey(Lsn.NONE).end(), "of another stream");
    }

    @Test
    void bytesBehindTheClosingPositionMustNotMatter() {
        GenerationInfo second = survey(slots.forced).generations().get(1);
        for (int offset = second.closingOffset(); offset < TestLog.SMALL; offset += 113) {
            disk.corrupt(TestLog.file(2), offset, 0xFF);
        }
        assertEquals(TestLog.range(0, records), TestLog.ids(survey(slots.forced)));
    }

    @Test
    void missingGenerationMustBeNamed() {
        byte[] second = disk.contents(TestLog.file(2));
        disk.delete(TestLog.file(2));
        assertEquals(QuireError.MISSING_LOG_FILE, missing(1));
        assertEquals(QuireError.REQUIRED_LOG_FILES_MISSING, missing(2));
        disk.plant(TestLog.file(2), second);
        disk.delete(TestLog.file(3));
        assertEquals(QuireError.MISSING_LOG_FILE, missing(1));
    }

    private QuireError missing(int from) {
        return assertThrows(NotFoundException.class, () -> LogSurvey.of(settings, from, 3, slots.forced))
                .error();
    }

    @Test
    void generationWithoutBeginMustBeDamageOnlyIfASlotNamesIt() {
        disk.corrupt(TestLog.file(3), LogLayout.FIRST_BATCH_OFFSET + 70, 1);
        assertThrows(CorruptionException.class, () -> survey(Lsn.NONE));
        LogSurvey survey = LogSurvey.of(settings, 1, 2, Lsn.NONE);
        assertEquals(2, survey.generation());
        disk.corrupt(TestLog.file(2), survey.generations().get(1).closingOffset() - 1, 1);
        CorruptionException damage =
                assertThrows(CorruptionException.class, () -> LogSurvey.of(settings, 1, 2, Lsn.NONE));
        assertEquals(QuireError.LOG_FILE_CORRUPT, damage.error(), "the header of Begin alone is evidence");
    }

    @Test
    void swappedAndForeignFilesMustBeNamed() {
        byte[] first = disk.contents(TestLog.file(1));
        disk.plant(TestLog.file(2), first);
        assertEquals(QuireError.LOG_GENERATION_MISMATCH, damage().error());
        SimDisk foreign = TestLog.disk();
        LogSettings other = new LogSettings(foreign, TestLog.DIRECTORY, 99, TestLog.SMALL, false);
        LogWriter log = LogWriter.create(other, Slots.plant(foreign));
        log.roll();
        disk.plant(TestLog.file(2), foreign.contents(TestLog.file(2)));
        assertEquals(QuireError.BAD_LOG_SIGNATURE, damage().error());
    }

    @Test
    void generationThatOpensWithAnotherRecordMustBeRefused() {
        byte[] file = disk.contents(TestLog.file(3));
        file[LogLayout.FIRST_BATCH_OFFSET + BatchLayout.HEADER_BYTES + RecordLayout.TYPE_OFFSET] = 1;
        new Forgery(file, 3).seal(LogLayout.FIRST_BATCH_OFFSET);
        disk.plant(TestLog.file(3), file);
        CorruptionException damage = damage();
        assertTrue(damage.getMessage().contains("not Begin"), damage::getMessage);
    }

    @Test
    void batchOfAnotherHistoryMustNotFollow() {
        SimDisk other = TestLog.disk();
        LogWriter log = LogWriter.create(TestLog.settings(other), Slots.plant(other));
        SimDisk mine = TestLog.disk();
        LogSettings own = TestLog.settings(mine);
        Slots ownSlots = Slots.plant(mine);
        LogWriter ours = LogWriter.create(own, ownSlots);
        for (int id = 0; id < 6; id++) {
            TestLog.append(ours, id, 100);
            ours.force();
            TestLog.append(log, 100 + id, 100);
            log.force();
        }
        byte[] spliced = mine.contents(TestLog.file(1));
        int offset = LogLayout.FIRST_BATCH_OFFSET + 4 * LogLayout.SECTOR_BYTES;
        System.arraycopy(other.contents(TestLog.file(1)), offset, spliced, offset, LogLayout.SECTOR_BYTES);
        mine.plant(TestLog.file(1), spliced);
        CorruptionException damage =
                assertThrows(CorruptionException.class, () -> LogSurvey.of(own, 1, 1, ours.forced()));
        assertTrue(damage.getMessage().contains("chain"), damage::getMessage);
    }

    @Test
    void generationOfAnotherHistoryMustNotFollow() {
        SimDisk[] disks = {TestLog.disk(), TestLog.disk()};
        for (int history = 0; history < 2; history++) {
            Slots own = Slots.plant(disks[history]);
            LogWriter log = LogWriter.create(TestLog.settings(disks[history]), own);
            TestLog.append(log, 77 + history, 100);
            log.roll();
        }
        LogSettings own = TestLog.settings(disks[0]);
        assertEquals(2, LogSurvey.of(own, 1, 2, Lsn.NONE).generation());
        disks[0].plant(TestLog.file(1), disks[1].contents(TestLog.file(1)));
        CorruptionException damage = assertThrows(CorruptionException.class, () -> LogSurvey.of(own, 1, 2, Lsn.NONE));
        assertEquals(QuireError.INVALID_LOG_SEQUENCE, damage.error(), "each verifies, but they do not follow");
    }

    private CorruptionException damage() {
        return assertThrows(CorruptionException.class, () -> survey(slots.forced));
    }

    @Test
    void cutOffFileMustBeDamageBelowTheForcedPositionOnly() {
        int end = Lsn.offset(slots.forced);
        byte[] whole = disk.contents(TestLog.file(3));
        for (int length = 0; length < TestLog.SMALL; length += 512) {
            disk.plant(TestLog.file(3), Arrays.copyOf(whole, length));
            if (length < end) {
                assertThrows(CorruptionException.class, () -> survey(slots.forced));
            } else {
                assertEquals(TestLog.range(0, records), TestLog.ids(survey(slots.forced)));
            }
        }
        disk.plant(TestLog.file(3), Arrays.copyOf(whole, TestLog.SMALL + 512));
        assertEquals(QuireError.LOG_FILE_SIZE_MISMATCH, damage().error());
    }

    @Test
    void unreadableSectorMustNotBeTakenForTheEnd() {
        disk.unreadable(TestLog.file(3), Lsn.offset(slots.forced), 512);
        assertThrows(StorageFaultException.class, () -> survey(slots.forced));
    }

    @Test
    void acceptedLossMustStillReadAllBeforeTheFault() {
        int closing = survey(slots.forced).generations().get(1).closingOffset();
        disk.corrupt(TestLog.file(2), closing - 600, 1);
        assertThrows(CorruptionException.class, () -> survey(slots.forced));
        LogSurvey part = LogSurvey.upToFault(settings, 1);
        List<Integer> ids = TestLog.ids(part);
        assertEquals(TestLog.range(0, ids.size()), ids);
        assertEquals(2, part.generation());
        assertTrue(ids.size() < records - 6 && ids.size() > 10);
    }

    @Test
    void lengthsOfAnAttackerMustNotHurt() {
        SplittableRandom random = new SplittableRandom(7);
        int[] odd = {0, -1, 1, 63, 64, 65, 511, 512, 513, 1 << 20, Integer.MAX_VALUE, Integer.MIN_VALUE, 0x7FFFFE00};
        byte[] whole = disk.contents(TestLog.file(3));
        for (int round = 0; round < 4000; round++) {
            byte[] forged = whole.clone();
            Forgery forgery = new Forgery(forged, 3);
            int batch = LogLayout.FIRST_BATCH_OFFSET;
            for (int skip = random.nextInt(4); skip > 0; skip--) {
                batch = forgery.next(batch);
            }
            int field = BatchLayout.BYTES_OFFSET + 4 * random.nextInt(20);
            forgery.put(batch, field, odd[random.nextInt(odd.length)]);
            forgery.seal(batch);
            disk.plant(TestLog.file(3), forged);
            try {
                TestLog.ids(survey(Lsn.NONE));
            } catch (QuireException | AssertionError e) {
                // refused, or content that no longer is what its number says: either way nothing ran away
                assertTrue(e instanceof AssertionError || e instanceof CorruptionException, () -> "" + e);
            }
        }
    }
}

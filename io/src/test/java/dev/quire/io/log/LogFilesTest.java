package dev.quire.io.log;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quire.io.CorruptionException;
import dev.quire.io.QuireError;
import dev.quire.io.UnavailableException;
import dev.quire.io.sim.SimDisk;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Single generation files, as a backup copies and a restore reads them; and the switch from one to the next. */
class LogFilesTest {

    private static final Path COPY = Path.of("/copy");

    private final SimDisk disk = new SimDisk(TestLog.DIRECTORY, COPY);
    private final Slots slots = Slots.plant(disk);
    private final LogSettings settings = TestLog.settings(disk);
    private int records;

    private void append(LogWriter log, int count) {
        for (int i = 0; i < count; i++) {
            TestLog.append(log, records++, 100 + records % 900);
            log.force();
        }
    }

    private GenerationStart start(int generation) {
        return LogFiles.start(disk, TestLog.file(generation), TestLog.SIGNATURE, generation);
    }

    private void copy(int generation, int length) {
        byte[] bytes = Arrays.copyOf(disk.contents(TestLog.file(generation)), length);
        disk.plant(LogFiles.path(COPY, generation), bytes);
    }

    @Test
    void copyThatEndsAtTheClosingOffsetMustVerifyAndFollow() {
        LogWriter log = LogWriter.create(settings, slots);
        append(log, 5);
        slots.context = new byte[] {7, 7};
        assertEquals(2, log.roll());
        append(log, 9);
        assertEquals(3, log.roll());
        GenerationInfo before = GenerationInfo.NONE;
        for (int generation = 1; generation <= 2; generation++) {
            int closing = start(generation + 1).previous().closingOffset();
            copy(generation, closing);
            Path file = LogFiles.path(COPY, generation);
            GenerationInfo info = LogFiles.verify(disk, file, TestLog.SIGNATURE, generation, closing);
            assertEquals(start(generation + 1).previous(), info);
            assertEquals(before, start(generation).previous());
            before = info;
            int wrong = closing - 512;
            assertThrows(
                    CorruptionException.class,
                    () -> LogFiles.verify(disk, file, TestLog.SIGNATURE, info.generation(), wrong + 1));
        }
        assertArrayEquals(new byte[] {7, 7}, start(2).context());
        assertEquals(0, start(1).previous().generation());
        assertEquals(TestLog.SMALL, LogFiles.start(disk, TestLog.file(2)).generationBytes());
    }

    @Test
    void copiesMustBeReadableAsAStream() {
        LogWriter log = LogWriter.create(settings, slots);
        append(log, 40);
        log.roll();
        append(log, 3);
        log.roll();
        int last = log.generation() - 1;
        for (int generation = 1; generation <= last; generation++) {
            copy(generation, start(generation + 1).previous().closingOffset());
        }
        LogSettings copies = new LogSettings(disk, COPY, TestLog.SIGNATURE, TestLog.SMALL, false);
        long known = start(last + 1).previous().closingPosition();
        LogSurvey survey = LogSurvey.of(copies, 1, last, known);
        assertEquals(TestLog.range(0, records), TestLog.ids(survey));
        assertEquals(known, survey.end());
        List<Integer> ids = new ArrayList<>();
        for (GenerationInfo info : survey.generations()) {
            LogFiles.read(
                    disk,
                    LogFiles.path(COPY, info.generation()),
                    TestLog.SIGNATURE,
                    info,
                    (lsn, type, bytes, at, length) -> ids.add(bytes.duplicate().getInt(at)));
        }
        assertEquals(TestLog.range(0, records), ids);
    }

    @Test
    void verifierMustSeeEveryByteOfACopy() {
        LogWriter log = LogWriter.create(settings, slots);
        append(log, 4);
        log.roll();
        int closing = start(2).previous().closingOffset();
        copy(1, closing);
        Path file = LogFiles.path(COPY, 1);
        for (int offset = 0; offset < closing; offset++) {
            disk.corrupt(file, offset, 1);
            assertThrows(CorruptionException.class, () -> LogFiles.verify(disk, file, TestLog.SIGNATURE, 1, closing));
            disk.corrupt(file, offset, 1);
        }
        for (int length = 0; length < closing; length += 512) {
            copy(1, length);
            assertThrows(CorruptionException.class, () -> LogFiles.verify(disk, file, TestLog.SIGNATURE, 1, closing));
        }
    }

    @Test
    void changeAfterTheSurveyMustBeNoticedWhileReading() {
        LogWriter log = LogWriter.create(settings, slots);
        append(log, 4);
        LogSurvey survey = LogSurvey.of(settings, 1, slots.highest, log.forced());
        disk.corrupt(TestLog.file(1), Lsn.offset(log.forced()) - 1, 4);
        CorruptionException changed = assertThrows(CorruptionException.class, () -> TestLog.ids(survey));
        assertEquals(QuireError.LOG_READ_VERIFY_FAILURE, changed.error());
    }

    @Test
    void timesMustNotGoBackWhateverTheClockDoes() {
        long[] times = {500, 300, 900, 100};
        int[] next = {0};
        LogWriter log = LogWriter.start(settings, slots, GenerationInfo.NONE, false, () -> times[next[0]++]);
        log.roll();
        log.roll();
        log.roll();
        List<Long> created = LogSurvey.of(settings, 1, 4, slots.forced).generations().stream()
                .map(GenerationInfo::createdMillis)
                .toList();
        assertEquals(List.of(500L, 500L, 900L, 900L), created);
    }

    @Test
    void generationsOfAnotherSizeMustStayReadable() {
        LogWriter log = LogWriter.create(settings, slots);
        append(log, 100);
        log.close();
        LogSettings larger = TestLog.settings(disk, 4 * TestLog.SMALL);
        LogSurvey survey = LogSurvey.of(larger, 1, slots.highest, log.forced());
        LogWriter again = LogWriter.resume(larger, slots, survey, true);
        append(again, 100);
        again.release(1);
        again.close();
        LogSurvey whole = LogSurvey.of(settings, 1, slots.highest, again.forced());
        assertEquals(TestLog.range(0, records), TestLog.ids(whole));
        assertEquals(4 * TestLog.SMALL, start(survey.generation() + 1).generationBytes());
    }

    @Test
    void contextTooLongMustEndTheLog() {
        LogWriter log = LogWriter.create(settings, slots);
        slots.context = new byte[LogLayout.contextBytesMax(TestLog.SMALL)];
        assertEquals(2, log.roll());
        assertEquals(slots.context.length, start(2).context().length);
        slots.context = new byte[LogLayout.contextBytesMax(TestLog.SMALL) + 1];
        assertThrows(UnavailableException.class, log::roll);
        assertTrue(log.failure().getCause() instanceof IllegalStateException);
    }

    @Test
    void forceAllMustBringWhatAKilledProcessLeftToTheMedium() {
        LogWriter log = LogWriter.create(settings, slots);
        for (int id = 0; id < 5; id++) {
            TestLog.append(log, id, 9_000); // more than the buffers hold: written, and nobody has asked for a force
        }
        SimDisk killed = disk.processCrashImage(disk.operationCount());
        assertFalse(Arrays.equals(killed.contents(TestLog.file(1)), killed.durableContents(TestLog.file(1))));
        LogFiles.forceAll(new LogSettings(killed, TestLog.DIRECTORY, TestLog.SIGNATURE, TestLog.SMALL, true));
        for (int generation : LogFiles.list(killed, TestLog.DIRECTORY)) {
            Path file = TestLog.file(generation);
            assertArrayEquals(killed.contents(file), killed.durableContents(file));
        }
    }

    @Test
    void leftoversOfACrashMustBeTidied() {
        LogWriter log = LogWriter.create(settings, slots);
        append(log, 3);
        log.close();
        disk.plant(TestLog.DIRECTORY.resolve(LogFiles.TEMPORARY_NAME), new byte[100]);
        disk.plant(TestLog.file(2), new byte[TestLog.SMALL]);
        disk.plant(TestLog.file(9), new byte[10]);
        disk.plant(TestLog.DIRECTORY.resolve(LogFiles.spareName(0)), new byte[10]);
        disk.plant(TestLog.DIRECTORY.resolve("unrelated.txt"), new byte[10]);
        LogSurvey survey = LogSurvey.of(settings, 1, 1, log.forced());
        LogWriter.resume(settings, slots, survey, true).close();
        assertEquals(List.of("00000001.qlog", "00000002.qlog", "unrelated.txt"), disk.list(TestLog.DIRECTORY));
    }
}

package dev.quire.io.log;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.quire.io.Storage;
import dev.quire.io.sim.SimDisk;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** Numbered records whose content follows from their number, and logs of them. */
final class TestLog {

    static final Path DIRECTORY = Path.of("/log");
    static final long SIGNATURE = 0x51_7265_0000_1234L;
    static final int SMALL = LogLayout.GENERATION_BYTES_MIN;
    private static final int ID_BYTES = 4;

    private TestLog() {}

    static SimDisk disk() {
        return new SimDisk(DIRECTORY);
    }

    static LogSettings settings(Storage storage) {
        return settings(storage, SMALL);
    }

    static LogSettings settings(Storage storage, int generationBytes) {
        return new LogSettings(storage, DIRECTORY, SIGNATURE, generationBytes, false);
    }

    static Path file(int generation) {
        return LogFiles.path(DIRECTORY, generation);
    }

    /** Record {@code id}, {@code length} bytes but at least those of the number. */
    static ByteBuffer record(int id, int length) {
        ByteBuffer bytes = ByteBuffer.allocate(Math.max(ID_BYTES, length));
        new SplittableRandom(id).nextBytes(bytes.array());
        return bytes.putInt(0, id);
    }

    static long append(LogWriter log, int id, int length) {
        ByteBuffer bytes = record(id, length);
        return log.append(type(id), bytes, 0, bytes.capacity());
    }

    static int type(int id) {
        return id % (LogLayout.TYPE_MAX + 1);
    }

    /** The numbers of the records in [from, to); fails if one of them is not what was appended. */
    static List<Integer> ids(LogSurvey survey, long from, long to) {
        List<Integer> ids = new ArrayList<>();
        long[] last = {from - 1};
        survey.read(from, to, (lsn, type, buffer, offset, length) -> {
            int id = buffer.duplicate().getInt(offset); // a duplicate is big-endian, as records are made
            assertEquals(
                    record(id, length),
                    buffer.duplicate().limit(offset + length).position(offset),
                    "record " + id);
            assertEquals(type(id), type);
            assertEquals(true, lsn > last[0] && lsn < to, "order of LSNs");
            last[0] = lsn;
            ids.add(id);
        });
        return ids;
    }

    static List<Integer> ids(LogSurvey survey) {
        return ids(survey, Lsn.NONE, Long.MAX_VALUE);
    }

    /** As recovery does it: force all, read the slots, survey, write again. */
    static LogSurvey recover(LogSettings settings, Slots slots) {
        LogFiles.forceAll(settings);
        LogSurvey survey = LogSurvey.of(settings, slots.from, slots.highest, slots.forced);
        survey.rewrite();
        slots.rewrite();
        return survey;
    }

    static List<Integer> range(int from, int to) {
        List<Integer> ids = new ArrayList<>();
        for (int id = from; id < to; id++) {
            ids.add(id);
        }
        return ids;
    }
}

package dev.quire.io.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quire.io.QuireError;
import dev.quire.io.QuireException;
import dev.quire.io.StorageFullException;
import dev.quire.io.sim.CrashPolicy;
import dev.quire.io.sim.SimDisk;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * A workload that uses everything a log can do, always the same for a seed, and what must be found after a crash at any
 * of its operations.
 */
final class LogScript {

    private record Ack(int operation, int records) {}

    final SimDisk disk = TestLog.disk();
    final Slots slots = Slots.plant(disk);
    final LogSettings settings = TestLog.settings(disk);
    final List<Long> lsns = new ArrayList<>();
    private final List<Integer> appendedAt = new ArrayList<>();
    private final List<Ack> acks = new ArrayList<>();
    private final SplittableRandom random;
    private final int steps;
    private LogWriter log;

    /** Set when something was refused for lack of room, which is no failure. */
    int refusals;

    LogScript(long seed, int steps) {
        random = new SplittableRandom(seed);
        this.steps = steps;
        disk.resetTrace();
    }

    /** Runs to the end, or to the first failure, after which nothing may be acknowledged any more. */
    LogScript run() {
        try {
            log = LogWriter.create(settings, slots);
            for (int step = 0; step < steps && log.failure() == null; step++) {
                step();
            }
        } catch (StorageFullException e) {
            refusals++;
        } catch (QuireException e) {
            assertEquals(true, log == null || log.failure() != null || e.error() == QuireError.DISK_IO, () -> "" + e);
        } finally {
            end();
        }
        return this;
    }

    private void end() {
        if (log != null) {
            boolean sound = log.failure() == null;
            if (!sound) {
                assertPoisoned();
            }
            try {
                log.close();
                if (sound) {
                    acknowledge();
                }
            } catch (QuireException e) {
                assertTrue(log.failure() != null, () -> "" + e);
            }
        }
    }

    /** No late success, whatever is asked for. */
    private void assertPoisoned() {
        List<Runnable> calls =
                List.of(() -> TestLog.append(log, 0, 10), () -> log.reserve(10, 1), log::roll, () -> log.release(1));
        for (Runnable call : calls) {
            QuireException refused = null;
            try {
                call.run();
            } catch (QuireException e) {
                refused = e;
            }
            assertTrue(refused != null && refused.error() == QuireError.LOG_WRITE_FAIL, "must be refused");
        }
        QuireException refused = null;
        try {
            log.force();
        } catch (QuireException e) {
            refused = e;
        }
        assertTrue(refused != null || log.forced() >= log.appended(), "no false acknowledgement");
        assertEquals(1, slots.failures, "told once");
    }

    private void step() {
        int kind = random.nextInt(20);
        if (kind == 0) {
            log.roll();
        } else if (kind == 1 && log.generation() > slots.from) {
            release();
        } else if (kind == 2) {
            append(log.recordBytesMax());
        } else if (kind < 6) {
            int records = random.nextInt(30);
            reserveRoom(records);
            for (int i = 0; i < records; i++) {
                append(random.nextInt(2000));
            }
        } else {
            append(random.nextInt(600));
        }
        if (random.nextInt(3) > 0) {
            log.force();
            acknowledge();
        }
    }

    private void reserveRoom(int records) {
        try {
            log.reserve(records * 2000L, records);
        } catch (StorageFullException e) {
            refusals++;
        }
    }

    private void append(int length) {
        int id = lsns.size();
        long lsn = TestLog.append(log, id, length);
        appendedAt.add(disk.operationCount());
        lsns.add(lsn);
    }

    private void acknowledge() {
        acks.add(new Ack(disk.operationCount(), lsns.size()));
    }

    private void release() {
        log.force();
        slots.from = slots.from + 1 + random.nextInt(log.generation() - slots.from);
        slots.forced = log.forced();
        slots.write();
        slots.write();
        log.release(slots.from);
    }

    /** Records acknowledged before operation {@code operation} was under way. */
    int acknowledged(int operation) {
        int records = 0;
        for (Ack ack : acks) {
            records = ack.operation <= operation ? ack.records : records;
        }
        return records;
    }

    /** Recovers a disk and checks that it holds all that was acknowledged, and of the rest a prefix, unchanged. */
    LogSurvey check(SimDisk image, int operation) {
        Slots found = Slots.read(image);
        LogSurvey survey = TestLog.recover(TestLog.settings(image), found);
        List<Integer> ids = TestLog.ids(survey);
        int first = 0;
        while (first < lsns.size() && Lsn.generation(lsns.get(first)) < found.from) {
            first++;
        }
        int last = first + ids.size();
        assertEquals(TestLog.range(first, last), ids);
        assertTrue(last >= acknowledged(operation), () -> "acknowledged " + acknowledged(operation) + " found " + last);
        assertTrue(last <= lsns.size(), "records that nobody appended");
        return survey;
    }

    /** Goes on behind a recovered log, and is cut off again: what was acknowledged since must be there. */
    static void goOn(SimDisk image, LogSurvey survey) {
        LogSettings settings = TestLog.settings(image);
        List<Integer> before = TestLog.ids(survey);
        Slots slots = Slots.read(image);
        LogWriter log = LogWriter.resume(settings, slots, survey);
        assertEquals(survey.generation() + 1, log.generation());
        TestLog.append(log, 1_000_001, 700);
        log.force();
        TestLog.append(log, 1_000_002, 3000);
        log.force();
        assertNull(log.failure());
        SimDisk cut = image.crashImage(image.operationCount(), CrashPolicy.NONE, 1);
        List<Integer> after = TestLog.ids(TestLog.recover(TestLog.settings(cut), Slots.read(cut)));
        List<Integer> expected = new ArrayList<>(before);
        expected.add(1_000_001);
        expected.add(1_000_002);
        assertEquals(expected, after);
    }
}

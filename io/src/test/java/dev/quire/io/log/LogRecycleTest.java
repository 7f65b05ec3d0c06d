package dev.quire.io.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quire.io.ForwardingStorage;
import dev.quire.io.QuireError;
import dev.quire.io.QuireException;
import dev.quire.io.Storage;
import dev.quire.io.StorageFullException;
import dev.quire.io.sim.CrashPolicy;
import dev.quire.io.sim.Fault;
import dev.quire.io.sim.SimDisk;
import dev.quire.io.sim.SimOperation;
import dev.quire.io.sim.SimOperation.Type;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * The fear: a file that is used again still holds the batches of its earlier life, whole and valid, at the very offsets
 * where the torn end falls. The method: three laps through the same files with batches of one size, so that old and new
 * lie congruent, and a crash at every operation.
 */
class LogRecycleTest {

    private static final int PAYLOAD = 900;

    private final SimDisk disk = TestLog.disk();
    private final Slots slots = Slots.plant(disk);
    private final LogSettings settings = TestLog.settings(disk);
    private int appended;

    private void fill(LogWriter log, int generations) {
        int end = log.generation() + generations;
        while (log.generation() < end) {
            TestLog.append(log, appended++, PAYLOAD);
            log.force();
        }
    }

    private void releaseAllButCurrent(LogWriter log) {
        slots.from = log.generation();
        slots.forced = log.forced();
        slots.write();
        slots.write();
        log.release(slots.from);
    }

    @Test
    void oldRecordsMustNeverReappear() {
        LogWriter log = LogWriter.create(settings, slots);
        for (int lap = 0; lap < 3; lap++) {
            fill(log, 2);
            releaseAllButCurrent(log);
        }
        fill(log, 1);
        int created = (int) disk.operations().stream()
                .filter(operation -> operation.type() == Type.CREATE)
                .count();
        assertTrue(created <= 4, "files are used again: created=" + created + " generations=" + log.generation());
        int crashes = 0;
        for (int at = 0; at <= disk.operationCount(); at++) {
            for (CrashPolicy policy :
                    List.of(CrashPolicy.NONE, CrashPolicy.TORN_SECTORS, CrashPolicy.NAMES_WITHOUT_DATA)) {
                SimDisk image = disk.crashImage(at, policy, at);
                List<Integer> ids = TestLog.ids(TestLog.recover(TestLog.settings(image), Slots.read(image)));
                int first = ids.isEmpty() ? 0 : ids.get(0);
                assertEquals(TestLog.range(first, first + ids.size()), ids);
                crashes++;
            }
        }
        assertTrue(crashes > 1000, "crashes=" + crashes);
    }

    @Test
    void spareMustNotBeOverwrittenWhileItsOldNameMayComeBack() {
        LogWriter log = LogWriter.create(settings, slots);
        fill(log, 2);
        releaseAllButCurrent(log);
        fill(log, 2);
        List<SimOperation> operations = disk.operations();
        for (SimOperation operation : operations) {
            boolean reuse = operation.type() == Type.RENAME
                    && operation.path().toString().endsWith(".spare");
            if (reuse) {
                int released = indexOfRenameTo(operations, operation);
                boolean forced = operations.subList(released, operation.index()).stream()
                        .anyMatch(between -> between.type() == Type.FORCE_DIRECTORY);
                assertTrue(forced, "directory forced between release and reuse");
            }
        }
    }

    private static int indexOfRenameTo(List<SimOperation> operations, SimOperation reuse) {
        return operations.stream()
                .filter(operation ->
                        operation.type() == Type.RENAME && reuse.path().equals(operation.other()))
                .findFirst()
                .orElseThrow()
                .index();
    }

    @Test
    void noMoreThanTwoFilesMustBeKept() {
        LogWriter log = LogWriter.create(settings, slots);
        fill(log, 5);
        releaseAllButCurrent(log);
        long spares =
                disk.list(TestLog.DIRECTORY).stream().filter(LogFiles::isSpare).count();
        assertEquals(2, spares);
        assertEquals(log.generation(), LogFiles.list(disk, TestLog.DIRECTORY)[0]);
    }

    @Test
    void cleanReopeningMustUseWhatWasReady() {
        LogWriter log = LogWriter.create(settings, slots);
        fill(log, 3);
        log.reserve(100_000, 1);
        releaseAllButCurrent(log);
        int next = log.generation() + 1;
        log.close();
        assertTrue(disk.list(TestLog.DIRECTORY).contains(LogFiles.name(next)), "built ahead");
        disk.resetTrace();
        LogSurvey survey = LogSurvey.of(settings, slots.from, slots.highest, log.forced());
        try (LogWriter again = LogWriter.resume(settings, slots, survey, true)) {
            assertEquals(next, again.generation());
            assertFalse(
                    disk.operations().stream().anyMatch(operation -> operation.type() == Type.ALLOCATE), "no zeros");
            fill(again, 3);
            assertFalse(
                    disk.operations().stream().anyMatch(operation -> operation.type() == Type.CREATE)
                            && again.generation() < next + 2,
                    "spares first");
        }
        LogSurvey whole = LogSurvey.of(settings, slots.from, slots.highest, slots.forced);
        List<Integer> ids = TestLog.ids(whole);
        assertEquals(TestLog.range(ids.get(0), appended), ids);
    }

    @Test
    void cleanlyClosedLogMustGoOnWithoutBeingRead() {
        LogWriter log = LogWriter.create(settings, slots);
        fill(log, 2);
        assertThrows(IllegalStateException.class, log::closedAt);
        log.close();
        GenerationInfo last = log.closedAt();
        int reads = disk.readCount();
        try (LogWriter again = LogWriter.resume(settings, slots, last)) {
            assertEquals(last.generation() + 1, again.generation());
            assertEquals(reads, disk.readCount());
            fill(again, 1);
        }
        LogSurvey whole = LogSurvey.of(settings, 1, slots.highest, slots.forced);
        assertEquals(last, whole.generations().get(last.generation() - 1));
        assertEquals(TestLog.range(0, appended), TestLog.ids(whole));
    }

    @Test
    void uncleanReopeningMustMakeFilesAnew() {
        LogWriter log = LogWriter.create(settings, slots);
        fill(log, 3);
        releaseAllButCurrent(log);
        SimDisk image = disk.processCrashImage(disk.operationCount());
        Slots found = Slots.read(image);
        LogSurvey survey = TestLog.recover(TestLog.settings(image), found);
        image.resetTrace();
        LogWriter again = LogWriter.resume(TestLog.settings(image), found, survey);
        assertTrue(image.operations().stream().anyMatch(operation -> operation.type() == Type.CREATE), "a new file");
        assertTrue(image.list(TestLog.DIRECTORY).stream().noneMatch(LogFiles::isSpare), "no spares");
        again.close();
    }

    @Test
    void whatIsMarkedReadyMustBeUsedAfterACrash() {
        LogWriter log = LogWriter.create(settings, slots);
        fill(log, 2);
        log.reserve(100_000, 1);
        int next = log.generation() + 1;
        assertTrue(disk.list(TestLog.DIRECTORY).contains(LogFiles.name(next)), "built ahead");
        for (CrashPolicy policy : List.of(CrashPolicy.ALL, CrashPolicy.NONE)) {
            SimDisk image = disk.crashImage(disk.operationCount(), policy, 1);
            Slots found = Slots.read(image);
            LogSurvey survey = TestLog.recover(TestLog.settings(image), found);
            image.resetTrace();
            LogWriter again = LogWriter.resume(TestLog.settings(image), found, survey);
            assertEquals(next, again.generation());
            boolean isNew = image.operations().stream().anyMatch(operation -> operation.type() == Type.CREATE);
            assertEquals(policy == CrashPolicy.NONE, isNew, "the mark is not forced, and without it all is made anew");
            again.close();
        }
    }

    @Test
    void aDiskWithoutRoomForTheMarkMustHaveNoneForTheGeneration() {
        LogWriter log = LogWriter.create(settings, slots);
        int before = disk.operationCount();
        log.reserve(100_000, 1);
        int mark = disk.operations().stream()
                .filter(operation -> operation.index() >= before && operation.type() == Type.WRITE)
                .mapToInt(SimOperation::index)
                .max()
                .orElseThrow();
        SimDisk full = TestLog.disk();
        full.failAt(mark, Fault.NO_SPACE, false);
        LogWriter other = LogWriter.create(TestLog.settings(full), Slots.plant(full));
        assertThrows(StorageFullException.class, () -> other.reserve(100_000, 1));
        assertEquals(1, full.faultsHit());
        assertEquals(Storage.Kind.NONE, full.kind(disk.operations().get(mark).path()), "nothing is left");
        fill(other, 2);
        assertEquals(null, other.failure());
        other.close();
        log.close();
    }

    /** The fear: a name that we see, whose force has failed, and commits in a file that will have none. */
    @Test
    void aNameThatMayBeLostMustNotBeBelieved() {
        List<SimOperation> all = recycling(disk, slots, 0);
        int failed = 0;
        for (SimOperation operation : all) {
            if (operation.type() == Type.FORCE_DIRECTORY) {
                SimDisk failing = TestLog.disk();
                failing.failAt(operation.index(), Fault.FAILED_FORCE, false);
                recycling(failing, Slots.plant(failing), 1);
                assertACommitOfTheNextProcessSurvives(failing, operation.index(), operation.toString());
                failed += failing.faultsHit();
            }
        }
        assertTrue(failed > 10, "failed=" + failed);
    }

    /**
     * The fear: a release whose force of the directory fails takes the new name with it, and the builder's own force,
     * a moment later, has nothing left to do and succeeds.
     */
    @Test
    void aNameThatAnotherForceHasLostMustNotBeMarked() {
        LogWriter[] log = new LogWriter[1];
        boolean[] armed = new boolean[1];
        Storage meeting = new ForwardingStorage(disk) {
            @Override
            public void rename(Path from, Path to) {
                super.rename(from, to);
                if (armed[0] && LogFiles.generation(to.getFileName().toString()) > 0) {
                    armed[0] = false;
                    disk.failAt(disk.operationCount(), Fault.FAILED_FORCE, true);
                    assertThrows(QuireException.class, () -> log[0].release(slots.from));
                    disk.clearFaults();
                }
            }
        };
        log[0] = LogWriter.create(TestLog.settings(meeting), slots);
        fill(log[0], 2);
        slots.from = log[0].generation();
        slots.forced = log[0].forced();
        slots.write();
        slots.write();
        armed[0] = true;
        try {
            log[0].reserve(100_000, 1);
        } catch (QuireException e) {
            assertEquals(QuireError.LOG_WRITE_FAIL, e.error());
        }
        assertFalse(armed[0], "they met");
        assertACommitOfTheNextProcessSurvives(disk, 1, "they met");
    }

    /** The process is killed; the next one recovers and commits; the power fails. */
    private static void assertACommitOfTheNextProcessSurvives(SimDisk left, long seed, String what) {
        SimDisk killed = left.processCrashImage(left.operationCount());
        Slots found = Slots.read(killed);
        LogSettings on = TestLog.settings(killed);
        LogWriter again = LogWriter.resume(on, found, TestLog.recover(on, found));
        long position = TestLog.append(again, 0, PAYLOAD);
        again.force();
        SimDisk cut = killed.crashImage(killed.operationCount(), CrashPolicy.NONE, seed);
        LogSurvey survey = TestLog.recover(TestLog.settings(cut), Slots.read(cut));
        assertEquals(List.of(0), TestLog.ids(survey, position, Long.MAX_VALUE), what);
        again.close();
    }

    /** Fills, releases, and builds ahead out of what was released, up to the one fault if there is any. */
    private List<SimOperation> recycling(SimDisk on, Slots witness, int faults) {
        appended = 0;
        try {
            LogWriter log = LogWriter.create(TestLog.settings(on), witness);
            for (int lap = 0; lap < 3; lap++) {
                fill(log, 2);
                witness.from = log.generation();
                witness.forced = log.forced();
                witness.write();
                witness.write();
                log.release(witness.from);
                log.reserve(100_000, 1);
            }
        } catch (QuireException e) {
            assertEquals(faults, on.faultsHit(), e.toString());
        }
        return on.operations();
    }
}

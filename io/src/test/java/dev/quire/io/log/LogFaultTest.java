package dev.quire.io.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quire.io.QuireError;
import dev.quire.io.QuireException;
import dev.quire.io.StorageFullException;
import dev.quire.io.UnavailableException;
import dev.quire.io.sim.CrashPolicy;
import dev.quire.io.sim.Fault;
import dev.quire.io.sim.SimDisk;
import dev.quire.io.sim.SimOperation.Type;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The fear: after an operation of the disk has failed something is acknowledged that is not durable. The method: fail
 * each operation of one workload, once and from then on, in every way; then look at what a power cut leaves, and at
 * what a killed process, its recovery and a power cut after that leave.
 */
class LogFaultTest {

    private static final int STEPS = 60;

    @ParameterizedTest
    @EnumSource(
            value = Fault.class,
            names = {"EIO_WRITE", "SHORT_WRITE", "NO_SPACE", "FAILED_FORCE"})
    void failureOfAnyOperationMustNeverLeadToAFalseAcknowledgement(Fault fault) {
        int operations = new LogScript(11, STEPS).run().disk.operationCount();
        int hits = 0;
        for (int at = 0; at < operations; at++) {
            hits += failAt(at, fault, false) + failAt(at, fault, true);
        }
        assertTrue(hits > 100, "hits=" + hits);
    }

    private static int failAt(int at, Fault fault, boolean forever) {
        LogScript script = new LogScript(11, STEPS);
        script.disk.failAt(at, fault, forever);
        script.run();
        int end = script.disk.operationCount();
        for (CrashPolicy policy : List.of(CrashPolicy.NONE, CrashPolicy.TORN_SECTORS, CrashPolicy.ALL)) {
            script.check(script.disk.crashImage(end, policy, at), end);
        }
        SimDisk killed = script.disk.processCrashImage(end);
        LogSurvey survey = script.check(killed, end);
        script.check(killed.crashImage(killed.operationCount(), CrashPolicy.NONE, at), end);
        LogScript.goOn(killed, survey);
        return script.disk.faultsHit() > 0 ? 1 : 0;
    }

    @Test
    void failedForceMustEndTheLogForGood() {
        SimDisk disk = TestLog.disk();
        Slots slots = Slots.plant(disk);
        LogWriter log = LogWriter.create(TestLog.settings(disk), slots);
        TestLog.append(log, 0, 100);
        log.force();
        long durable = log.forced();
        TestLog.append(log, 1, 100);
        disk.failAt(disk.operationCount(), Fault.FAILED_FORCE, false);
        UnavailableException first = assertThrows(UnavailableException.class, log::force);
        assertEquals(QuireError.LOG_WRITE_FAIL, first.error());
        assertNotNull(first.getCause());
        int operations = disk.operationCount();
        assertThrows(UnavailableException.class, log::force, "no second try");
        assertThrows(UnavailableException.class, () -> TestLog.append(log, 2, 100));
        assertThrows(UnavailableException.class, () -> log.reserve(1, 1));
        assertThrows(UnavailableException.class, log::roll);
        log.await(durable);
        log.close();
        assertEquals(operations, disk.operationCount(), "nothing was written after the failure");
        assertEquals(1, slots.failures);
        assertEquals(log.failure(), slots.failure);
        assertEquals(durable, log.forced());
    }

    @Test
    void failingWitnessMustEndTheLog() {
        SimDisk disk = TestLog.disk();
        Slots slots = Slots.plant(disk);
        LogWriter log = LogWriter.create(TestLog.settings(disk), slots);
        int atSlot = 0;
        disk.resetTrace();
        log.roll();
        while (!disk.operations().get(atSlot).path().equals(Slots.FILE)) {
            atSlot++;
        }
        disk.failAt(disk.operationCount() + atSlot, Fault.EIO_WRITE, false);
        assertThrows(UnavailableException.class, log::roll);
        assertNotNull(log.failure());
    }

    @Test
    void fullDiskMustRefuseReservationsAndLeaveRoomForTheEngine() {
        SimDisk disk = TestLog.disk();
        Slots slots = Slots.plant(disk);
        LogWriter log = LogWriter.create(TestLog.settings(disk), slots);
        disk.quota(TestLog.SMALL + 4096);
        int id = 0;
        StorageFullException full = null;
        while (full == null) {
            long before = log.appended();
            try {
                log.reserve(3000, 3);
            } catch (StorageFullException e) {
                full = e;
                assertEquals(before, log.appended());
                continue;
            }
            for (int i = 0; i < 3; i++) {
                TestLog.append(log, id++, 1000);
                log.force();
            }
        }
        assertEquals(QuireError.LOG_DISK_FULL, full.error());
        assertTrue(id > 30, "room was used before: " + id);
        assertEquals(
                QuireError.LOG_DISK_FULL,
                assertThrows(StorageFullException.class, log::roll).error());
        for (int stamp = 0; stamp < 8; stamp++) {
            TestLog.append(log, id++, 200);
            log.force();
        }
        log.close();
        LogSurvey survey = LogSurvey.of(TestLog.settings(disk), 1, slots.highest, log.forced());
        assertEquals(TestLog.range(0, id), TestLog.ids(survey));
    }

    @Test
    void logMustGoOnWhenThereIsRoomAgain() {
        SimDisk disk = TestLog.disk();
        Slots slots = Slots.plant(disk);
        LogWriter log = LogWriter.create(TestLog.settings(disk), slots);
        TestLog.append(log, 0, 100);
        disk.quota(3L * TestLog.SMALL + 4096);
        assertThrows(StorageFullException.class, () -> log.reserve(10L * TestLog.SMALL, 100));
        long left = disk.usableBytes(TestLog.DIRECTORY);
        assertTrue(left >= TestLog.SMALL, "what was built for a refused demand is given back: left=" + left);
        disk.quota(Long.MAX_VALUE);
        log.reserve(10L * TestLog.SMALL, 100);
        for (int id = 1; id < 100; id++) {
            TestLog.append(log, id, 6500);
        }
        log.close();
        LogSurvey survey = LogSurvey.of(TestLog.settings(disk), 1, slots.highest, log.forced());
        assertEquals(TestLog.range(0, 100), TestLog.ids(survey));
    }

    @Test
    void reservedRecordsMustNeedNoRoomWhateverIsForcedBetween() {
        for (int records : new int[] {1, 2, 10, 200}) {
            for (int length : new int[] {0, 1, 57, 449, 5000, 16_000}) {
                SimDisk disk = TestLog.disk();
                LogWriter log = LogWriter.create(TestLog.settings(disk), Slots.plant(disk));
                TestLog.append(log, 0, 3000);
                log.reserve((long) records * Math.max(4, length), records);
                disk.quota(0);
                disk.resetTrace();
                for (int id = 0; id < records; id++) {
                    TestLog.append(log, id, length);
                    log.force();
                }
                assertTrue(disk.operations().stream().noneMatch(operation -> operation.type() == Type.ALLOCATE));
                TestLog.append(log, records, 1000);
                log.force();
                log.close();
            }
        }
    }

    @Test
    void rollMustNotTakeWhatIsReserved() {
        SimDisk disk = TestLog.disk();
        LogWriter log = LogWriter.create(TestLog.settings(disk), Slots.plant(disk));
        log.reserve(60_000, 6);
        disk.quota(0);
        assertEquals(
                QuireError.LOG_DISK_FULL,
                assertThrows(StorageFullException.class, log::roll).error());
        assertEquals(1, log.generation());
        for (int id = 0; id < 6; id++) {
            TestLog.append(log, id, 10_000);
        }
        log.close();
    }

    @Test
    void foreignGenerationInTheWayMustBeRefusedNotDeleted() {
        SimDisk disk = TestLog.disk();
        Slots slots = Slots.plant(disk);
        LogSettings settings = TestLog.settings(disk);
        LogWriter.create(settings, slots).close();
        SimDisk foreign = TestLog.disk();
        LogSettings other = new LogSettings(foreign, TestLog.DIRECTORY, 99, TestLog.SMALL, false);
        LogWriter.create(other, Slots.plant(foreign)).roll();
        disk.plant(TestLog.file(2), foreign.contents(TestLog.file(2)));
        LogSurvey survey = LogSurvey.of(settings, 1, slots.highest, slots.forced);
        QuireException refused = assertThrows(QuireException.class, () -> LogWriter.resume(settings, slots, survey));
        assertEquals(QuireError.BAD_LOG_SIGNATURE, refused.error());
        assertTrue(disk.list(TestLog.DIRECTORY).contains(LogFiles.name(2)));
    }
}

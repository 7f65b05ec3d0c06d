package dev.quire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quire.io.QuireException;
import dev.quire.io.Storage;
import dev.quire.io.sim.CrashPolicy;
import dev.quire.io.sim.Fault;
import dev.quire.io.sim.SimDisk;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/**
 * Fear: a force fails while a cleanly closed instance is opened, or while it is closed; the next opening believes what
 * only the cache holds; a commit is acknowledged on top of it, and a power cut takes it all.
 */
class CleanOpenFaultTest {

    private static final byte[] OLD = {1};
    private static final byte[] NEW = {2};

    @Test
    void aFailedForceWhileOpeningMustNotCostALaterCommit() {
        SimDisk base = SimInstances.disk();
        Instance instance = SimInstances.open(base, 1);
        put(instance, OLD);
        instance.close();
        SimDisk probe = base.processCrashImage(base.operationCount());
        int before = probe.operationCount();
        SimInstances.open(probe, 2).halt();
        int operations = probe.operationCount() - before;
        int hit = 0;
        for (int k = 0; k < operations; k++) {
            SimDisk disk = base.processCrashImage(base.operationCount());
            hit += withFault(
                    disk,
                    disk.operationCount() + k,
                    d -> SimInstances.open(d, 3).halt());
        }
        assertTrue(hit > 3, "faults hit: " + hit);
    }

    @Test
    void aFailedForceWhileClosingMustNotCostALaterCommit() {
        int hit = 0;
        for (int k = 0; k < 40; k++) {
            SimDisk disk = SimInstances.disk();
            Instance instance = SimInstances.open(disk, 1);
            put(instance, OLD);
            hit += withFault(disk, disk.operationCount() + k, d -> instance.close());
        }
        assertTrue(hit > 3, "faults hit: " + hit);
    }

    /** The same with threads: the fault comes while the log is closed, behind the last force that anybody waits for. */
    @Test
    void aGenerationWhoseNameWasNotForcedWhileClosingMustNotBeBuiltOn() throws InterruptedException {
        SimDisk disk = SimInstances.disk();
        AtomicInteger names = new AtomicInteger();
        CountDownLatch ready = new CountDownLatch(1);
        Storage storage = new MutantStorage(disk, (call, name) -> {
            boolean ahead = Thread.currentThread().getName().equals("quire-log-builder");
            // What was there, the first generation, the one behind it.
            if (ahead && call == MutantStorage.Call.FORCE_DIRECTORY && names.incrementAndGet() == 3) {
                ready.countDown();
                awaitClosing();
                disk.failAt(disk.operationCount(), Fault.FAILED_FORCE, false);
            }
            return false;
        });
        Instance instance = SimInstances.config(storage, SimInstances.HERE, 1)
                .background(true)
                .open();
        put(instance, OLD);
        ready.await();
        assertThrows(QuireException.class, instance::close);
        assertEquals(1, disk.faultsHit());
        disk.clearFaults();
        commitSurvives(disk, "the name of a generation");
    }

    /** Until somebody waits for the calling thread to end. */
    private static void awaitClosing() {
        while (Thread.getAllStackTraces().values().stream()
                .noneMatch(stack -> Arrays.stream(stack).anyMatch(CleanOpenFaultTest::isJoin))) {
            Thread.onSpinWait();
        }
    }

    private static boolean isJoin(StackTraceElement frame) {
        return frame.getClassName().endsWith(".LogThreads")
                && frame.getMethodName().equals("join");
    }

    /** Runs with one failed force; then a commit of the process after it must survive a power cut. */
    private static int withFault(SimDisk disk, int operation, Consumer<SimDisk> task) {
        disk.failAt(operation, Fault.FAILED_FORCE, false);
        try {
            task.accept(disk);
        } catch (QuireException expected) {
            assertTrue(disk.faultsHit() > 0, expected.getMessage());
        }
        if (disk.faultsHit() == 0) {
            return 0;
        }
        disk.clearFaults();
        commitSurvives(disk, disk.describe(operation));
        return 1;
    }

    private static void commitSurvives(SimDisk disk, String what) {
        SimDisk next = disk.processCrashImage(disk.operationCount());
        Instance instance = SimInstances.open(next, 4);
        put(instance, NEW);
        instance.halt();
        SimDisk cut = next.crashImage(next.operationCount(), CrashPolicy.NONE, 1);
        try (Instance again = SimInstances.open(cut, 5);
                ReadTransaction tx = again.beginRead()) {
            Table table = tx.table(again.database("x"), "t");
            assertTrue(table.contains(OLD) && table.contains(NEW), "lost behind " + what);
        }
    }

    private static void put(Instance instance, byte[] key) {
        Database database = instance.openOrCreate("x");
        try (WriteTransaction tx = instance.beginWrite()) {
            tx.openOrCreateTable(database, "t").put(key, new byte[100]);
            tx.commit();
        }
    }
}

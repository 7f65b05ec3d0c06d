package dev.quire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quire.io.QuireError;
import dev.quire.io.QuireException;
import dev.quire.io.Storage;
import dev.quire.io.UnavailableException;
import dev.quire.io.sim.SimDisk;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** An instance that is halted leaves what a crash leaves. */
class HaltTest {

    /** Halting poisons; that stands here for a thread that halts while another one is at a checkpoint. */
    @Test
    void aRunningCheckpointMustStopAtItsNextWrite() {
        int stopped = 0;
        for (int last = 1; ; last++) {
            SimDisk disk = SimInstances.disk();
            AtomicInteger left = new AtomicInteger(Integer.MAX_VALUE);
            AtomicReference<Instance> halted = new AtomicReference<>();
            Storage storage = new MutantStorage(disk, (call, name) -> {
                if (call == MutantStorage.Call.WRITE && left.decrementAndGet() == 0) {
                    halted.get().engine().poison().set(new QuireException(QuireError.TERM_IN_PROGRESS, "halted"));
                }
                return false;
            });
            Instance instance = SimInstances.open(storage, 1);
            halted.set(instance);
            fill(instance);
            left.set(last);
            try {
                instance.checkpoint();
            } catch (UnavailableException e) {
                stopped++;
            }
            int written = last - left.get();
            // What is under way ends: a header has two copies, and a slot is the end of it all.
            assertTrue(left.get() > 0 || written <= last + 1, "write " + last + " was followed to " + written);
            instance.halt();
            if (left.get() > 0) {
                break;
            }
            SimInstances.open(disk, 2).close();
        }
        assertTrue(stopped > 8, "stopped=" + stopped);
    }

    /** Pages that go through the guard and such that do not, in two databases. */
    private static void fill(Instance instance) {
        for (int round = 0; round < 2; round++) {
            for (String name : List.of("a", "b")) {
                Database database = instance.openOrCreate(name);
                try (WriteTransaction tx = instance.beginWrite()) {
                    WritableTable table = tx.openOrCreateTable(database, "t");
                    for (int key = round; key < 60; key++) {
                        table.put(new byte[] {(byte) key}, new byte[key == 59 ? 9_000 : 300]);
                    }
                    tx.commit();
                }
            }
            if (round == 0) {
                instance.checkpoint();
            }
        }
    }

    @Test
    void haltingMustWriteNothingNotEvenLazyCommits() {
        SimDisk disk = SimInstances.disk();
        Instance instance = SimInstances.open(disk, 1);
        Database database = instance.createDatabase("db");
        createTable(database, "durable", Durability.DURABLE);
        createTable(database, "lazy", Durability.LAZY);
        int operations = disk.operationCount();
        instance.halt();
        assertEquals(operations, disk.operationCount(), () -> disk.describe(operations));
        try (Instance again = SimInstances.open(disk, 2);
                ReadTransaction tx = again.beginRead()) {
            assertFalse(again.recovery().clean());
            assertEquals(1, tx.tables(again.database("db")).size());
        }
    }

    /** Fear: what the engine believes after a fault is written down as an orderly end, and nobody recovers. */
    @Test
    void anInstanceWithAFaultMustBeLeftToRecoveryWhenItIsClosed() {
        SimDisk disk = SimInstances.disk();
        Instance instance = SimInstances.open(disk, 1);
        createTable(instance.createDatabase("db"), "durable", Durability.DURABLE);
        instance.engine().poison().set(new InternalError("a fault of the disk under a map"));
        int operations = disk.operationCount();
        instance.close();
        assertEquals(operations, disk.operationCount(), () -> disk.describe(operations));
        try (Instance again = SimInstances.open(disk, 2)) {
            assertFalse(again.recovery().clean());
        }
    }

    private static void createTable(Database database, String name, Durability durability) {
        try (WriteTransaction tx = database.instance().beginWrite()) {
            tx.createTable(database, name);
            tx.commit(durability);
        }
    }
}

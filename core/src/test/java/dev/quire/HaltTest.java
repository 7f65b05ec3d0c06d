package dev.quire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.quire.io.sim.SimDisk;
import org.junit.jupiter.api.Test;

/** An instance that is halted leaves what a crash leaves. */
class HaltTest {

    @Test
    void haltingMustWriteNothingNotEvenLazyCommits() {
        SimDisk disk = SimInstances.disk();
        Instance instance = SimInstances.open(disk, 1);
        Database database = instance.createDatabase("db");
        try (WriteTransaction tx = instance.beginWrite()) {
            tx.createTable(database, "durable");
            tx.commit();
        }
        try (WriteTransaction tx = instance.beginWrite()) {
            tx.createTable(database, "lazy");
            tx.commit(Durability.LAZY);
        }
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
        Database database = instance.createDatabase("db");
        try (WriteTransaction tx = instance.beginWrite()) {
            tx.createTable(database, "durable");
            tx.commit();
        }
        instance.engine().poison().set(new InternalError("a fault of the disk under a map"));
        int operations = disk.operationCount();
        instance.close();
        assertEquals(operations, disk.operationCount(), () -> disk.describe(operations));
        try (Instance again = SimInstances.open(disk, 2)) {
            assertFalse(again.recovery().clean());
        }
    }
}

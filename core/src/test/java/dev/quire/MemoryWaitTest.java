package dev.quire;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quire.durable.EngineThreads;
import dev.quire.io.LimitException;
import dev.quire.pages.FramePool;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** Memory is spent, and a writer waits for those who read. */
class MemoryWaitTest {

    private static final long WAIT_MS = 600_000;
    private static final int ROUNDS = 20;
    private static final int VALUES = 250;
    private static final int VALUE_BYTES = 1_800;

    private final AtomicReference<Throwable> fault = new AtomicReference<>();

    /** Fear: it waits on for what it keeps itself, while nobody else can write. */
    @Test
    void aWriterMustNotWaitWhenNobodyReadsAnyMore() throws InterruptedException {
        Instance instance = SimInstances.config(SimInstances.disk(), SimInstances.HERE, 1)
                .background(true)
                .memoryWaitMs(WAIT_MS)
                .open();
        FramePool pool = instance.engine().versions().pool();
        Database database = instance.createDatabase("db");
        ReadTransaction reader = instance.beginRead();
        Thread writer = new Thread(() -> write(instance, database));
        writer.start();
        for (int spent = 0; spent < 50 && writer.isAlive(); spent++) {
            EngineThreads.pause(1);
            spent = pool.usedBytes() > pool.budgetBytes() / 16 * 15 ? spent : 0;
        }
        reader.close();
        writer.join(WAIT_MS / 10);
        assertFalse(writer.isAlive());
        Throwable told = fault.getAndSet(null);
        assertTrue(told == null || told instanceof LimitException, () -> CrashJudge.text(told));
        write(instance, database);
        assertNull(fault.get(), () -> CrashJudge.text(fault.get()));
        instance.close();
    }

    private void write(Instance instance, Database database) {
        try {
            for (int round = 0; round < ROUNDS; round++) {
                try (WriteTransaction tx = instance.beginWrite()) {
                    WritableTable table = tx.openOrCreateTable(database, "t");
                    for (int i = 0; i < VALUES; i++) {
                        table.put(StateModel.bytes(Step.key("k" + round, i)), new byte[VALUE_BYTES]);
                    }
                    tx.commit();
                }
            }
        } catch (RuntimeException | Error e) {
            fault.set(e);
        }
    }
}

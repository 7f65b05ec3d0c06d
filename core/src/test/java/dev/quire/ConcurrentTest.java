package dev.quire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quire.io.sim.CrashPolicy;
import dev.quire.io.sim.SimDisk;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** Writers, readers and the engine's own threads at once: money moves between accounts, and none may come or go. */
class ConcurrentTest {

    private static final int ACCOUNTS = 400;
    private static final long EACH = 1_000;
    private static final int WRITERS = 4;
    private static final int COMMITS = 400;

    private final SimDisk disk = SimInstances.disk();
    private final AtomicReference<Throwable> fault = new AtomicReference<>();
    private final AtomicBoolean done = new AtomicBoolean();
    private final AtomicLongArray acknowledged = new AtomicLongArray(WRITERS);
    private Instance instance;

    @Test
    void everySnapshotMustBeWholeWhileWritersAndCheckpointsWork() throws InterruptedException {
        disk.recordTrace(false);
        instance = SimInstances.config(disk, SimInstances.HERE, 1)
                .background(true)
                .checkpointBytes(1 << 20)
                .checkpointIntervalMs(100)
                .open();
        instance.createDatabase("db");
        try (WriteTransaction tx = instance.beginWrite()) {
            WritableTable table = tx.createTable(database(), "t");
            for (int i = 0; i < ACCOUNTS; i++) {
                table.put(account(i), money(EACH));
            }
            tx.commit();
        }
        List<Thread> writers = new ArrayList<>();
        List<Thread> others = new ArrayList<>();
        for (int i = 0; i < WRITERS; i++) {
            int writer = i;
            writers.add(start(() -> write(writer)));
        }
        others.add(start(this::read));
        others.add(start(this::read));
        others.add(start(this::checkpoint));
        for (Thread writer : writers) {
            writer.join();
        }
        done.set(true);
        for (Thread other : others) {
            other.join();
        }
        assertNull(fault.get(), () -> CrashJudge.text(fault.get()));
        assertTrue(instance.check().isSound());
        instance.halt();
        SimDisk left = disk.crashImage(disk.operationCount(), CrashPolicy.NONE, 0);
        instance = SimInstances.open(left, 2);
        try (ReadTransaction tx = instance.beginRead()) {
            assertEquals(ACCOUNTS * EACH, sum(tx));
            for (int i = 0; i < WRITERS; i++) {
                assertEquals(
                        acknowledged.get(i), number(tx.table(database(), "t").get(counter(i))));
            }
        }
        assertTrue(instance.check().isSound());
        instance.close();
    }

    private Thread start(Runnable task) {
        Thread thread = new Thread(() -> {
            try {
                task.run();
            } catch (RuntimeException | Error e) {
                fault.compareAndSet(null, e);
            }
        });
        thread.start();
        return thread;
    }

    private void write(int writer) {
        SplittableRandom random = new SplittableRandom(writer);
        for (long commit = 1; commit <= COMMITS && fault.get() == null; commit++) {
            try (WriteTransaction tx = instance.beginWrite()) {
                WritableTable table = tx.table(database(), "t");
                byte[] from = account(random.nextInt(ACCOUNTS));
                byte[] to = account(random.nextInt(ACCOUNTS));
                long amount = random.nextInt(10);
                table.put(from, money(number(table.get(from)) - amount));
                table.put(to, money(number(table.get(to)) + amount));
                table.put(counter(writer), money(commit));
                table.put(StateModel.bytes("x" + random.nextInt(30)), new byte[random.nextInt(20_000)]);
                if (random.nextInt(10) == 0) {
                    continue; // an abort, and this number is used again
                }
                tx.commit(random.nextInt(4) == 0 && commit < COMMITS ? Durability.LAZY : Durability.DURABLE);
            }
        }
        try (WriteTransaction tx = instance.beginWrite()) {
            tx.table(database(), "t").put(counter(writer), money(COMMITS));
            tx.commit();
            acknowledged.set(writer, COMMITS);
        }
    }

    private void read() {
        while (!done.get() && fault.get() == null) {
            try (ReadTransaction tx = instance.beginRead()) {
                for (int i = 0; i < 3; i++) {
                    long sum = sum(tx);
                    if (sum != ACCOUNTS * EACH) {
                        throw new AssertionError("sum=" + sum + " at " + tx.snapshot());
                    }
                    Thread.yield();
                }
            }
        }
    }

    private void checkpoint() {
        while (!done.get() && fault.get() == null) {
            instance.checkpoint();
            Thread.yield();
        }
    }

    private long sum(ReadTransaction tx) {
        Cursor cursor = tx.table(database(), "t").cursor();
        long sum = 0;
        for (boolean there = cursor.seek(account(0)); there && cursor.key()[0] == 'a'; there = cursor.next()) {
            sum += number(cursor.value().toBytes());
        }
        return sum;
    }

    private Database database() {
        return instance.database("db");
    }

    private static byte[] account(int number) {
        return StateModel.bytes(Step.key("account", number));
    }

    private static byte[] counter(int writer) {
        return StateModel.bytes("counter" + writer);
    }

    private static byte[] money(long amount) {
        return ByteBuffer.allocate(200).putLong(0, amount).array();
    }

    private static long number(byte[] bytes) {
        return ByteBuffer.wrap(bytes).getLong(0);
    }
}

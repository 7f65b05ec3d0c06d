package dev.quire.backup;

import dev.quire.Cursor;
import dev.quire.Database;
import dev.quire.Durability;
import dev.quire.Instance;
import dev.quire.ReadTransaction;
import dev.quire.WritableTable;
import dev.quire.WriteTransaction;
import dev.quire.io.InUseException;
import dev.quire.io.Progress;
import java.lang.reflect.Method;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Hundreds of virtual threads on one instance, to be run with a single carrier: money moves between accounts, nobody
 * may see any come or go, and nobody may keep the carrier while he waits for somebody who needs it.
 */
final class VirtualThreads {

    private static final int READERS = 200;
    private static final int WRITERS = 8;
    private static final int ACCOUNTS = 300;
    private static final long EACH = 1_000;
    private static final int COMMITS = 40;
    private static final int DETACHES = 20;

    private final Path directory;
    private final AtomicReference<Throwable> fault = new AtomicReference<>();
    private final Method start;
    private Instance instance;

    private VirtualThreads(Path directory) throws ReflectiveOperationException {
        this.directory = directory;
        this.start = Thread.class.getMethod("startVirtualThread", Runnable.class);
    }

    static void run(Path directory) throws Exception {
        VirtualThreads run = new VirtualThreads(directory);
        run.instance = Child.open(directory);
        run.transfers();
        run.detaches();
        run.instance.halt();
        run.instance = Child.open(directory);
        run.sum();
        run.counts();
        Child.require(run.instance.check().isSound());
        run.instance.close();
    }

    private Thread start(Runnable task) {
        Runnable guarded = () -> {
            try {
                task.run();
            } catch (RuntimeException | Error e) {
                fault.compareAndSet(null, e);
            }
        };
        try {
            return (Thread) start.invoke(null, guarded);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    private void join(List<Thread> threads) throws InterruptedException {
        for (Thread thread : threads) {
            thread.join();
        }
        if (fault.get() != null) {
            throw new IllegalStateException(fault.get());
        }
    }

    private void transfers() throws InterruptedException {
        instance.createDatabase("db");
        try (WriteTransaction tx = instance.beginWrite()) {
            WritableTable table = tx.createTable(database(), "t");
            for (int i = 0; i < ACCOUNTS; i++) {
                table.put(Child.key(0, i), money(EACH));
            }
            tx.commit();
        }
        instance.close();
        instance = Child.open(directory); // so that the readers touch every page for the first time
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < READERS; i++) {
            threads.add(start(this::read));
        }
        for (int i = 0; i < WRITERS; i++) {
            int writer = i;
            threads.add(start(() -> write(writer)));
        }
        threads.add(start(() -> Backup.full(instance, directory.resolve("backup"), Progress.NONE)));
        threads.add(start(() -> instance.checkpoint()));
        for (int i = 0; i < READERS; i += 10) {
            threads.get(i).interrupt();
        }
        join(threads);
    }

    private void read() {
        for (int i = 0; i < 5; i++) {
            sum();
        }
    }

    private void sum() {
        try (ReadTransaction tx = instance.beginRead()) {
            Cursor cursor = tx.table(database(), "t").cursor();
            long sum = 0;
            int count = 0;
            for (boolean there = cursor.seek(Child.key(0, 0)); there && cursor.key()[3] == 0; there = cursor.next()) {
                sum += number(cursor.value().toBytes());
                Thread.yield();
                count++;
            }
            Child.require(count == ACCOUNTS && sum == ACCOUNTS * EACH);
        }
    }

    private void write(int writer) {
        for (int i = 1; i <= COMMITS; i++) {
            try (WriteTransaction tx = instance.beginWrite()) {
                WritableTable table = tx.table(database(), "t");
                byte[] from = Child.key(0, (writer * 31 + i * 7) % ACCOUNTS);
                byte[] to = Child.key(0, (writer * 17 + i * 13) % ACCOUNTS);
                table.put(from, money(number(table.get(from)) - i));
                Thread.yield();
                table.put(to, money(number(table.get(to)) + i));
                table.put(Child.key(1, writer), money(i));
                tx.commit(i % 4 == 0 && i < COMMITS ? Durability.LAZY : Durability.DURABLE);
            }
        }
    }

    private void counts() {
        try (ReadTransaction tx = instance.beginRead()) {
            for (int writer = 0; writer < WRITERS; writer++) {
                Child.require(number(tx.table(database(), "t").get(Child.key(1, writer))) == COMMITS);
            }
        }
    }

    /** While one detaches nobody may begin: whoever waits must let him have the carrier, interrupted or not. */
    private void detaches() throws InterruptedException {
        instance.createDatabase("side");
        Thread detaching = start(this::detach);
        List<Thread> threads = new ArrayList<>(List.of(detaching));
        for (int i = 0; i < 4; i++) {
            threads.add(start(() -> {
                while (detaching.isAlive() && fault.get() == null) {
                    Thread.currentThread().interrupt();
                    try (ReadTransaction tx = instance.beginRead()) {
                        Child.require(tx.isOpen());
                    }
                    Child.require(Thread.interrupted());
                    pause();
                }
            }));
        }
        join(threads);
    }

    private void detach() {
        for (int done = 0; done < DETACHES; ) {
            try {
                instance.detach("side");
                instance.attach("side");
                done++;
            } catch (InUseException e) {
                pause();
            }
        }
    }

    /** A yield would do, but a carrier may go on with those that yield for ever, and never look who was woken. */
    private static void pause() {
        try {
            Thread.sleep(1);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private Database database() {
        return instance.database("db");
    }

    private static byte[] money(long amount) {
        return ByteBuffer.allocate(400).putLong(0, amount).array();
    }

    private static long number(byte[] bytes) {
        return ByteBuffer.wrap(bytes).getLong(0);
    }
}

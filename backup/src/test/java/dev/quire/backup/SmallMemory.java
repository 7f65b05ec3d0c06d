package dev.quire.backup;

import dev.quire.Cursor;
import dev.quire.Database;
import dev.quire.Instance;
import dev.quire.InstanceConfig;
import dev.quire.ReadTransaction;
import dev.quire.WritableRawPages;
import dev.quire.WritableTable;
import dev.quire.WriteTransaction;
import dev.quire.io.FileStorage;
import dev.quire.io.LimitException;
import dev.quire.io.MutableBytesView;
import dev.quire.io.Progress;
import dev.quire.io.QuireError;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;

/**
 * A user in a small process. Whatever there is too little of, he gets a {@link LimitException} and can go on: an {@link
 * OutOfMemoryError} that comes out ends the run, and with it the test.
 */
final class SmallMemory {

    private static final int RECORDS = 6_000;
    private static final int BATCH = 100;

    private final Path directory;
    private final InstanceConfig config;
    private Instance instance;
    private int committed;

    private SmallMemory(Path directory, InstanceConfig config) {
        this.directory = directory;
        this.config = config;
    }

    /** With a small budget, or with the one that everybody has who sets none. */
    static void run(Path directory, String what) throws Exception {
        InstanceConfig small = Instance.configure(directory.resolve("here")).memoryWaitMs(300);
        if (what.equals("budget")) {
            small.memoryBytes(8 << 20).logGenerationBytes(1 << 20).guardHalfBytes(256 << 10);
        }
        SmallMemory run = new SmallMemory(directory, small.checkpointBytes(4 << 20));
        run.open();
        run.instance.createDatabase("db");
        run.load(RECORDS);
        run.transactionTooLong();
        run.rawPagesTooMany();
        run.longValues();
        run.pinnedByAReader();
        run.manyReaders();
        run.backup();
        run.recover();
        run.judge(run.instance);
        run.instance.close();
    }

    private void open() {
        instance = config.open();
    }

    private Database database() {
        return instance.database("db");
    }

    private void load(int more) {
        for (int end = committed + more; committed < end; ) {
            try (WriteTransaction tx = instance.beginWrite()) {
                WritableTable table = tx.openOrCreateTable(database(), "t");
                for (int i = committed; i < committed + BATCH; i++) {
                    table.put(Child.key(0, i), Child.value(i));
                }
                tx.commit();
            }
            committed += BATCH;
        }
    }

    private static void limited(LimitException e) {
        if (e.error() != QuireError.OUT_OF_MEMORY && e.error() != QuireError.TRANSACTION_TOO_LONG) {
            throw e;
        }
    }

    private void transactionTooLong() {
        try (WriteTransaction tx = instance.beginWrite()) {
            WritableTable table = tx.table(database(), "t");
            for (int i = 0; i < 2_000_000; i++) {
                table.put(Child.key(0, i), new byte[500]);
            }
            throw new IllegalStateException("a transaction without bounds");
        } catch (LimitException e) {
            limited(e);
        }
        load(BATCH);
    }

    /** What the user writes into is on the heap: there must be an end of it before the heap has none. */
    private void rawPagesTooMany() {
        List<MutableBytesView> views = new ArrayList<>();
        try (WriteTransaction tx = instance.beginWrite()) {
            WritableRawPages raw = tx.rawPages(database());
            for (int i = 0; i < 1_000_000; i++) {
                MutableBytesView view = new MutableBytesView();
                raw.allocate(view);
                view.putLong(0, i);
                views.add(view);
            }
            throw new IllegalStateException("raw pages without bounds");
        } catch (LimitException e) {
            limited(e);
        }
        views.clear();
        long[] page = new long[1];
        try (WriteTransaction tx = instance.beginWrite()) {
            MutableBytesView view = new MutableBytesView();
            page[0] = tx.rawPages(database()).allocate(view);
            view.putLong(8, 77);
            tx.commit();
        }
        try (WriteTransaction tx = instance.beginWrite()) {
            MutableBytesView view = new MutableBytesView();
            tx.rawPages(database()).modify(page[0], view);
            Child.require(view.getLong(8) == 77);
            tx.rawPages(database()).free(page[0]);
            tx.commit();
        }
        load(BATCH);
    }

    private void longValues() {
        int longest = 0;
        LimitException refused = null;
        for (int bytes = 1 << 20; bytes <= 4 << 20; bytes += 1 << 20) {
            byte[] value = Contents.noise(bytes, bytes);
            try (WriteTransaction tx = instance.beginWrite()) {
                tx.openOrCreateTable(database(), "long").put(Child.key(0, bytes), value);
                tx.commit();
                longest = bytes;
            } catch (LimitException e) {
                limited(e);
                refused = e;
            }
        }
        if (longest < 1 << 20) {
            throw new IllegalStateException(String.valueOf(refused), refused);
        }
        try (ReadTransaction tx = instance.beginRead()) {
            byte[] found = tx.table(database(), "long").get(Child.key(0, longest));
            Child.require(Arrays.equals(Contents.noise(longest, longest), found));
        }
    }

    /** A snapshot from before keeps every version: memory is spent by commits that are none too long. */
    private void pinnedByAReader() {
        boolean spent = false;
        try (ReadTransaction pins = instance.beginRead()) {
            for (int i = 0; i < 3_000 && !spent; i++) {
                try (WriteTransaction tx = instance.beginWrite()) {
                    WritableTable table = tx.openOrCreateTable(database(), "again");
                    for (int k = 0; k < 200; k++) {
                        table.put(Child.key(i, k), new byte[1_500]);
                    }
                    tx.commit();
                } catch (LimitException e) {
                    limited(e);
                    spent = true;
                }
            }
            Child.require(spent && pins.isOpen());
        }
        load(BATCH);
    }

    private void manyReaders() throws InterruptedException {
        AtomicReference<Throwable> fault = new AtomicReference<>();
        instance.close();
        open();
        List<Thread> readers = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            readers.add(new Thread(null, () -> scan(fault), "reader" + i, 128 << 10));
            readers.get(i).start();
        }
        load(BATCH);
        for (Thread reader : readers) {
            reader.join();
        }
        if (fault.get() != null) {
            throw new IllegalStateException(fault.get());
        }
    }

    private void scan(AtomicReference<Throwable> fault) {
        try (ReadTransaction tx = instance.beginRead()) {
            Cursor cursor = tx.table(database(), "t").cursor();
            int count = 0;
            while (cursor.next()) {
                count++;
            }
            Child.require(count >= RECORDS);
        } catch (RuntimeException | Error e) {
            fault.compareAndSet(null, e);
        }
    }

    private void backup() {
        Path to = directory.resolve("backup");
        Backup.full(instance, to, Progress.NONE);
        Child.require(BackupVerification.verify(FileStorage.instance(), to, Progress.NONE)
                .isSound());
        Restore.restore(FileStorage.instance(), to, directory.resolve("back"), Progress.NONE);
        Path back = directory.resolve("back");
        try (Instance restored = Instance.configure(back)
                .memoryBytes(8 << 20)
                .guardHalfBytes(256 << 10)
                .open()) {
            judge(restored);
        }
    }

    private void recover() {
        load(2_000);
        instance.halt();
        open();
        Child.require(!instance.recovery().clean());
    }

    private void judge(Instance of) {
        try (ReadTransaction tx = of.beginRead()) {
            for (int i = 0; i < committed; i++) {
                byte[] found = tx.table(of.database("db"), "t").get(Child.key(0, i));
                Child.require(Arrays.equals(Child.value(i), found));
            }
        }
        Child.require(of.check().isSound());
    }
}

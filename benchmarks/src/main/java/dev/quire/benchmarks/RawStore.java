package dev.quire.benchmarks;

import dev.quire.Database;
import dev.quire.Durability;
import dev.quire.Instance;
import dev.quire.WritableRawPages;
import dev.quire.WriteTransaction;
import dev.quire.durable.Names;
import dev.quire.io.MutableBytesView;
import java.nio.file.Path;

/** An instance with a database of raw pages, each of which begins with the number that is its place in the row. */
final class RawStore implements AutoCloseable {

    private static final int PAGES_PER_TRANSACTION = 4_096;

    /** Numbers of the pages, in the order in which they were allocated. */
    final long[] pages;

    private final Path directory;
    private Instance instance;
    private Database database;

    RawStore(String name, int count) {
        directory = Scratch.fresh(name);
        pages = new long[count];
        open();
        MutableBytesView view = new MutableBytesView();
        for (int start = 0; start < count; start += PAGES_PER_TRANSACTION) {
            try (WriteTransaction tx = instance.beginWrite()) {
                WritableRawPages raw = tx.rawPages(database);
                for (int i = start; i < Math.min(count, start + PAGES_PER_TRANSACTION); i++) {
                    pages[i] = raw.allocate(view);
                    view.putLong(0, i);
                }
                tx.commit(Durability.LAZY);
            }
        }
        reopen();
    }

    Instance instance() {
        return instance;
    }

    Database database() {
        return database;
    }

    /** The file of the database. */
    Path file() {
        return Names.database(directory, StoreFixture.DATABASE);
    }

    /** Closes and opens: every page is in its file, and none was touched. */
    void reopen() {
        shut();
        open();
    }

    /** Closes the instance and keeps its files. */
    void shut() {
        instance.close();
        instance = null;
    }

    /** Opens it again. */
    void open() {
        instance = Instance.open(directory);
        database = instance.openOrCreate(StoreFixture.DATABASE);
    }

    @Override
    public void close() {
        instance.close();
        Scratch.delete(directory);
    }
}

package dev.quire;

import dev.quire.durable.Engine;
import dev.quire.durable.Label;
import dev.quire.io.LimitException;
import dev.quire.io.QuireError;
import dev.quire.io.QuireException;
import dev.quire.io.UnavailableException;
import dev.quire.pages.ChangedPages;
import dev.quire.pages.DatabasePages;
import dev.quire.pages.PageReader;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;

/**
 * Changes any of the attached databases, all of it or nothing. It reads the newest commit, durable or not, and sees its
 * own changes; nobody else sees them before {@link #commit}. There is one at a time.
 *
 * <p>An exception in the middle of a change that touches several pages leaves the transaction fit for {@link #abort}
 * alone.
 */
public final class WriteTransaction extends Transaction {

    private static final Set<QuireError> REFUSALS =
            EnumSet.of(QuireError.OBJECT_DUPLICATE, QuireError.OBJECT_NOT_FOUND, QuireError.INVALID_NAME);

    private final Engine engine;
    private final long base;
    private final Map<Integer, DatabasePages> used = new TreeMap<>();
    private final Map<Integer, WritableRawPages> raw = new TreeMap<>();
    private final Map<String, WritableTable> tables = new TreeMap<>();
    /** A table is being made or dropped, or that was cut short by an error. */
    private boolean torn;
    /** What is known of tables may not outlive the transaction. */
    private boolean catalogChanged;

    private String restorePoint = "";

    WriteTransaction(Instance instance) {
        super(instance, true);
        this.engine = instance.engine();
        this.base = snapshot();
    }

    /** A table to read and change; {@code OBJECT_NOT_FOUND} if there is none. */
    public WritableTable table(Database database, String name) {
        check(database);
        return tables.computeIfAbsent(
                key(database, name), key -> reading(() -> Tables.openWritable(this, database, name)));
    }

    /** Makes a table; {@code OBJECT_DUPLICATE} if there is one, {@code INVALID_NAME} if it cannot be named so. */
    public WritableTable createTable(Database database, String name) {
        check(database);
        WritableTable table = whole(() -> Tables.create(this, database, name));
        tables.put(key(database, name), table);
        return table;
    }

    /** The table of that name, made when there is none. */
    public WritableTable openOrCreateTable(Database database, String name) {
        check(database);
        return tables(database).contains(name) ? table(database, name) : createTable(database, name);
    }

    /** Deletes a table with all its entries; {@code OBJECT_NOT_FOUND} if there is none. */
    public void dropTable(Database database, String name) {
        check(database);
        WritableTable handle = tables.get(key(database, name));
        if (handle != null) {
            checkWhole(handle.isWhole());
        }
        whole(() -> {
            Tables.drop(this, database, name);
            return null;
        });
        if (handle != null) {
            tables.remove(key(database, name)).dropped();
        }
    }

    /** The names of the tables in a database, sorted. */
    public List<String> tables(Database database) {
        check(database);
        return reading(() -> Tables.names(this, database));
    }

    /** The raw pages of a database. */
    public WritableRawPages rawPages(Database database) {
        check(database);
        return raw.computeIfAbsent(database.pages().id(), id -> new WritableRawPages(this, database));
    }

    /**
     * Has the commit leave a restore point: a restore can stop exactly behind it, by that name. A transaction leaves
     * one at most, the last that was asked for; of several in the log with one name the last one counts.
     *
     * @param name 1 to 128 characters, none of which controls anything
     * @throws QuireException {@code INVALID_NAME} if it cannot be one; {@code LOGGING_DISABLED} if there is no log to
     *     leave it in
     */
    public void restorePoint(String name) {
        check();
        if (name.isEmpty() || !Label.isOne(name)) {
            throw new QuireException(
                    QuireError.INVALID_NAME,
                    "restore point: " + (name.isEmpty() ? "its name is empty" : Label.fault(name)));
        }
        if (engine.log() == null) {
            throw new QuireException(QuireError.LOGGING_DISABLED, "there is no log that could hold a restore point");
        }
        restorePoint = name;
    }

    /** Commits and waits until a crash cannot take it back. */
    public void commit() {
        commit(Durability.DURABLE);
    }

    /**
     * Commits. When this returns, or throws {@link UnavailableException}, the transaction has ended; with any other
     * error it is still open and unchanged, to be tried again or aborted.
     *
     * @throws dev.quire.io.StorageFullException {@code LOG_DISK_FULL} or {@code DISK_FULL}: nothing was written
     * @throws LimitException {@code OUT_OF_MEMORY}: nothing was written
     * @throws UnavailableException {@code LOG_WRITE_FAIL} if the outcome is unknown: after reopening the transaction is
     *     there whole or not at all
     */
    public void commit(Durability durability) {
        check();
        checkTables();
        raw.values().forEach(WritableRawPages::settle);
        List<DatabasePages> changed = new ArrayList<>(1);
        for (DatabasePages pages : used.values()) {
            if (!pages.changes().isEmpty()) {
                changed.add(pages);
            }
        }
        lookForFaults();
        long position = changed.isEmpty() && restorePoint.isEmpty() ? base : append(changed, durability);
        finish();
        if (durability == Durability.DURABLE) {
            engine.await(position);
        }
    }

    /** Forgets all changes. Waits until the commit it was built on is durable, for it may have told of it. */
    public void abort() {
        check();
        forget();
        engine.await(base);
    }

    /**
     * Notes when a change to the catalog is cut short; a name that is refused is refused before anything is changed.
     */
    private <T> T whole(Supplier<T> change) {
        boolean before = torn;
        torn = true;
        catalogChanged = true;
        try {
            T result = reading(change);
            torn = before;
            return result;
        } catch (QuireException e) {
            torn = before || !REFUSALS.contains(e.error());
            throw e;
        }
    }

    private void checkTables() {
        checkWhole(!torn);
        for (WritableTable table : tables.values()) {
            checkWhole(table.isWhole());
        }
    }

    private static void checkWhole(boolean whole) {
        if (!whole) {
            throw new IllegalStateException("a change was cut short by an error: the transaction can only be aborted");
        }
    }

    /** A fault that came up while the transaction read ends it: nothing of it is written. */
    private void lookForFaults() {
        try {
            checkFaults();
        } catch (UnavailableException e) {
            forget();
            throw e;
        }
    }

    private void forget() {
        raw.values().forEach(WritableRawPages::discard);
        used.values().forEach(pages -> pages.changes().abort());
        finish();
    }

    @Override
    public void close() {
        checkOwner();
        if (isOpen()) {
            abort();
        }
    }

    @Override
    PageReader pages(Database database) {
        return changes(database);
    }

    @Override
    void ownerChanged(Thread thread) {
        if (isOpen()) {
            engine.writerThread(thread);
        }
    }

    ChangedPages changes(Database database) {
        DatabasePages pages = database.pages();
        if (used.putIfAbsent(pages.id(), pages) == null) {
            pages.changes().begin(engine::relieve, engine.settings().memoryBytes() / 2);
        }
        return pages.changes();
    }

    private long append(List<DatabasePages> changed, Durability durability) {
        try {
            return engine.commit(changed, durability == Durability.LAZY, restorePoint);
        } catch (UnavailableException e) {
            finish();
            throw e;
        } catch (InternalError e) {
            finish();
            throw poisoned(e);
        } catch (OutOfMemoryError e) {
            // Once something is appended this does not come out, but what says that the outcome is unknown.
            throw new LimitException(
                    QuireError.OUT_OF_MEMORY,
                    null,
                    "no memory to encode the transaction; nothing of it was written: " + e.getMessage(),
                    e);
        }
    }

    private void finish() {
        if (catalogChanged) {
            used.values().forEach(pages -> instance().writers(pages).forget());
        }
        end();
        engine.endWrite();
    }

    private static String key(Database database, String name) {
        return database.pages().id() + "/" + name;
    }
}

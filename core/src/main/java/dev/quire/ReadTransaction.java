package dev.quire;

import dev.quire.pages.DatabasePages;
import dev.quire.pages.PageReader;
import dev.quire.pages.SnapshotPages;
import java.util.IdentityHashMap;
import java.util.Map;

/**
 * Reads one snapshot: what was committed when it began, from its first to its last access. It keeps that snapshot, and
 * what a checkpoint would drop behind it, until it ends; so it should be short, or be reported by
 * {@link InstanceStats#oldestTransaction}.
 */
public final class ReadTransaction extends Transaction {

    private final Map<DatabasePages, SnapshotPages> snapshots = new IdentityHashMap<>(4);

    ReadTransaction(Instance instance) {
        super(instance, false);
    }

    /**
     * A table to read.
     *
     * @throws dev.quire.io.NotFoundException {@code OBJECT_NOT_FOUND} if there is none of this name in the snapshot
     */
    public Table table(Database database, String name) {
        check(database);
        return reading(() -> Tables.open(this, database, name));
    }

    /** The names of the tables in a database, sorted. */
    public java.util.List<String> tables(Database database) {
        check(database);
        return reading(() -> Tables.names(this, database));
    }

    /** The raw pages of a database. */
    public RawPages rawPages(Database database) {
        check(database);
        return new RawPages(this, database);
    }

    @Override
    public void close() {
        checkOwner();
        if (isOpen()) {
            end();
        }
    }

    @Override
    PageReader pages(Database database) {
        return snapshots.computeIfAbsent(database.pages(), pages -> new SnapshotPages(pages, snapshot()));
    }
}

package dev.quire;

import dev.quire.pages.DatabasePages;

/**
 * An attached database: names it to a transaction. Any thread may use it; once the database is detached or dropped a
 * transaction refuses it.
 */
public final class Database {

    private final Instance instance;
    private final DatabasePages pages;

    Database(Instance instance, DatabasePages pages) {
        this.instance = instance;
        this.pages = pages;
    }

    /** Its name in the instance. */
    public String name() {
        return pages.name();
    }

    /** Bytes of a page. */
    public int pageBytes() {
        return pages.file().pageSize();
    }

    /** Bytes of its file. */
    public long fileBytes() {
        return pages.file().pageCount() * pages.file().pageSize();
    }

    /** What no other database in the world has. */
    public long signature() {
        return pages.file().signature();
    }

    Instance instance() {
        return instance;
    }

    DatabasePages pages() {
        return pages;
    }

    @Override
    public String toString() {
        return "database " + name();
    }
}

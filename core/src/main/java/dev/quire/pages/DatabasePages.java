package dev.quire.pages;

import dev.quire.io.page.PageFile;

/**
 * The pages of one attached database: the file, the versions it does not hold yet, and what the one write transaction
 * is changing.
 *
 * <p>The counter of page changes (dbtime) is never reset and never gives a value twice: it starts above everything the
 * header, the log and the attachment have seen.
 */
public final class DatabasePages {

    private final int id;
    private final String name;
    private final PageFile file;
    private final VersionTable table = new VersionTable();
    private final ChangedPages changes;
    private volatile long dbtime;

    /**
     * @param id number of the database within its log stream, never given twice
     * @param dbtime at or above the dbtime of every page
     */
    public DatabasePages(int id, String name, PageFile file, long dbtime, Versions versions) {
        this.id = id;
        this.name = name;
        this.file = file;
        this.dbtime = dbtime;
        this.changes = new ChangedPages(this, versions);
    }

    /** Number of the database within its log stream. */
    public int id() {
        return id;
    }

    /** Its name within the instance. */
    public String name() {
        return name;
    }

    /** Its file. */
    public PageFile file() {
        return file;
    }

    /** What the one write transaction changes; used by the holder of the writer lock alone. */
    public ChangedPages changes() {
        return changes;
    }

    /** The highest dbtime given. */
    public long dbtime() {
        return dbtime;
    }

    /** The next dbtime; called by the holder of the writer lock alone. */
    public long nextDbtime() {
        long next = dbtime + 1;
        dbtime = next;
        return next;
    }

    /** Nothing at or below {@code seen} is given any more; during recovery. */
    public void raiseDbtime(long seen) {
        dbtime = Math.max(dbtime, seen);
    }

    /** The newest version of {@code page} in memory, or null when that is the one in the file. */
    public Frame newest(long page) {
        return table.newest(page);
    }

    VersionTable table() {
        return table;
    }
}

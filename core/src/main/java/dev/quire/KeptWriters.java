package dev.quire;

import dev.quire.pages.ChangedPages;
import dev.quire.pages.DatabasePages;
import dev.quire.table.TreeScratch;
import dev.quire.table.TreeWriter;
import java.util.HashMap;
import java.util.Map;

/**
 * What changes the tables of a database, kept from one write transaction to the next: a short transaction would spend
 * more on finding its table in the catalog and on making a writer for it than on its change. Used by the holder of the
 * writer's place alone.
 *
 * <p>A name stays with its root as long as nobody creates or drops a table, so whoever does, or gives up doing it,
 * {@linkplain #forget forgets} all names.
 */
final class KeptWriters {

    /** So that a database of many tables does not keep a writer for each. */
    private static final int WRITERS_MAX = 64;

    private final ChangedPages pages;
    private final TreeScratch scratch;
    private final Map<String, TreeWriter> writers = new HashMap<>();

    KeptWriters(DatabasePages database) {
        pages = database.changes();
        scratch = new TreeScratch(database.file().pageSize());
    }

    /** Memory that all of them share. */
    TreeScratch scratch() {
        return scratch;
    }

    /** The writer of the table of that name, fit for a new transaction; null if it is not known. */
    TreeWriter find(String name) {
        TreeWriter writer = writers.get(name);
        if (writer != null) {
            writer.reset();
        }
        return writer;
    }

    /** A new writer for the table of that name, whose root is in page {@code root}. */
    TreeWriter make(String name, long root) {
        if (writers.size() >= WRITERS_MAX) {
            writers.clear();
        }
        TreeWriter writer = new TreeWriter(pages, root, scratch);
        writers.put(name, writer);
        return writer;
    }

    /** The catalog changes, or a change of it is taken back. */
    void forget() {
        writers.clear();
    }
}

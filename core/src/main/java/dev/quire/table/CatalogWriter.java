package dev.quire.table;

import dev.quire.io.NotFoundException;
import dev.quire.io.QuireError;
import dev.quire.io.QuireException;
import dev.quire.pages.PageWriter;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Creates, drops and renames tables within the one write transaction. Not for several threads. */
public final class CatalogWriter {

    private final PageWriter writer;
    private final TreeScratch scratch;
    private final TreeWriter tree;
    private final Catalog catalog;
    private boolean dropping;

    /** Changes the catalog whose own root is in page {@code root}. */
    public CatalogWriter(PageWriter writer, long root, TreeScratch scratch) {
        this.writer = writer;
        this.scratch = scratch;
        tree = new TreeWriter(writer, root, scratch);
        catalog = new Catalog(tree.tree());
    }

    /** Makes a catalog without tables; returns the page of its root. */
    public static long create(PageWriter writer) {
        return TreeWriter.create(writer);
    }

    /** The catalog as this transaction sees it. */
    public Catalog catalog() {
        return catalog;
    }

    /** Whether no method was cut short: see {@link TreeWriter#isWhole}. */
    public boolean isWhole() {
        return tree.isWhole() && !dropping;
    }

    /**
     * Creates a table without entries.
     *
     * @param flags kept for the caller
     * @throws QuireException {@code INVALID_NAME}, or {@code OBJECT_DUPLICATE} if the name is taken
     */
    public Catalog.Entry create(String name, int flags) {
        checkFree(name);
        Catalog.Entry entry = new Catalog.Entry(name, TreeWriter.create(writer), flags);
        put(entry);
        return entry;
    }

    /**
     * Drops a table with all it holds. Nobody may be using it.
     *
     * @throws QuireException {@code INVALID_NAME}
     * @throws NotFoundException {@code OBJECT_NOT_FOUND} if there is none of that name
     */
    public void drop(String name) {
        Catalog.Entry entry = require(name);
        dropping = true;
        new TreeWriter(writer, entry.root(), scratch).drop();
        tree.delete(Catalog.encode(name));
        dropping = false;
    }

    /**
     * Gives a table another name; whoever uses it is not concerned.
     *
     * @throws QuireException {@code INVALID_NAME}, or {@code OBJECT_DUPLICATE} if the new name is taken
     * @throws NotFoundException {@code OBJECT_NOT_FOUND} if there is none of the old one
     */
    public void rename(String from, String to) {
        Catalog.Entry entry = require(from);
        checkFree(to);
        put(new Catalog.Entry(to, entry.root(), entry.flags()));
        tree.delete(Catalog.encode(from));
    }

    private void put(Catalog.Entry entry) {
        ByteBuffer value = ByteBuffer.allocate(CatalogLayout.ENTRY_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        value.putLong(CatalogLayout.ROOT, entry.root());
        value.putInt(CatalogLayout.FLAGS, entry.flags());
        tree.put(Catalog.encode(entry.name()), value.array());
    }

    private Catalog.Entry require(String name) {
        return catalog.find(name)
                .orElseThrow(() ->
                        new NotFoundException(QuireError.OBJECT_NOT_FOUND, null, "no table is named " + name, null));
    }

    private void checkFree(String name) {
        if (catalog.find(name).isPresent()) {
            throw new QuireException(QuireError.OBJECT_DUPLICATE, "a table is named " + name);
        }
    }
}

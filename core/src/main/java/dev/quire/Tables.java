package dev.quire;

import dev.quire.io.NotFoundException;
import dev.quire.io.QuireError;
import dev.quire.io.page.PageRef;
import dev.quire.pages.ChangedPages;
import dev.quire.pages.PageReader;
import dev.quire.pages.RootsLayout;
import dev.quire.table.Catalog;
import dev.quire.table.CatalogWriter;
import dev.quire.table.Tree;
import dev.quire.table.TreeWriter;
import java.util.List;

/** Finds tables by name, through the catalog whose root stands in the roots page; the first table makes the catalog. */
final class Tables {

    private Tables() {}

    static List<String> names(Transaction tx, Database database) {
        PageReader pages = tx.pages(database);
        long root = catalogRoot(pages);
        return root == 0
                ? List.of()
                : new Catalog(pages, root)
                        .entries().stream().map(Catalog.Entry::name).toList();
    }

    static Table open(Transaction tx, Database database, String name) {
        PageReader pages = tx.pages(database);
        return new Table(tx, new Tree(pages, find(pages, name).root()), name, pages.pageSize());
    }

    static WritableTable openWritable(WriteTransaction tx, Database database, String name) {
        ChangedPages pages = tx.changes(database);
        KeptWriters writers = tx.instance().writers(database.pages());
        TreeWriter kept = writers.find(name);
        return writable(tx, pages, name, kept == null ? make(writers, find(pages, name)) : kept);
    }

    static WritableTable create(WriteTransaction tx, Database database, String name) {
        ChangedPages pages = tx.changes(database);
        long root = catalogRoot(pages);
        if (root == 0) {
            root = CatalogWriter.create(pages);
            PageRef roots = new PageRef();
            pages.modify(RootsLayout.PAGE, roots);
            roots.base.putLong(roots.offset + RootsLayout.CATALOG_OFFSET, root);
        }
        KeptWriters writers = tx.instance().writers(database.pages());
        writers.forget();
        CatalogWriter catalog = new CatalogWriter(pages, root, writers.scratch());
        return writable(tx, pages, name, make(writers, catalog.create(name, 0)));
    }

    static void drop(WriteTransaction tx, Database database, String name) {
        ChangedPages pages = tx.changes(database);
        Catalog.Entry entry = find(pages, name);
        KeptWriters writers = tx.instance().writers(database.pages());
        writers.forget();
        new CatalogWriter(pages, catalogRoot(pages), writers.scratch()).drop(entry.name());
    }

    static long catalogRoot(PageReader pages) {
        PageRef roots = new PageRef();
        pages.read(RootsLayout.PAGE, roots);
        return roots.base.getLong(roots.offset + RootsLayout.CATALOG_OFFSET);
    }

    private static TreeWriter make(KeptWriters writers, Catalog.Entry entry) {
        return writers.make(entry.name(), entry.root());
    }

    private static WritableTable writable(WriteTransaction tx, ChangedPages pages, String name, TreeWriter writer) {
        return new WritableTable(tx, writer, name, pages.pageSize());
    }

    private static Catalog.Entry find(PageReader pages, String name) {
        long root = catalogRoot(pages);
        if (root == 0) {
            throw missing(name);
        }
        return new Catalog(pages, root).find(name).orElseThrow(() -> missing(name));
    }

    private static NotFoundException missing(String name) {
        return new NotFoundException(QuireError.OBJECT_NOT_FOUND, null, "no table is named " + name, null);
    }
}

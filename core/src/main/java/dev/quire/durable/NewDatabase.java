package dev.quire.durable;

import dev.quire.io.Storage;
import dev.quire.io.page.DatabaseHeader;
import dev.quire.io.page.PageFile;
import dev.quire.io.page.PageHeader;
import dev.quire.io.page.PageLayout;
import dev.quire.pages.AllocationLayout;
import dev.quire.pages.RootsLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;

/**
 * Makes the file of a database, complete before it has its name: header and shadow, the roots page, the first
 * allocation map. What is in it follows from the record that creates it, so that redo can make it again.
 */
final class NewDatabase {

    /** dbtime of the pages a new database is made of. */
    static final long FIRST_DBTIME = 2;

    private static final int PAGES = 64;

    private NewDatabase() {}

    /** Makes, forces and names the file; an unfinished one of an earlier attempt goes first. Engine threads. */
    static PageFile create(Storage storage, Path path, DatabaseHeader header) {
        Path temporary = path.resolveSibling(path.getFileName() + Names.TEMPORARY_EXTENSION);
        if (storage.kind(temporary) == Storage.Kind.FILE) {
            storage.delete(temporary);
        }
        PageFile file = PageFile.create(storage, temporary, header, PAGES);
        try {
            ByteBuffer pages = ByteBuffer.allocateDirect(2 * header.pageSize()).order(ByteOrder.LITTLE_ENDIAN);
            roots(pages, header);
            map(pages, header);
            file.write(pages, RootsLayout.PAGE);
            file.force();
            storage.rename(temporary, path);
            storage.forceDirectory(path.getParent());
            return file;
        } catch (RuntimeException | Error e) {
            file.close();
            if (storage.kind(temporary) == Storage.Kind.FILE) {
                storage.delete(temporary);
            }
            throw e;
        }
    }

    private static void roots(ByteBuffer pages, DatabaseHeader header) {
        PageHeader.init(pages, 0, PageLayout.TYPE_ROOTS, 1, RootsLayout.PAGE);
        PageHeader.dbtime(pages, 0, FIRST_DBTIME - 1);
        pages.putInt(RootsLayout.REGIONS_OFFSET, 1);
        PageHeader.seal(pages, 0, header.pageSize(), header.signature(), RootsLayout.PAGE);
    }

    private static void map(ByteBuffer pages, DatabaseHeader header) {
        int at = header.pageSize();
        PageHeader.init(pages, at, PageLayout.TYPE_ALLOCATION, 1, AllocationLayout.FIRST_MAP_PAGE);
        PageHeader.dbtime(pages, at, FIRST_DBTIME);
        int used = 0;
        for (int page = 0; page < AllocationLayout.FIXED_PAGES; page++) {
            used |= AllocationLayout.PAGE << 2 * page;
        }
        pages.put(at + AllocationLayout.ENTRIES_OFFSET, (byte) used);
        PageHeader.seal(pages, at, header.pageSize(), header.signature(), AllocationLayout.FIRST_MAP_PAGE);
    }
}

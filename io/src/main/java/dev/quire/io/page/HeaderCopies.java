package dev.quire.io.page;

import dev.quire.io.CorruptionException;
import dev.quire.io.QuireError;
import dev.quire.io.QuireException;
import dev.quire.io.StorageFaultException;
import dev.quire.io.StoreFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.function.Consumer;

/**
 * The two copies of a database header in a file: writes them so that a crash at any instant leaves one good, and finds
 * the good one again, also when the other does not even tell the page size any more.
 */
final class HeaderCopies {

    private final StoreFile file;
    private final long size;
    private CorruptionException fault;

    private HeaderCopies(StoreFile file) {
        this.file = file;
        this.size = file.size();
    }

    /**
     * Writes one copy, forces it, writes the other, forces it. The copy that {@code header} was read from comes last:
     * the other one may be the victim of an earlier crash, and then there is only this one to fall back on.
     *
     * @param settle whether what was read may be in the cache of the system only, left there by a process that died or
     *     by a force that failed: then it is first written again, byte for byte so that no crash can tear it, and
     *     forced
     * @param page scratch of one page
     */
    static void write(StoreFile file, DatabaseHeader header, boolean settle, ByteBuffer page) {
        int last = header.source();
        if (settle) {
            settle(file, (long) last * header.pageSize(), page);
        }
        write(file, header, 1 - last, page);
        write(file, header, last, page);
    }

    /** Writes both copies and forces nothing: for a file on which nobody relies before it was forced as a whole. */
    static void put(StoreFile file, DatabaseHeader header, ByteBuffer page) {
        put(file, header, 0, page);
        put(file, header, 1, page);
    }

    private static void settle(StoreFile file, long position, ByteBuffer page) {
        if (file.read(page.clear(), position) == page.capacity()) {
            file.write(page.flip(), position);
        }
        file.force();
    }

    private static void write(StoreFile file, DatabaseHeader header, int number, ByteBuffer page) {
        put(file, header, number, page);
        file.force();
    }

    private static void put(StoreFile file, DatabaseHeader header, int number, ByteBuffer page) {
        header.encode(page.clear(), number);
        file.write(page, (long) number * header.pageSize());
    }

    /** The copy to believe. A bad one beside a good one goes to {@code damaged}; two bad ones are thrown. */
    static DatabaseHeader read(StoreFile file, Consumer<CorruptionException> damaged) {
        HeaderCopies copies = new HeaderCopies(file);
        if (copies.size < 2L * DatabaseHeaderLayout.BLOCK_BYTES) {
            throw corrupted(file.path(), "not a database: no room for a header, size=" + copies.size, null);
        }
        DatabaseHeader header = copies.copy(0, 0);
        DatabaseHeader shadow = header == null ? copies.anyShadow() : copies.copy(header.pageSize(), 1);
        if (header == null && shadow == null) {
            String what = "not a database, or damaged: neither the header nor a shadow of it is good";
            throw corrupted(file.path(), what, copies.fault);
        }
        if (copies.fault != null) {
            damaged.accept(copies.fault);
        }
        return copies.complete(copies.newer(header, shadow));
    }

    /** The shadow, looked for behind a page of every size there is. */
    private DatabaseHeader anyShadow() {
        CorruptionException headerFault = fault;
        for (int pageSize = PageLayout.PAGE_BYTES_MIN; pageSize <= PageLayout.PAGE_BYTES_MAX; pageSize *= 2) {
            DatabaseHeader shadow = copy(pageSize, 1);
            if (shadow != null) {
                fault = headerFault;
                return shadow;
            }
        }
        fault = headerFault;
        return null;
    }

    /** The copy at {@code position}, or null with {@link #fault} set. */
    private DatabaseHeader copy(int position, int number) {
        try {
            ByteBuffer block = bytes(position, DatabaseHeaderLayout.BLOCK_BYTES);
            DatabaseHeader header = DatabaseHeader.decode(block, number, file.path());
            if (number == 1 && header.pageSize() != position) {
                throw corrupted(file.path(), "shadow at " + position + " with page size " + header.pageSize(), null);
            }
            ByteBuffer page = bytes(position, header.pageSize());
            PageHeader.verify(page, 0, header.pageSize(), header.signature(), number, file.path());
            return header;
        } catch (CorruptionException e) {
            fault = e;
        } catch (StorageFaultException e) {
            fault = corrupted(file.path(), "header copy " + number + " cannot be read", e);
        }
        return null;
    }

    private ByteBuffer bytes(int position, int length) {
        byte[] bytes = new byte[length];
        if (file.read(bytes, 0, length, position) < length) {
            throw corrupted(file.path(), "file ends inside of its header, size=" + size, null);
        }
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    private DatabaseHeader newer(DatabaseHeader header, DatabaseHeader shadow) {
        if (header == null || shadow == null) {
            return header == null ? shadow : header;
        }
        if (header.signature() != shadow.signature()) {
            String what = String.format(
                    "header of database %016x, shadow of database %016x", header.signature(), shadow.signature());
            throw corrupted(file.path(), what, null);
        }
        return shadow.sequence() > header.sequence() ? shadow : header;
    }

    private DatabaseHeader complete(DatabaseHeader header) {
        if (size / header.pageSize() < header.pageCount()) {
            String what = "file is cut off: pageCount=" + header.pageCount() + ", pageSize=" + header.pageSize()
                    + ", size=" + size;
            throw corrupted(file.path(), what, null);
        }
        return header;
    }

    /** What stands at the end of the block. */
    static int blockCrc(ByteBuffer b, int offset) {
        int length = DatabaseHeaderLayout.BLOCK_CRC_OFFSET - PageLayout.TYPE_OFFSET;
        return PageChecksum.plain(b, offset + PageLayout.TYPE_OFFSET, length);
    }

    /** Throws unless the block is copy {@code number} of a header that this version understands. */
    static void check(ByteBuffer block, long number, Path file) {
        if (block.getLong(DatabaseHeaderLayout.MAGIC_OFFSET) != DatabaseHeaderLayout.MAGIC) {
            throw corrupted(file, "not a database, or its header is damaged: no magic in copy " + number, null);
        }
        int stored = block.getInt(DatabaseHeaderLayout.BLOCK_CRC_OFFSET);
        int computed = blockCrc(block, 0);
        if (stored != computed) {
            String what =
                    String.format("header copy %d has checksum %08x where %08x is expected", number, stored, computed);
            throw corrupted(file, what, null);
        }
        int version = block.getInt(DatabaseHeaderLayout.FORMAT_OFFSET);
        if (version != DatabaseHeaderLayout.FORMAT_VERSION) {
            String what = "database has format version " + version + ", this is " + DatabaseHeaderLayout.FORMAT_VERSION;
            throw new QuireException(QuireError.INVALID_DATABASE_VERSION, file, what, null);
        }
        checkFields(block, number, file);
    }

    /** A checksum is no proof against malice: nothing is computed from a field before it was looked at. */
    private static void checkFields(ByteBuffer block, long number, Path file) {
        int pageSize = block.getInt(DatabaseHeaderLayout.PAGE_SIZE_OFFSET);
        int state = block.getInt(DatabaseHeaderLayout.STATE_OFFSET);
        long pageCount = block.getLong(DatabaseHeaderLayout.PAGE_COUNT_OFFSET);
        if (PageHeader.number(block, 0) != number) {
            String what = "header copy " + number + " calls itself page " + PageHeader.number(block, 0);
            throw corrupted(file, what, null);
        }
        if (!PageLayout.isPageSize(pageSize) || DatabaseHeader.State.of(state) == null) {
            throw corrupted(file, "header says pageSize=" + pageSize + ", state=" + state, null);
        }
        if (pageCount < 2 || pageCount > PageLayout.FILE_BYTES_MAX / pageSize) {
            throw corrupted(file, "header says pageCount=" + pageCount, null);
        }
    }

    private static CorruptionException corrupted(Path file, String what, Throwable cause) {
        return new CorruptionException(QuireError.DATABASE_CORRUPTED, file, what, cause);
    }
}

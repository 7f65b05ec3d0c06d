package dev.quire.table;

/**
 * What the catalog holds for a table. The key is its name in UTF-8; the value, little-endian:
 *
 * <pre>
 *   0                       8           12          16
 *  +-----------------------+-----------+-----------+
 *  | page of the root      | flags     | 0         |
 *  +-----------------------+-----------+-----------+
 * </pre>
 */
final class CatalogLayout {

    /** The page of the table's root, 8 bytes. */
    static final int ROOT = 0;

    /** Of the caller, 4 bytes. */
    static final int FLAGS = ROOT + Long.BYTES;

    /** Bytes of an entry. */
    static final int ENTRY_BYTES = FLAGS + 2 * Integer.BYTES;

    /** The longest name, in bytes. */
    static final int NAME_BYTES_MAX = 255;

    static {
        if (ENTRY_BYTES != 16) {
            throw new AssertionError("entryBytes=" + ENTRY_BYTES);
        }
    }

    private CatalogLayout() {}
}

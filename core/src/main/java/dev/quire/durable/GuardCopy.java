package dev.quire.durable;

import dev.quire.io.StoreFile;
import dev.quire.io.page.PageHeader;
import dev.quire.io.page.PageLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * A page found in the guard that verifies.
 *
 * @param databaseSignature of the database it is of
 * @param page its number
 * @param dbtime of several copies of a page the highest counts
 * @param position behind the commit that it shows
 * @param bytes the sealed page
 */
record GuardCopy(long databaseSignature, long page, long dbtime, long position, ByteBuffer bytes) {

    /**
     * Reads what an entry whose own checksum holds points to; null when the page does not verify.
     *
     * @param start where the half begins in {@code file}
     */
    static GuardCopy read(StoreFile file, long start, int halfBytes, ByteBuffer table, int entry) {
        int place = table.getInt(entry + GuardLayout.ENTRY_PLACE_OFFSET);
        int length = table.getInt(entry + GuardLayout.ENTRY_LENGTH_OFFSET);
        long signature = table.getLong(entry + GuardLayout.ENTRY_DATABASE_OFFSET);
        long page = table.getLong(entry + GuardLayout.ENTRY_PAGE_OFFSET);
        if (place < GuardLayout.pagesOffset(halfBytes)
                || !PageLayout.isPageSize(length)
                || length > halfBytes - place) {
            return null;
        }
        ByteBuffer bytes = ByteBuffer.allocateDirect(length).order(ByteOrder.LITTLE_ENDIAN);
        if (file.read(bytes, start + place) < length || !PageHeader.verifies(bytes, 0, length, signature, page)) {
            return null;
        }
        return new GuardCopy(
                signature,
                page,
                table.getLong(entry + GuardLayout.ENTRY_DBTIME_OFFSET),
                table.getLong(entry + GuardLayout.ENTRY_POSITION_OFFSET),
                bytes.clear());
    }
}

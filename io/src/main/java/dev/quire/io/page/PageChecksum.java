package dev.quire.io.page;

import dev.quire.io.Checksum;
import java.nio.ByteBuffer;

/** The checksum of a page: CRC32C of all behind it, salted with where it belongs. Never of a map: {@link Checksum}. */
final class PageChecksum {

    private PageChecksum() {}

    /** CRC32C of the page at {@code offset} without the four bytes of the checksum, not salted yet. */
    static int raw(ByteBuffer b, int offset, int length) {
        return plain(b, offset + PageLayout.TYPE_OFFSET, length - PageLayout.TYPE_OFFSET);
    }

    /** CRC32C of {@code length} bytes at {@code offset} of a buffer that other threads may be using. */
    static int plain(ByteBuffer b, int offset, int length) {
        return Checksum.crc32cShared(b, offset, length);
    }

    /**
     * What is mixed into the checksum so that a page verifies in its own place only: 32 bits that each depend on every
     * bit of both arguments.
     */
    static int salt(long signature, long page) {
        long h = signature + page * 0x9E3779B97F4A7C15L;
        h = (h ^ (h >>> 33)) * 0xFF51AFD7ED558CCDL;
        h = (h ^ (h >>> 33)) * 0xC4CEB9FE1A85EC53L;
        return (int) (h ^ (h >>> 33));
    }
}

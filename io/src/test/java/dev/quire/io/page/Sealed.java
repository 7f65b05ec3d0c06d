package dev.quire.io.page;

import dev.quire.io.Storage;
import dev.quire.io.StoreFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Random;

/** Pages for tests: their payload follows from signature and number, so that any of them can be recognised. */
final class Sealed {

    private Sealed() {}

    /** Little-endian heap memory. */
    static ByteBuffer buffer(int length) {
        return ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** A sealed page, or an extent of several. */
    static ByteBuffer page(int pageSize, int pages, long signature, long number) {
        ByteBuffer b = buffer(pageSize * pages);
        new Random(signature * 31 + number).nextBytes(b.array());
        int type = pages == 1 ? PageLayout.TYPE_RAW : PageLayout.TYPE_EXTENT;
        PageHeader.init(b, 0, type, pages, number);
        PageHeader.seal(b, 0, pageSize * pages, signature, number);
        return b;
    }

    /** Writes sealed pages {@code [from, to)} of one page each. */
    static void fill(PageFile file, long from, long to) {
        for (long page = from; page < to; page++) {
            file.write(page(file.pageSize(), 1, file.signature(), page), page);
        }
    }

    /** Writes a sealed extent. */
    static void extent(PageFile file, long page, int pages) {
        file.write(page(file.pageSize(), pages, file.signature(), page), page);
    }

    /** Changes bits of one byte of a file behind everybody's back. */
    static void flip(Storage storage, Path path, long position, int bits) {
        try (StoreFile file = storage.open(path, Storage.Access.WRITE)) {
            byte[] one = new byte[1];
            file.read(one, 0, 1, position);
            one[0] ^= (byte) bits;
            file.write(ByteBuffer.wrap(one), position);
        }
    }

    /** Puts bytes into a file behind everybody's back. */
    static void put(Storage storage, Path path, long position, ByteBuffer bytes) {
        try (StoreFile file = storage.open(path, Storage.Access.WRITE)) {
            file.write(bytes, position);
        }
    }

    /** All bytes of a file. */
    static byte[] bytes(Storage storage, Path path) {
        try (StoreFile file = storage.open(path, Storage.Access.READ)) {
            byte[] all = new byte[Math.toIntExact(file.size())];
            file.read(all, 0, all.length, 0);
            return all;
        }
    }
}

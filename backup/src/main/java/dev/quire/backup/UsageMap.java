package dev.quire.backup;

import dev.quire.io.CorruptionException;
import dev.quire.io.QuireError;
import dev.quire.io.Storage;
import dev.quire.io.StoreFile;
import dev.quire.io.page.PageLayout;
import dev.quire.io.page.PageUse;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;

/**
 * What the pages of a copied database were used for when the copy began, two bits a page. It travels beside the copy,
 * because the allocation maps in the copy may be newer than that.
 */
final class UsageMap implements PageUse {

    private static final int WORD_PAGES = 32;
    private static final int SPAN_MAX = PageLayout.EXTENT_BYTES_MAX / PageLayout.PAGE_BYTES_MIN;
    private static final int PIECE_BYTES = StoreFile.WRITE_PIECE_BYTES;

    private final long[] words;

    UsageMap(long[] words) {
        this.words = words;
    }

    @Override
    public int at(long page) {
        long word = page / WORD_PAGES;
        return page < 0 || word >= words.length ? FREE : (int) (words[(int) word] >>> 2 * (page % WORD_PAGES)) & 3;
    }

    /** First page at or behind {@code from} that is in use, or {@code end}. */
    long nextUsed(long from, long end) {
        long page = from;
        while (page < end && at(page) == FREE) {
            boolean wholeWordFree = page % WORD_PAGES == 0 && word(page) == 0;
            page += wholeWordFree ? WORD_PAGES : 1;
        }
        return Math.min(page, end);
    }

    /** First page at or behind {@code from} that is free, or {@code end}. */
    long nextFree(long from, long end) {
        long page = from;
        while (page < end && at(page) != FREE) {
            page++;
        }
        return page;
    }

    /**
     * First page at or behind {@code from} that is not the rest of an extent; {@code from} itself if no extent is that
     * long, which is damage.
     */
    long nextStart(long from) {
        long page = from;
        while (at(page) == INSIDE && page - from < SPAN_MAX) {
            page++;
        }
        return at(page) == INSIDE ? from : page;
    }

    /** Pages in use in {@code [from, to)}. */
    long used(long from, long to) {
        long count = 0;
        for (long page = from; page < to; page++) {
            count += at(page) == FREE ? 0 : 1;
        }
        return count;
    }

    /** How many pages belong to the one that starts here: more than one for an extent. */
    int span(long page) {
        int pages = 1;
        while (pages < SPAN_MAX && at(page) == HEAD && at(page + pages) == INSIDE) {
            pages++;
        }
        return pages;
    }

    /** The page behind the last one in use. */
    long end() {
        int word = words.length - 1;
        while (word >= 0 && words[word] == 0) {
            word--;
        }
        return word < 0 ? 0 : (long) word * WORD_PAGES + (63 - Long.numberOfLeadingZeros(words[word])) / 2 + 1;
    }

    /** Pages in use below {@code end}. */
    long used(long end) {
        long count = 0;
        for (long word : words) {
            count += Long.bitCount((word | word >>> 1) & 0x5555_5555_5555_5555L);
        }
        return Math.min(count, end);
    }

    long bytes() {
        return (long) words.length * Long.BYTES;
    }

    /** Writes the map; returns its checksum. */
    int write(StoreFile file) {
        ByteBuffer piece = ByteBuffer.allocateDirect(PIECE_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        Sum sum = new Sum();
        for (long position = 0; position < bytes(); position += PIECE_BYTES) {
            put(piece.clear(), position);
            piece.flip();
            sum.add(piece);
            file.write(piece, position);
        }
        return sum.value();
    }

    /** The checksum of the map. */
    int crc() {
        ByteBuffer piece = ByteBuffer.allocateDirect(PIECE_BYTES);
        Sum sum = new Sum();
        for (long position = 0; position < bytes(); position += PIECE_BYTES) {
            put(piece.clear(), position);
            piece.flip();
            sum.add(piece);
        }
        return sum.value();
    }

    /** Puts what stands from {@code position} on, as far as it goes; whole words on both sides. */
    void put(ByteBuffer into, long position) {
        into.order(ByteOrder.LITTLE_ENDIAN);
        for (int at = Math.toIntExact(position / Long.BYTES); at < words.length && into.hasRemaining(); at++) {
            into.putLong(words[at]);
        }
    }

    /**
     * Reads a map of {@code bytes} bytes.
     *
     * @throws CorruptionException if the file is not that long or does not have that checksum
     */
    static UsageMap read(Storage storage, Path path, long bytes, int crc) {
        UsageMap map = read(storage, path, bytes);
        int found = map.crc();
        if (found != crc) {
            throw damaged(
                    path,
                    "does not verify: crc32c " + Integer.toHexString(found) + ", expected " + Integer.toHexString(crc));
        }
        return map;
    }

    /** The same, of which nobody has said yet what its checksum is. */
    static UsageMap read(Storage storage, Path path, long bytes) {
        try (StoreFile file = storage.open(path, Storage.Access.READ)) {
            if (file.size() != bytes || bytes % Long.BYTES != 0) {
                throw damaged(path, "has " + file.size() + " bytes, expected " + bytes);
            }
            long[] words = new long[Math.toIntExact(bytes / Long.BYTES)];
            ByteBuffer piece = ByteBuffer.allocateDirect(PIECE_BYTES).order(ByteOrder.LITTLE_ENDIAN);
            for (int at = 0; at < words.length; ) {
                piece.clear();
                file.read(piece, (long) at * Long.BYTES);
                piece.flip();
                while (piece.hasRemaining()) {
                    words[at++] = piece.getLong();
                }
            }
            return new UsageMap(words);
        }
    }

    private long word(long page) {
        long word = page / WORD_PAGES;
        return word >= words.length ? 0 : words[(int) word];
    }

    private static CorruptionException damaged(Path path, String what) {
        return new CorruptionException(QuireError.READ_VERIFY_FAILURE, path, what, null);
    }

    /** Checksum over pieces. */
    private static final class Sum {
        private final dev.quire.io.Crc crc = new dev.quire.io.Crc();

        Sum() {
            crc.start();
        }

        void add(ByteBuffer piece) {
            crc.add(piece, 0, piece.limit());
        }

        int value() {
            return crc.value();
        }
    }
}

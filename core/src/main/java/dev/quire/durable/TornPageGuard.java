package dev.quire.durable;

import dev.quire.io.Checksum;
import dev.quire.io.CorruptionException;
import dev.quire.io.QuireError;
import dev.quire.io.QuireException;
import dev.quire.io.Storage;
import dev.quire.io.StoreFile;
import dev.quire.io.page.PageHeader;
import dev.quire.pages.DatabasePages;
import dev.quire.pages.Frame;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Keeps copies of the pages that a checkpoint overwrites in place, so that a page torn by a crash can be made whole.
 * One thread at a time, under the checkpoint's lock.
 *
 * <p>A batch is collected with {@link #add}, forced with {@link #seal}, and only then may its pages be written in
 * place; {@link #part} gives them sealed and in order. After those are forced, the next batch goes to the other half.
 */
final class TornPageGuard implements AutoCloseable {

    private final StoreFile file;
    private final long logSignature;
    private final int halfBytes;
    private final ByteBuffer half;
    private int turn;
    private int count;
    private int end;

    private TornPageGuard(StoreFile file, long logSignature, int halfBytes) {
        this.file = file;
        this.logSignature = logSignature;
        this.halfBytes = halfBytes;
        this.half = ByteBuffer.allocateDirect(halfBytes).order(ByteOrder.LITTLE_ENDIAN);
        clear();
    }

    /** Makes the file, full of zeros and forced; its name is not. */
    static TornPageGuard create(Storage storage, Path path, long logSignature, int halfBytes) {
        StoreFile file = storage.create(path);
        try {
            file.allocate(0, (long) GuardLayout.HALVES * halfBytes);
            file.force();
            return new TornPageGuard(file, logSignature, halfBytes);
        } catch (RuntimeException e) {
            file.close();
            throw e;
        }
    }

    /**
     * Opens the file; what it holds is found with {@link #copies} before anything is written.
     *
     * @throws CorruptionException {@code CHECKPOINT_CORRUPT} if it has a size that no guard has
     * @throws QuireException {@code BAD_LOG_VERSION} if a version wrote it that this one does not know
     */
    static TornPageGuard open(Storage storage, Path path, long logSignature) {
        StoreFile file = storage.open(path, Storage.Access.WRITE);
        try {
            long halfBytes = file.size() / GuardLayout.HALVES;
            boolean sound = file.size() % GuardLayout.HALVES == 0
                    && Long.bitCount(halfBytes) == 1
                    && halfBytes >= GuardLayout.HALF_BYTES_MIN
                    && halfBytes <= GuardLayout.HALF_BYTES_MAX;
            if (!sound) {
                throw new CorruptionException(
                        QuireError.CHECKPOINT_CORRUPT,
                        path,
                        "has " + file.size() + " bytes, which no torn-page guard has",
                        null);
            }
            for (int index = 0; index < GuardLayout.HALVES; index++) {
                checkVersion(file, index * halfBytes);
            }
            return new TornPageGuard(file, logSignature, (int) halfBytes);
        } catch (RuntimeException e) {
            file.close();
            throw e;
        }
    }

    /** A header that is not whole says nothing: the half may be new, or torn while it was written. */
    private static void checkVersion(StoreFile file, long position) {
        byte[] bytes = new byte[GuardLayout.ENTRY_BYTES];
        if (file.read(bytes, 0, bytes.length, position) < bytes.length) {
            return;
        }
        ByteBuffer header = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        boolean whole = header.getInt(GuardLayout.MAGIC_OFFSET) == GuardLayout.MAGIC
                && header.getInt(GuardLayout.HEADER_CRC_OFFSET)
                        == Checksum.crc32c(bytes, 0, GuardLayout.HEADER_CRC_OFFSET);
        int version = header.getInt(GuardLayout.VERSION_OFFSET);
        if (whole && version != GuardLayout.VERSION) {
            String what = "the guard has format version " + version + ", this is " + GuardLayout.VERSION;
            throw new QuireException(QuireError.BAD_LOG_VERSION, file.path(), what, null);
        }
    }

    /** Whether another page of {@code length} bytes fits into the batch. */
    boolean fits(int length) {
        return count < GuardLayout.entriesMax(halfBytes) && end + length <= halfBytes;
    }

    boolean isEmpty() {
        return count == 0;
    }

    /** Copies a version into the batch and seals the copy. */
    void add(DatabasePages database, Frame frame) {
        half.put(end, frame.buffer(), frame.offset(), frame.length());
        long signature = database.file().signature();
        PageHeader.seal(half, end, frame.length(), signature, frame.page());
        int entry = (count + 1) * GuardLayout.ENTRY_BYTES;
        half.putLong(entry + GuardLayout.ENTRY_LOG_OFFSET, logSignature);
        half.putLong(entry + GuardLayout.ENTRY_DATABASE_OFFSET, signature);
        half.putLong(entry + GuardLayout.ENTRY_PAGE_OFFSET, frame.page());
        half.putLong(entry + GuardLayout.ENTRY_DBTIME_OFFSET, PageHeader.dbtime(half, end));
        half.putLong(entry + GuardLayout.ENTRY_POSITION_OFFSET, frame.commit());
        half.putInt(entry + GuardLayout.ENTRY_PLACE_OFFSET, end);
        half.putInt(entry + GuardLayout.ENTRY_LENGTH_OFFSET, frame.length());
        half.putInt(entry + GuardLayout.ENTRY_ID_OFFSET, database.id());
        int crc = Checksum.crc32c(half, entry, GuardLayout.ENTRY_CRC_OFFSET);
        half.putInt(entry + GuardLayout.ENTRY_CRC_OFFSET, crc);
        count++;
        end += frame.length();
    }

    /** Writes and forces the batch: from here on its pages may be written in place. */
    void seal() {
        half.putInt(GuardLayout.MAGIC_OFFSET, GuardLayout.MAGIC);
        half.putInt(GuardLayout.COUNT_OFFSET, count);
        half.putLong(GuardLayout.SIGNATURE_OFFSET, logSignature);
        half.putInt(GuardLayout.HALF_BYTES_OFFSET, halfBytes);
        half.putInt(GuardLayout.VERSION_OFFSET, GuardLayout.VERSION);
        int crc = Checksum.crc32c(half, 0, GuardLayout.HEADER_CRC_OFFSET);
        half.putInt(GuardLayout.HEADER_CRC_OFFSET, crc);
        long start = (long) turn * halfBytes;
        write(start, 0, (count + 1) * GuardLayout.ENTRY_BYTES);
        int pages = GuardLayout.pagesOffset(halfBytes);
        write(start + pages, pages, end);
        file.force();
        turn = 1 - turn;
    }

    /** A part of the sealed batch, to be written in place. */
    ByteBuffer part(int from, int to) {
        return half.duplicate().limit(to).position(from);
    }

    /** Forgets the batch; its pages are forced in place. */
    void clear() {
        count = 0;
        end = GuardLayout.pagesOffset(halfBytes);
    }

    int pagesOffset() {
        return GuardLayout.pagesOffset(halfBytes);
    }

    /** Everything in the file that verifies, of this log stream. */
    List<GuardCopy> copies() {
        List<GuardCopy> copies = new ArrayList<>();
        for (int index = 0; index < GuardLayout.HALVES; index++) {
            half.clear();
            if (file.read(half, (long) index * halfBytes) == halfBytes) {
                collect(copies);
            }
        }
        half.clear();
        clear();
        return copies;
    }

    void force() {
        file.force();
    }

    @Override
    public void close() {
        file.close();
    }

    private void collect(List<GuardCopy> copies) {
        for (int i = 0; i < GuardLayout.entriesMax(halfBytes); i++) {
            int entry = (i + 1) * GuardLayout.ENTRY_BYTES;
            if (half.getInt(entry + GuardLayout.ENTRY_CRC_OFFSET)
                            == Checksum.crc32c(half, entry, GuardLayout.ENTRY_CRC_OFFSET)
                    && half.getLong(entry + GuardLayout.ENTRY_LOG_OFFSET) == logSignature) {
                GuardCopy copy = GuardCopy.read(half, entry, halfBytes);
                if (copy != null) {
                    copies.add(copy);
                }
            }
        }
    }

    private void write(long position, int from, int to) {
        for (int at = from; at < to; at += StoreFile.WRITE_PIECE_BYTES) {
            int limit = Math.min(to, at + StoreFile.WRITE_PIECE_BYTES);
            file.write(part(at, limit), position + (at - from));
        }
    }
}

package dev.quire.durable;

import dev.quire.io.Checksum;
import dev.quire.io.CorruptionException;
import dev.quire.io.QuireError;
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

    /** The file. */
    Path path() {
        return file.path();
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
     * @throws CorruptionException {@code BAD_LOG_VERSION} if a later version wrote it, {@code BAD_CHECKPOINT_SIGNATURE}
     *     if it belongs to another log stream, {@code CHECKPOINT_CORRUPT} if it is no guard, {@code FILE_NOT_FOUND} if
     *     it is missing
     */
    static TornPageGuard open(Storage storage, Path path, long logSignature) {
        TornPageGuard guard = openAny(storage, path, logSignature);
        try {
            for (int index = 0; index < GuardLayout.HALVES; index++) {
                guard.judgeHeader(index);
            }
            return guard;
        } catch (RuntimeException | Error e) {
            guard.close();
            throw e;
        }
    }

    /** Opens the file for a stream that begins: whatever it held belongs to one that ended, and goes, forced. */
    static TornPageGuard renew(Storage storage, Path path, long logSignature) {
        TornPageGuard guard = openAny(storage, path, logSignature);
        try {
            ByteBuffer zeros = ByteBuffer.allocateDirect(GuardLayout.ENTRY_BYTES);
            for (int index = 0; index < GuardLayout.HALVES; index++) {
                guard.file.write(zeros.clear(), (long) index * guard.halfBytes);
            }
            guard.file.force();
            return guard;
        } catch (RuntimeException | Error e) {
            guard.close();
            throw e;
        }
    }

    private static TornPageGuard openAny(Storage storage, Path path, long logSignature) {
        if (storage.kind(path) == Storage.Kind.NONE) {
            throw new CorruptionException(QuireError.FILE_NOT_FOUND, path, "the torn-page guard is missing", null);
        }
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
            return new TornPageGuard(file, logSignature, (int) halfBytes);
        } catch (RuntimeException e) {
            file.close();
            throw e;
        }
    }

    /**
     * A header that does not verify says nothing: an empty half has none, and entries are judged by themselves. So does
     * the signature in one without a version, for the guard outlived its stream then.
     */
    private void judgeHeader(int index) {
        ByteBuffer header = ByteBuffer.allocateDirect(GuardLayout.ENTRY_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        boolean whole = file.read(header, (long) index * halfBytes) == GuardLayout.ENTRY_BYTES
                && header.getInt(GuardLayout.MAGIC_OFFSET) == GuardLayout.MAGIC
                && header.getInt(GuardLayout.VERSION_OFFSET) != 0
                && header.getInt(GuardLayout.VERSION_CRC_OFFSET)
                        == Checksum.crc32c(header, 0, GuardLayout.VERSION_CRC_OFFSET);
        if (whole) {
            expect(
                    QuireError.BAD_LOG_VERSION,
                    "format version",
                    GuardLayout.VERSION,
                    header.getInt(GuardLayout.VERSION_OFFSET));
            expect(
                    QuireError.BAD_CHECKPOINT_SIGNATURE,
                    "log signature",
                    logSignature,
                    header.getLong(GuardLayout.SIGNATURE_OFFSET));
            expect(
                    QuireError.CHECKPOINT_CORRUPT,
                    "bytes of a half",
                    halfBytes,
                    header.getInt(GuardLayout.HALF_BYTES_OFFSET));
        }
    }

    private void expect(QuireError error, String what, long expected, long found) {
        if (expected != found) {
            throw new CorruptionException(
                    error,
                    file.path(),
                    "torn-page guard, " + what + ": expected " + Long.toHexString(expected) + ", found "
                            + Long.toHexString(found),
                    null);
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
        int crc = Checksum.crc32c(half, 0, GuardLayout.HEADER_CRC_OFFSET);
        half.putInt(GuardLayout.HEADER_CRC_OFFSET, crc);
        half.putInt(GuardLayout.VERSION_OFFSET, GuardLayout.VERSION);
        half.putInt(GuardLayout.VERSION_CRC_OFFSET, Checksum.crc32c(half, 0, GuardLayout.VERSION_CRC_OFFSET));
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

    /** Everything in the file that verifies, of this log stream. Of a half that was little used, little is read. */
    List<GuardCopy> copies() {
        List<GuardCopy> copies = new ArrayList<>();
        ByteBuffer table =
                ByteBuffer.allocateDirect(GuardLayout.pagesOffset(halfBytes)).order(ByteOrder.LITTLE_ENDIAN);
        for (int index = 0; index < GuardLayout.HALVES; index++) {
            long start = (long) index * halfBytes;
            if (file.read(table.clear(), start) == table.capacity()) {
                collect(table.clear(), start, copies);
            }
        }
        return copies;
    }

    void force() {
        file.force();
    }

    @Override
    public void close() {
        file.close();
    }

    private void collect(ByteBuffer table, long start, List<GuardCopy> copies) {
        int room = halfBytes - GuardLayout.pagesOffset(halfBytes); // entries that name one place twice are not ours
        for (int i = 0; i < GuardLayout.entriesMax(halfBytes) && room > 0; i++) {
            int entry = (i + 1) * GuardLayout.ENTRY_BYTES;
            if (table.getInt(entry + GuardLayout.ENTRY_CRC_OFFSET)
                            == Checksum.crc32c(table, entry, GuardLayout.ENTRY_CRC_OFFSET)
                    && table.getLong(entry + GuardLayout.ENTRY_LOG_OFFSET) == logSignature) {
                GuardCopy copy = GuardCopy.read(file, start, halfBytes, table, entry);
                if (copy != null) {
                    copies.add(copy);
                    room -= copy.bytes().capacity();
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

package dev.quire.io.log;

import dev.quire.io.Crc;
import dev.quire.io.QuireError;
import dev.quire.io.Storage;
import dev.quire.io.Storage.Access;
import dev.quire.io.StoreFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;

/**
 * Reads one generation file, which may be a copy that ends at its closing offset, through a window in memory. Believes
 * nothing: every length is checked against the file header's, every read may find the end of the file. One thread at a
 * time: any, when the window is on the heap; one of the engine's, when it is direct, since it is filled through the
 * channel then. The latter is some five times faster, because nothing is copied twice.
 */
final class GenerationReader implements AutoCloseable {

    /** For Begin and nothing more. */
    static final int BEGIN_WINDOW_BYTES = 128 << 10;

    /** Twice the largest batch, so that most batches are found in the window. */
    static final int WINDOW_BYTES = 512 << 10;

    private final StoreFile file;
    private ByteBuffer view;
    private final Crc crc = new Crc();
    private long windowFrom;
    private int windowBytes;
    private long signature;
    private int generation;
    private int generationBytes;
    private int headerCrc;

    /**
     * With a window on the heap, for any thread. {@code windowBytes} bounds what one read fetches: the largest thing
     * that will be looked at, or more.
     */
    GenerationReader(Storage storage, Path path, int windowBytes) {
        file = storage.open(path, Access.READ);
        int bytes = (int) Math.min(windowBytes, Math.max(GenerationLayout.HEADER_BYTES, file.size()));
        view = ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** With a direct window of the caller's, which he may use for one file after the other. For engine threads. */
    GenerationReader(Storage storage, Path path, ByteBuffer window) {
        file = storage.open(path, Access.READ);
        view = window.clear();
    }

    /** A window for {@link #GenerationReader(Storage, Path, ByteBuffer)}. */
    static ByteBuffer window(int bytes) {
        return ByteBuffer.allocateDirect(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** Judges the header and remembers what it says; what is wrong with it, or null. */
    LogFault open(long expectedSignature, int expectedGeneration) {
        load(0, GenerationLayout.HEADER_BYTES);
        LogFault fault = GenerationHeader.judge(view, windowBytes, expectedSignature, expectedGeneration);
        if (fault == null) {
            signature = expectedSignature;
            generation = expectedGeneration;
            generationBytes = GenerationHeader.generationBytes(view);
            headerCrc = GenerationHeader.crc(view);
            if (file.size() > generationBytes) {
                return LogFault.differs(0, "file size", generationBytes, file.size())
                        .as(QuireError.LOG_FILE_SIZE_MISMATCH);
            }
        }
        return fault;
    }

    /** Judges the header of a file of any stream; what is wrong with it, or null. */
    LogFault openAny() {
        load(0, GenerationLayout.HEADER_BYTES);
        LogFault fault = GenerationHeader.judge(view, windowBytes);
        return fault != null ? fault : open(GenerationHeader.signature(view), GenerationHeader.generation(view));
    }

    /**
     * Brings {@code bytes} bytes at {@code offset} into the window.
     *
     * @return where they start in {@link #view()}, or -1 if the file ends before them
     */
    int load(int offset, int bytes) {
        if (!holds(offset, bytes)) {
            move(offset, view);
        }
        return bytes <= windowBytes - (offset - windowFrom) ? (int) (offset - windowFrom) : -1;
    }

    /** Whether so many bytes are in the window. */
    boolean holds(int offset, int bytes) {
        return offset >= windowFrom && offset + bytes <= windowFrom + windowBytes;
    }

    /** Where a byte that the window {@link #holds} is in {@link #view()}. */
    int index(int offset) {
        return (int) (offset - windowFrom);
    }

    /**
     * Makes {@code next} the window, beginning at {@code offset}; the one before is left as it is. What that holds
     * already is not read again.
     */
    void move(int offset, ByteBuffer next) {
        int kept = offset < windowFrom ? 0 : (int) Math.max(0, windowFrom + windowBytes - offset);
        int from = windowBytes - kept;
        windowBytes = 0;
        windowFrom = offset;
        next.put(0, view, from, kept);
        view = next;
        windowBytes = kept + fill(kept, offset + kept);
    }

    private int fill(int at, int position) {
        if (view.hasArray()) {
            return file.read(view.array(), at, view.capacity() - at, position);
        }
        int count = file.read(view.position(at), position);
        view.clear();
        return count;
    }

    /** The window that {@link #load} was last successful in, little-endian. */
    ByteBuffer view() {
        return view;
    }

    /** CRC32C of a part of the window. */
    int crc(int from, int to) {
        return crc.start().add(view, from, to - from).value();
    }

    /** Size of the file, which is less than a generation's in a copy. */
    long fileBytes() {
        return file.size();
    }

    Path path() {
        return file.path();
    }

    long signature() {
        return signature;
    }

    int generation() {
        return generation;
    }

    int generationBytes() {
        return generationBytes;
    }

    /** Where the chain starts. */
    int headerCrc() {
        return headerCrc;
    }

    @Override
    public void close() {
        file.close();
    }
}

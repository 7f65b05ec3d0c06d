package dev.quire.backup;

import dev.quire.io.OperationEvent.Subject;
import java.nio.ByteBuffer;

/**
 * A file of an external backup as it is offered to the caller: where its bytes come from, and which of them he has. Any
 * number of handles read it at once.
 */
abstract class OfferedFile {

    /** The most that is read ahead for a handle. */
    static final int PIECE_BYTES = 1 << 20;

    /** What a handle may begin at a multiple of, in a file without pages. */
    static final int UNIT_BYTES = 4096;

    private final ExternalFile file;
    private final DoneRanges delivered = new DoneRanges();

    OfferedFile(String name, long bytes, int unitBytes) {
        this.file = new ExternalFile(name, bytes, unitBytes);
    }

    final ExternalFile file() {
        return file;
    }

    /** What is told of it: where it is read, and how much of it counts; null if it is made of what is in memory. */
    Subject subject(long bytes) {
        return null;
    }

    /** The caller has the bytes of {@code [from, to)}. */
    final void delivered(long from, long to) {
        delivered.add(from, to);
    }

    /** Whether he has all of them. */
    final boolean isDelivered() {
        return delivered.cover(file.bytes());
    }

    /** How much memory a handle needs. */
    int pieceBytes() {
        return (int) Math.min(PIECE_BYTES, file.bytes());
    }

    /**
     * Leaves in {@code into} what stands from {@code position} on, one byte at least; what leaves is verified. Engine
     * threads.
     *
     * @param into of {@link #pieceBytes}, cleared here
     * @param position a multiple of the unit, inside of the file
     * @param end what stands behind that is not wanted
     */
    abstract void read(ByteBuffer into, long position, long end);

    /** How many bytes from {@code position} on are zeros because nobody uses them; a multiple of the unit. */
    long freeBytes(long position) {
        return 0;
    }
}

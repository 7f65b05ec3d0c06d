package dev.quire.io;

import java.nio.ByteBuffer;
import java.nio.file.Path;

/**
 * One open file. All access names its position; there is no cursor. Any number of threads may use it at once; reads
 * and writes that overlap in place and time may tear.
 *
 * <p>Two families of methods differ in who may call them. Those with a {@link ByteBuffer}, {@link #force},
 * {@link #allocate} and {@link #transferTo} go through a channel, which an interrupt of the calling thread would
 * close: they are for threads of the engine alone. Those with a {@code byte[]} are safe on any thread: an interrupt
 * leaves the file open and the interrupt status set.
 */
public interface StoreFile extends AutoCloseable {

    /** Zeros are written in pieces of this many bytes: larger buffered writes were measured five times slower. */
    int WRITE_PIECE_BYTES = 256 * 1024;

    /** What is written past the system's cache begins and ends at multiples of this, in the file and in memory. */
    int DIRECT_UNIT_BYTES = 4096;

    /** Where the file is. */
    Path path();

    /** Its length in bytes. */
    long size();

    /**
     * Reads at {@code position} until {@code target} has no room left or the file ends.
     *
     * @return the number of bytes read, less than asked only at the end of the file
     */
    int read(ByteBuffer target, long position);

    /** The same from any thread, into an array. */
    int read(byte[] target, int offset, int length, long position);

    /** Writes all that remains in {@code source} at {@code position}. Not durable before {@link #force()}. */
    void write(ByteBuffer source, long position);

    /**
     * Writes like {@link #write}, but past the system's cache, where the system and the file system can: then a later
     * force has little left to do, and nobody else's force has to wait for these bytes. Promises no more than that:
     * some systems take it, and cache all the same.
     *
     * @param source a direct buffer
     * @return whether it was done; if not, because it cannot be or something is no multiple of {@link
     *     #DIRECT_UNIT_BYTES}, nothing was written, and nothing taken out of {@code source}
     */
    default boolean writeDirect(ByteBuffer source, long position) {
        return false;
    }

    /**
     * Writes and makes durable in one step, from any thread. Only these bytes are promised: whatever was written
     * before may still need a {@link #force()}.
     */
    void writeThrough(byte[] source, int offset, int length, long position);

    /**
     * Makes every byte written so far durable, with the length of the file. A failure is final: the bytes may be lost
     * although later reads show them, so it must never be tried again.
     */
    void force();

    /** Writes real zeros from {@code from} to {@code to}, so that no later write there can meet a full disk. */
    void allocate(long from, long to);

    /**
     * Moves {@code count} bytes at {@code position} to {@code target} without bringing them to this process, where the
     * system can.
     *
     * @throws StorageFaultException if this file ends before {@code count} bytes
     */
    void transferTo(long position, long count, StoreFile target, long targetPosition);

    /**
     * Maps {@code length} bytes at {@code position}, which must lie inside the file, for reading, little-endian. The
     * mapping shows later writes, and stays valid after {@link #close()} for as long as somebody holds it. The file
     * must have been opened for {@link Storage.Access#READ}.
     */
    ByteBuffer map(long position, int length);

    /** Closes the file, without forcing anything. Closing twice does nothing. */
    @Override
    void close();
}

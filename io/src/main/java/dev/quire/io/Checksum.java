package dev.quire.io;

import java.nio.ByteBuffer;

/**
 * CRC32C of bytes of ours: the hardware's, without allocating.
 *
 * <p><b>Never of a map.</b> The JVM computes it in a stub that survives no failing page: a file cut short by somebody
 * else, or a bad sector under a mapping, ends the whole process there (measured on 17 and 25). So a buffer must be on
 * the heap or allocated directly; a read-only one is refused, because every map of {@link StoreFile#map} is one.
 *
 * <p>A {@link ByteBuffer} given to these methods belongs to the calling thread for as long as they run: position and
 * limit are moved and put back. {@link #crc32cShared} is for buffers that several threads look at.
 */
public final class Checksum {

    private static final ThreadLocal<Crc> CRC = ThreadLocal.withInitial(Crc::new);

    private Checksum() {}

    /** The CRC32C of {@code length} bytes at absolute {@code offset}; position and limit end up unchanged. */
    public static int crc32c(ByteBuffer buffer, int offset, int length) {
        return CRC.get().start().add(buffer, offset, length).value();
    }

    /** The CRC32C of {@code length} bytes at {@code offset}. */
    public static int crc32c(byte[] bytes, int offset, int length) {
        return CRC.get().start().add(bytes, offset, length).value();
    }

    /**
     * The CRC32C of {@code prefix}, as eight little-endian bytes, and the range behind it: for a salt, or for a chain
     * in which each link covers the one before.
     */
    public static int crc32c(long prefix, ByteBuffer buffer, int offset, int length) {
        return CRC.get().start().add(prefix).add(buffer, offset, length).value();
    }

    /** The CRC32C of {@code prefix}, as eight little-endian bytes, and the range behind it. */
    public static int crc32c(long prefix, byte[] bytes, int offset, int length) {
        return CRC.get().start().add(prefix).add(bytes, offset, length).value();
    }

    /**
     * The same for a buffer that other threads use meanwhile; allocates one small object.
     *
     * @throws IllegalArgumentException if the buffer is read-only
     */
    public static int crc32cShared(ByteBuffer buffer, int offset, int length) {
        return crc32c(buffer.duplicate(), offset, length);
    }
}

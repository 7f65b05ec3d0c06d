package dev.quire.io;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * A CRC32C under way over several ranges. Used by one thread at a time, reused for ever; allocates nothing. For what
 * may be given to it see {@link Checksum}.
 */
public final class Crc {

    private final CRC32C crc = new CRC32C();

    /** Forgets everything. */
    public Crc start() {
        crc.reset();
        return this;
    }

    /** Adds eight bytes: {@code value}, little-endian. */
    public Crc add(long value) {
        for (int shift = 0; shift < Long.SIZE; shift += Byte.SIZE) {
            crc.update((int) (value >>> shift));
        }
        return this;
    }

    /** Adds {@code length} bytes at {@code offset}. */
    public Crc add(byte[] bytes, int offset, int length) {
        crc.update(bytes, offset, length);
        return this;
    }

    /**
     * Adds {@code length} bytes at absolute {@code offset}. Position and limit are moved and put back: nobody else may
     * use the buffer object meanwhile.
     *
     * @throws IllegalArgumentException if the buffer is read-only, as every map is
     */
    public Crc add(ByteBuffer buffer, int offset, int length) {
        if (buffer.isReadOnly()) {
            throw new IllegalArgumentException("a read-only buffer may be a map, and a failing page of a map under the"
                    + " checksum ends the process: copy first");
        }
        int position = buffer.position();
        int limit = buffer.limit();
        try {
            buffer.limit(Math.addExact(offset, length)).position(offset);
            crc.update(buffer);
        } finally {
            buffer.limit(limit).position(position);
        }
        return this;
    }

    /** The CRC32C of all that was added since {@link #start}. */
    public int value() {
        return (int) crc.getValue();
    }
}

package dev.quire.io;

import java.nio.ByteOrder;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * Copies between a view and a buffer of another make. Their own bulk methods would ask us for memory that we do not
 * give away, so this goes eight bytes at a time.
 */
final class ForeignBuffers {

    private ForeignBuffers() {}

    static void copy(DirectBuffer source, int sourceIndex, MutableDirectBuffer target, int targetIndex, int bytes) {
        source.boundsCheck(sourceIndex, bytes);
        if (!target.isExpandable()) {
            target.boundsCheck(targetIndex, bytes);
        }
        int i = 0;
        for (; i <= bytes - Long.BYTES; i += Long.BYTES) {
            long eight = source.getLong(sourceIndex + i, ByteOrder.LITTLE_ENDIAN);
            target.putLong(targetIndex + i, eight, ByteOrder.LITTLE_ENDIAN);
        }
        for (; i < bytes; i++) {
            target.putByte(targetIndex + i, source.getByte(sourceIndex + i));
        }
    }
}

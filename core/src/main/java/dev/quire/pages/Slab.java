package dev.quire.pages;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * One large direct buffer cut into frames by a binary buddy scheme, so that pages of every size and extents share the
 * same memory without leaving holes that nothing fits. Not thread-safe: {@link FramePool} guards it.
 *
 * <p>The state is one byte a node of a complete binary tree over units of {@link #UNIT_BYTES}: the order (power of two,
 * plus one) of the largest free stretch below the node, 0 for none.
 */
final class Slab {

    /** Smallest frame. */
    static final int UNIT_BYTES = 4096;

    private static final int UNIT_SHIFT = 12;

    private final ByteBuffer writable;
    private final ByteBuffer readable;
    private final int units;
    private final byte[] largestFree;
    private final byte topOrder;

    Slab(int bytes) {
        writable = ByteBuffer.allocateDirect(bytes).order(ByteOrder.LITTLE_ENDIAN);
        readable = writable.asReadOnlyBuffer().order(ByteOrder.LITTLE_ENDIAN);
        units = bytes >>> UNIT_SHIFT;
        topOrder = (byte) (Integer.numberOfTrailingZeros(units) + 1);
        largestFree = new byte[2 * units];
        Arrays.fill(largestFree, (byte) 0);
        for (int node = 1; node < 2 * units; node++) {
            largestFree[node] = orderOf(node);
        }
    }

    /** Bytes that a frame for {@code bytes} takes up: the next power of two of units. */
    static int roundedBytes(int bytes) {
        int wanted = Math.max(bytes, UNIT_BYTES);
        return Integer.highestOneBit(wanted - 1) << 1;
    }

    ByteBuffer writable() {
        return writable;
    }

    ByteBuffer readable() {
        return readable;
    }

    int bytes() {
        return units << UNIT_SHIFT;
    }

    boolean fits(int rounded) {
        return largestFree[1] >= order(rounded);
    }

    /** Takes a stretch of {@code rounded} bytes; the caller has asked {@link #fits}. Returns its offset. */
    int take(int rounded) {
        byte order = order(rounded);
        int node = 1;
        for (byte level = topOrder; level > order; level--) {
            node <<= 1;
            if (largestFree[node] < order || worseThanSibling(node, order)) {
                node++;
            }
        }
        largestFree[node] = 0;
        int offset = (node << (order - 1)) - units << UNIT_SHIFT;
        for (int parent = node >>> 1; parent > 0; parent >>>= 1) {
            largestFree[parent] = (byte) Math.max(largestFree[2 * parent], largestFree[2 * parent + 1]);
        }
        return offset;
    }

    /** Gives a stretch back; {@code offset} and {@code rounded} as it was taken. */
    void give(int offset, int rounded) {
        byte order = order(rounded);
        int node = (offset >>> UNIT_SHIFT) + units >>> (order - 1);
        if (largestFree[node] != 0) {
            throw new IllegalStateException("frame given back twice: offset=" + offset);
        }
        largestFree[node] = order;
        for (int parent = node >>> 1; parent > 0; parent >>>= 1) {
            byte left = largestFree[2 * parent];
            byte right = largestFree[2 * parent + 1];
            byte whole = orderOf(parent);
            boolean bothFree = left == whole - 1 && right == whole - 1;
            largestFree[parent] = bothFree ? whole : (byte) Math.max(left, right);
        }
    }

    /** Prefers the fuller half when both would do, so that large stretches stay whole. */
    private boolean worseThanSibling(int left, byte order) {
        byte right = largestFree[left + 1];
        return right >= order && right < largestFree[left];
    }

    private byte orderOf(int node) {
        return (byte) (topOrder - (31 - Integer.numberOfLeadingZeros(node)));
    }

    private static byte order(int rounded) {
        return (byte) (Integer.numberOfTrailingZeros(rounded >>> UNIT_SHIFT) + 1);
    }
}

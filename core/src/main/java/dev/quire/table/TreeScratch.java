package dev.quire.table;

import dev.quire.io.page.PageLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Memory that changing a tree takes for itself: a page that is rebuilt is copied here first. One is enough for all
 * {@link TreeWriter}s of a write transaction, and for the next one's, since only one of them is at work at a time.
 * Takes nothing until it is needed, and keeps it then: two pages of direct memory at the most, and half a page on the
 * heap.
 */
public final class TreeScratch {

    private static final int CHUNK_BYTES_MIN = 16 * 1024;

    final int pageSize;

    private ByteBuffer copy;
    private ByteBuffer spare;
    private byte[] chunk;

    /** For pages of {@code pageSize} bytes. */
    public TreeScratch(int pageSize) {
        this.pageSize = PageLayout.checkPageSize(pageSize);
    }

    /** A page, direct like all others so that the code which reads pages meets one class of buffers. */
    ByteBuffer copy() {
        if (copy == null) {
            copy = allocate();
        }
        return copy;
    }

    /** A second one, for what happens to a page while the first is in use: any compaction overwrites it. */
    ByteBuffer spare() {
        if (spare == null) {
            spare = allocate();
        }
        return spare;
    }

    /** A value on its way to a leaf, or a piece of one on its way to an extent. */
    byte[] chunk() {
        if (chunk == null) {
            chunk = new byte[Math.max(CHUNK_BYTES_MIN, NodeLayout.cellBytesMax(pageSize))];
        }
        return chunk;
    }

    private ByteBuffer allocate() {
        return ByteBuffer.allocateDirect(pageSize).order(ByteOrder.LITTLE_ENDIAN);
    }
}

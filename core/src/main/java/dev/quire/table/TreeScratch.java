package dev.quire.table;

import dev.quire.io.page.PageLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Memory that changing a tree takes for itself: a page that is rebuilt is copied here first. One is enough for all
 * {@link TreeWriter}s of a write transaction, and for the next one's, since only one of them is at work at a time.
 */
public final class TreeScratch {

    private static final int CHUNK_BYTES_MIN = 16 * 1024;

    final int pageSize;

    /** A page, direct like all others so that the code which reads pages meets one class of buffers. */
    final ByteBuffer page;

    /** A second one, for what happens to a page while the first is in use. */
    final ByteBuffer spare;

    /** A value on its way, or a piece of it. */
    final byte[] chunk;

    /** For pages of {@code pageSize} bytes: takes two pages of direct memory. */
    public TreeScratch(int pageSize) {
        this.pageSize = PageLayout.checkPageSize(pageSize);
        ByteBuffer both = ByteBuffer.allocateDirect(2 * pageSize);
        page = both.slice(0, pageSize).order(ByteOrder.LITTLE_ENDIAN);
        spare = both.slice(pageSize, pageSize).order(ByteOrder.LITTLE_ENDIAN);
        chunk = new byte[Math.max(CHUNK_BYTES_MIN, NodeLayout.cellBytesMax(pageSize))];
    }
}

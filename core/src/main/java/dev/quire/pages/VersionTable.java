package dev.quire.pages;

import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * The versions of one database's pages that the file does not hold yet: for each page a chain, newest first.
 *
 * <p>Two levels, so that memory follows the number of changed pages and not the size of the database: a directory with
 * one entry for {@value #CHUNK_PAGES} pages, and a chunk of chain heads where there is at least one. Readers take no
 * lock; whoever changes anything holds the lock of {@link Versions}.
 */
final class VersionTable {

    static final int CHUNK_PAGES = 256;

    private static final int CHUNK_SHIFT = 8;

    private volatile AtomicReferenceArray<Chunk> directory = new AtomicReferenceArray<>(16);
    private int pages;

    private static final class Chunk extends AtomicReferenceArray<Frame> {
        private static final long serialVersionUID = 1L;
        transient int used;

        Chunk() {
            super(CHUNK_PAGES);
        }
    }

    /** What is done with the chain of a page. */
    interface ChainVisitor {
        void visit(long page, Frame newest);
    }

    /** The newest version of {@code page}, or null when that is the one in the file. */
    Frame newest(long page) {
        AtomicReferenceArray<Chunk> seen = directory;
        long index = page >>> CHUNK_SHIFT;
        if (index >= seen.length()) {
            return null;
        }
        Chunk chunk = seen.get((int) index);
        return chunk == null ? null : chunk.get((int) page & CHUNK_PAGES - 1);
    }

    /** The version of {@code page} that a reader of {@code snapshot} sees, or null when that is the one in the file. */
    Frame at(long page, long snapshot) {
        Frame frame = newest(page);
        while (frame != null && frame.commit > snapshot) {
            frame = frame.older;
        }
        return frame;
    }

    /** Number of pages with versions. */
    int pages() {
        return pages;
    }

    /** Puts a new head before the chain of its page. Returns whether the page had no versions before. */
    boolean push(Frame frame) {
        Chunk chunk = chunkFor(frame.page);
        int index = (int) frame.page & CHUNK_PAGES - 1;
        Frame before = chunk.get(index);
        frame.older = before;
        chunk.set(index, frame);
        if (before == null) {
            chunk.used++;
            pages++;
        }
        return before == null;
    }

    /** Takes the whole chain of {@code page} away. */
    void clear(long page) {
        int slot = (int) (page >>> CHUNK_SHIFT);
        Chunk chunk = directory.get(slot);
        chunk.set((int) page & CHUNK_PAGES - 1, null);
        pages--;
        if (--chunk.used == 0) {
            directory.set(slot, null);
        }
    }

    /** Visits the chains of all pages with versions, in page order. The visitor may clear the page it visits. */
    void forEach(ChainVisitor visitor) {
        AtomicReferenceArray<Chunk> seen = directory;
        for (int slot = 0; slot < seen.length(); slot++) {
            Chunk chunk = seen.get(slot);
            for (int i = 0; chunk != null && i < CHUNK_PAGES; i++) {
                Frame newest = chunk.get(i);
                if (newest != null) {
                    visitor.visit(((long) slot << CHUNK_SHIFT) + i, newest);
                }
            }
        }
    }

    private Chunk chunkFor(long page) {
        int slot = Math.toIntExact(page >>> CHUNK_SHIFT);
        AtomicReferenceArray<Chunk> current = directory;
        if (slot >= current.length()) {
            AtomicReferenceArray<Chunk> grown = new AtomicReferenceArray<>(Math.max(slot + 1, 2 * current.length()));
            for (int i = 0; i < current.length(); i++) {
                grown.setPlain(i, current.get(i));
            }
            directory = grown;
            current = grown;
        }
        Chunk chunk = current.get(slot);
        if (chunk == null) {
            chunk = new Chunk();
            current.set(slot, chunk);
        }
        return chunk;
    }
}

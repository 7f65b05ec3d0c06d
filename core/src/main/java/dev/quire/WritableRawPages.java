package dev.quire;

import dev.quire.io.BytesView;
import dev.quire.io.MutableBytesView;
import dev.quire.io.page.PageLayout;
import dev.quire.pages.ChangedPages;
import dev.quire.pages.RootsLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * Raw pages to be changed. What the user writes into is memory of its own, which is copied when the transaction commits
 * and belongs to nobody else afterwards: a view kept too long, or used by a second thread in the middle of a commit,
 * scribbles on garbage and never on a page.
 *
 * <p>That memory is on the heap, and counts against the budget beside the page itself.
 */
public final class WritableRawPages extends RawPages {

    private final ChangedPages writer;
    private final Map<Long, ByteBuffer> drafts = new TreeMap<>();
    /** Which page each view shows: however often a view is used, it stands here once. */
    private final Map<MutableBytesView, Long> views = new IdentityHashMap<>();

    WritableRawPages(WriteTransaction tx, Database database) {
        super(tx, database);
        this.writer = tx.changes(database);
    }

    /**
     * Allocates a page and points {@code into} at its bytes, all zero.
     *
     * @return its number
     * @throws dev.quire.io.LimitException {@code TRANSACTION_TOO_LONG} or {@code OUT_OF_MEMORY}; none is allocated then
     */
    public long allocate(MutableBytesView into) {
        tx.check();
        ByteBuffer draft = writer.draft(payloadBytes());
        long page;
        try {
            page = tx.reading(() -> writer.allocate(PageLayout.TYPE_RAW, ref));
        } catch (RuntimeException | Error e) {
            writer.draftsGone(payloadBytes());
            throw e;
        }
        drafts.put(page, draft);
        show(page, draft, into);
        return page;
    }

    /**
     * Points {@code into} at a page's bytes, to be changed in place until the transaction ends.
     *
     * @throws IllegalArgumentException if the page is not one that was allocated as a raw page, or is free again
     * @throws dev.quire.io.LimitException {@code TRANSACTION_TOO_LONG} or {@code OUT_OF_MEMORY}
     */
    public void modify(long page, MutableBytesView into) {
        tx.check();
        ByteBuffer draft = drafts.get(page);
        if (draft == null) {
            try {
                writer.read(page, ref);
                checkInUse(page);
                writer.modify(page, ref);
            } catch (InternalError e) {
                throw tx.poisoned(e);
            }
            draft = draft(page);
        }
        show(page, draft, into);
    }

    @Override
    public void read(long page, BytesView into) {
        tx.check();
        ByteBuffer draft = drafts.get(page);
        if (draft == null) {
            super.read(page, into);
        } else {
            into.point(draft.asReadOnlyBuffer().order(ByteOrder.LITTLE_ENDIAN), 0, payloadBytes());
        }
    }

    /** Frees a page; views of it end. Refuses what {@link #modify} refuses. */
    public void free(long page) {
        tx.check();
        tx.reading(() -> {
            writer.read(page, ref);
            checkInUse(page);
            return null;
        });
        if (drafts.remove(page) != null) {
            writer.draftsGone(payloadBytes());
        }
        views.forEach((view, shown) -> {
            if (shown == page) {
                view.revoke();
            }
        });
        views.values().removeIf(shown -> shown == page);
        tx.reading(() -> {
            writer.free(page);
            return null;
        });
    }

    /** Keeps a number under {@code name}, of at most 31 bytes of UTF-8; there is room for a hundred. */
    public void root(String name, long value) {
        tx.check();
        byte[] bytes = slotName(name);
        modifyRoots();
        int at = find(ref.base, ref.offset, bytes);
        if (at < 0) {
            at = free(ref.base, ref.offset);
            ref.base.put(at, (byte) bytes.length);
            ref.base.put(at + 1, bytes);
        }
        ref.base.putLong(at + RootsLayout.SLOT_VALUE_OFFSET, value);
    }

    /** Forgets the number kept under {@code name}; returns whether there was one. */
    public boolean removeRoot(String name) {
        tx.check();
        byte[] bytes = slotName(name);
        modifyRoots();
        int at = find(ref.base, ref.offset, bytes);
        if (at >= 0) {
            ref.base.put(at, new byte[RootsLayout.SLOT_BYTES]);
        }
        return at >= 0;
    }

    private void modifyRoots() {
        tx.reading(() -> {
            writer.modify(RootsLayout.PAGE, ref);
            return null;
        });
    }

    /** Copies what was written into the transaction's pages; the views end here. */
    void settle() {
        revoke();
        drafts.forEach((page, draft) -> {
            writer.modify(page, ref);
            ref.base.put(ref.offset + PageLayout.HEADER_BYTES, draft, 0, payloadBytes());
        });
        writer.draftsGone((long) drafts.size() * payloadBytes());
        drafts.clear();
    }

    void discard() {
        revoke();
        drafts.clear();
    }

    /** A free page keeps its bytes; and a draft of it would be laid over whatever takes its place before the commit. */
    private void checkInUse(long page) {
        checkRaw(page);
        if (!writer.isAllocated(page)) {
            throw new IllegalArgumentException("page=" + page + " is free");
        }
    }

    private ByteBuffer draft(long page) {
        ByteBuffer draft = writer.draft(payloadBytes());
        draft.put(0, ref.base, ref.offset + PageLayout.HEADER_BYTES, payloadBytes());
        drafts.put(page, draft);
        return draft;
    }

    private void show(long page, ByteBuffer draft, MutableBytesView into) {
        into.point(draft, 0, payloadBytes());
        views.put(into, page);
    }

    private void revoke() {
        views.keySet().forEach(MutableBytesView::revoke);
        views.clear();
    }
}

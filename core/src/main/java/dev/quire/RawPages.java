package dev.quire;

import dev.quire.io.BytesView;
import dev.quire.io.CorruptionException;
import dev.quire.io.QuireError;
import dev.quire.io.page.PageHeader;
import dev.quire.io.page.PageLayout;
import dev.quire.io.page.PageRef;
import dev.quire.pages.PageReader;
import dev.quire.pages.RootsLayout;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.OptionalLong;

/**
 * The pages of a database for those who build their own structures: numbered, versioned, checked, {@link #payloadBytes}
 * each, and some named numbers to find a structure again. Lives as long as its transaction.
 */
public class RawPages {

    final Transaction tx;
    final PageReader pages;
    final PageRef ref = new PageRef();

    RawPages(Transaction tx, Database database) {
        this.tx = tx;
        this.pages = tx.pages(database);
    }

    /** Bytes of a page that are the user's. */
    public final int payloadBytes() {
        return pages.pageSize() - PageLayout.HEADER_BYTES;
    }

    /**
     * Points {@code into} at the bytes of a page, in place.
     *
     * @throws IllegalArgumentException if the page is not one that was allocated as a raw page
     * @throws CorruptionException if it does not verify
     */
    public void read(long page, BytesView into) {
        tx.check();
        try {
            pages.read(page, ref);
            checkRaw(page);
            into.point(ref.base, ref.offset + PageLayout.HEADER_BYTES, payloadBytes());
        } catch (InternalError e) {
            throw tx.poisoned(e);
        }
    }

    /** The number kept under {@code name}, if there is one. */
    public OptionalLong root(String name) {
        tx.check();
        byte[] bytes = slotName(name);
        return tx.reading(() -> {
            pages.read(RootsLayout.PAGE, ref);
            int at = find(ref.base, ref.offset, bytes);
            return at < 0
                    ? OptionalLong.empty()
                    : OptionalLong.of(ref.base.getLong(at + RootsLayout.SLOT_VALUE_OFFSET));
        });
    }

    final void checkRaw(long page) {
        int type = PageHeader.type(ref.base, ref.offset);
        if (type != PageLayout.TYPE_RAW) {
            throw new IllegalArgumentException("page=" + page + " is not a raw page, type=" + type);
        }
    }

    static byte[] slotName(String name) {
        byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
        if (bytes.length == 0 || bytes.length > RootsLayout.SLOT_NAME_BYTES_MAX) {
            throw new IllegalArgumentException(
                    "name=" + name + ": 1 to " + RootsLayout.SLOT_NAME_BYTES_MAX + " bytes of UTF-8");
        }
        return bytes;
    }

    /** Where the slot of that name starts in {@code base}, -1 if there is none. */
    static int find(ByteBuffer base, int offset, byte[] name) {
        for (int slot = 0; slot < RootsLayout.SLOT_COUNT; slot++) {
            int at = offset + RootsLayout.SLOTS_OFFSET + slot * RootsLayout.SLOT_BYTES;
            if (base.get(at) == name.length && matches(base, at + 1, name)) {
                return at;
            }
        }
        return -1;
    }

    /** Where a free slot starts. */
    static int free(ByteBuffer base, int offset) {
        for (int slot = 0; slot < RootsLayout.SLOT_COUNT; slot++) {
            int at = offset + RootsLayout.SLOTS_OFFSET + slot * RootsLayout.SLOT_BYTES;
            if (base.get(at) == 0) {
                return at;
            }
        }
        throw new dev.quire.io.LimitException(
                QuireError.OUT_OF_MEMORY, null, "all " + RootsLayout.SLOT_COUNT + " root slots are taken", null);
    }

    private static boolean matches(ByteBuffer base, int at, byte[] name) {
        for (int i = 0; i < name.length; i++) {
            if (base.get(at + i) != name[i]) {
                return false;
            }
        }
        return true;
    }
}

package dev.quire.table;

import dev.quire.io.BytesView;
import dev.quire.io.page.PageLayout;
import dev.quire.io.page.PageRef;
import dev.quire.pages.PageReader;
import java.nio.ByteBuffer;
import java.util.Objects;
import org.agrona.MutableDirectBuffer;

/**
 * The value of one entry, where it stands. A value that is not longer than one extent is a single {@linkplain #view
 * view}, a longer one a sequence of {@linkplain #part parts}; either can be {@linkplain #copy copied}. Reused from
 * lookup to lookup; valid until the tree is changed or the transaction ends. Not for several threads.
 */
public final class TreeValue {

    private static final int PARTS_MAX = (PageLayout.EXTENT_BYTES_MAX - PageLayout.HEADER_BYTES) / Long.BYTES;

    private final PageRef found = new PageRef();
    private final BytesView piece = new BytesView();

    private PageReader reader;
    private ByteBuffer base;
    private int at; // in base: the value, or what tells where it is
    private long page;
    private int form;
    private int length;
    private int part;
    private int parts;

    /** A value of nothing: use it in a lookup first. */
    public TreeValue() {}

    /** Takes the value of the selected cell. References are stored only if they must be, see {@link PageRef#set}. */
    @SuppressWarnings("ReferenceEquality")
    void set(PageReader reader, Node node) {
        if (this.reader != reader) {
            this.reader = reader;
        }
        if (base != node.base) {
            base = node.base;
        }
        at = node.valueAt();
        page = node.page;
        form = node.form;
        length = node.valueLength;
        parts = 1;
        if (form != ValueLayout.INLINE) {
            setReference(node.valueLength);
        }
    }

    private void setReference(int referenceBytes) {
        boolean fits = referenceBytes >= ValueLayout.REFERENCE_BYTES;
        length = fits ? base.getInt(at + ValueLayout.LENGTH) : -1;
        part = fits ? base.getInt(at + ValueLayout.PART) : -1;
        if (length < 0 || length > ValueLayout.VALUE_BYTES_MAX || part < 0 || part > PageLayout.EXTENT_BYTES_MAX) {
            throw Damage.at(page, "a value of length=" + length + " in parts of " + part);
        }
        if (form == ValueLayout.EXTENT) {
            fits = referenceBytes == ValueLayout.REFERENCE_BYTES;
        } else {
            parts = part == 0 ? 0 : ValueLayout.parts(length, part);
            int listed = form == ValueLayout.EXTENTS ? parts : 1;
            fits = parts > 0 && parts <= PARTS_MAX && referenceBytes == ValueLayout.PAGE + (long) Long.BYTES * listed;
        }
        if (!fits) {
            throw Damage.at(page, "a value of form=" + form + " parts=" + parts + " in " + referenceBytes + " bytes");
        }
    }

    /** Bytes of the value, 0 to 1 GiB. */
    public int length() {
        return length;
    }

    /** In how many pieces the value is stored: 1 for all that are not longer than an extent. */
    public int parts() {
        return parts;
    }

    /**
     * Points at the whole value.
     *
     * @throws IllegalStateException if it has several {@link #parts()}
     */
    public void view(BytesView into) {
        if (parts != 1) {
            throw new IllegalStateException("valueLength=" + length + " parts=" + parts + ", not a single view");
        }
        part(0, into);
    }

    /**
     * Points at one of {@link #parts()} pieces, which follow one another without a gap.
     *
     * @throws IllegalArgumentException if there is no such part
     * @throws dev.quire.io.CorruptionException if the part is not what the tree says
     */
    public void part(int index, BytesView into) {
        if (index < 0 || index >= parts) {
            throw new IllegalArgumentException("part=" + index + " parts=" + parts);
        }
        if (form == ValueLayout.INLINE) {
            into.point(base, at, length);
            return;
        }
        find(index);
        into.point(found.base, found.offset, found.length);
    }

    /**
     * Copies a piece of the value out.
     *
     * @param from where the piece starts in the value
     * @throws IndexOutOfBoundsException if it leaves the value or the target
     */
    public void copy(int from, byte[] target, int targetOffset, int bytes) {
        Objects.checkFromIndexSize(from, bytes, length);
        Objects.checkFromIndexSize(targetOffset, bytes, target.length);
        for (int done = 0; done < bytes; ) {
            int run = locate(from + done, bytes - done);
            found.base.get(found.offset, target, targetOffset + done, run);
            done += run;
        }
    }

    /** The same into a buffer, from {@code targetOffset}; its position does not matter and stays. */
    public void copy(int from, ByteBuffer target, int targetOffset, int bytes) {
        Objects.checkFromIndexSize(from, bytes, length);
        Objects.checkFromIndexSize(targetOffset, bytes, target.limit());
        for (int done = 0; done < bytes; ) {
            int run = locate(from + done, bytes - done);
            target.put(targetOffset + done, found.base, found.offset, run);
            done += run;
        }
    }

    /** The same into a buffer of Agrona. */
    public void copy(int from, MutableDirectBuffer target, int targetOffset, int bytes) {
        Objects.checkFromIndexSize(from, bytes, length);
        target.boundsCheck(targetOffset, bytes);
        for (int done = 0; done < bytes; ) {
            int run = locate(from + done, bytes - done);
            piece.point(found.base, found.offset, run);
            piece.getBytes(0, target, targetOffset + done, run);
            done += run;
        }
    }

    /** All of it, in an array of its own: for values that are known to be small. */
    public byte[] toBytes() {
        byte[] bytes = new byte[length];
        copy(0, bytes, 0, length);
        return bytes;
    }

    /** Finds the longest run of bytes, {@code most} at the most, that stand together at {@code from}. */
    private int locate(int from, int most) {
        if (form == ValueLayout.INLINE) {
            found.set(base, at + from, length - from);
        } else {
            int index = form == ValueLayout.EXTENT ? 0 : from / part;
            find(index);
            int skip = form == ValueLayout.EXTENT ? from : from % part;
            found.set(found.base, found.offset + skip, found.length - skip);
        }
        return Math.min(most, found.length);
    }

    /** Finds the bytes of one part, which is in an extent. */
    private void find(int index) {
        if (form == ValueLayout.EXTENT) {
            find(base.getLong(at + ValueLayout.PAGE), part, length);
            return;
        }
        int bytes = index < parts - 1 ? part : length - part * (parts - 1);
        find(partPage(index), PageLayout.HEADER_BYTES, bytes);
    }

    /** The extent of a part. */
    long partPage(int index) {
        if (form != ValueLayout.INDEXED) {
            return base.getLong(at + ValueLayout.PAGE + Long.BYTES * index);
        }
        find(base.getLong(at + ValueLayout.PAGE), PageLayout.HEADER_BYTES, Long.BYTES * parts);
        return found.base.getLong(found.offset + Long.BYTES * index);
    }

    /** Finds bytes {@code [start, start + bytes)} of an extent. */
    private void find(long extent, int start, int bytes) {
        reader.read(extent, found);
        int type = found.base.get(found.offset + PageLayout.TYPE_OFFSET);
        if (type != PageLayout.TYPE_EXTENT || start < PageLayout.HEADER_BYTES || bytes > found.length - start) {
            throw Damage.at(
                    extent,
                    "type=" + type + " length=" + found.length + ", page " + page + " expects " + bytes
                            + " bytes of a value at " + start);
        }
        found.set(found.base, found.offset + start, bytes);
    }

    /** Hands the extent of the index out, if there is one. */
    void index(ExtentConsumer consumer) {
        if (form == ValueLayout.INDEXED) {
            consumer.accept(base.getLong(at + ValueLayout.PAGE));
        }
    }

    /** Hands all extents of the value out, that of the index last: each only after a look whether it is one. */
    void extents(ExtentConsumer consumer) {
        if (form == ValueLayout.INLINE) {
            return;
        }
        for (int i = 0; i < parts; i++) {
            find(i);
            consumer.accept(partPage(i));
        }
        index(consumer);
    }

    /** Takes the page of an extent. */
    interface ExtentConsumer {
        void accept(long page);
    }
}

package dev.quire.table;

import dev.quire.io.page.PageLayout;
import dev.quire.io.page.PageRef;
import dev.quire.pages.PageWriter;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/** Long values: written once to extents of their own, referred to from the leaf, freed whole. */
final class Extents {

    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

    /** What {@link #write} wants to stand in the cell. */
    final byte[] reference = new byte[ValueLayout.REFERENCE_BYTES_MAX];

    int referenceBytes;
    int form;

    private final PageWriter writer;
    private final TreeScratch scratch;
    private final PageRef extent = new PageRef();
    private final TreeValue old = new TreeValue();
    private final TreeValue.ExtentConsumer free;
    private final TreeValue.ExtentConsumer doom = this::doom;

    private long[] written = new long[ValueLayout.LISTED_MAX + 1];
    private int writtenCount;
    private long[] doomed = new long[ValueLayout.LISTED_MAX + 1];
    private int doomedCount;

    Extents(PageWriter writer, TreeScratch scratch) {
        this.writer = writer;
        this.scratch = scratch;
        free = writer::free;
    }

    /** Writes a value; {@link #reference} and {@link #form} tell of it. Whatever fails, nothing stays allocated. */
    void write(ValueSource value) {
        writtenCount = 0;
        try {
            writeParts(value);
        } catch (RuntimeException fault) {
            discard(fault);
            throw fault;
        }
    }

    private void writeParts(ValueSource value) {
        int part = writer.extentPagesMax() * writer.pageSize() - PageLayout.HEADER_BYTES;
        int parts = ValueLayout.parts(value.length, part);
        if (parts >= written.length) {
            written = new long[parts + 1];
        }
        for (int from = 0; from < value.length; from += part) {
            writePart(value, from, Math.min(part, value.length - from));
        }
        INT.set(reference, ValueLayout.LENGTH, value.length);
        INT.set(reference, ValueLayout.PART, parts == 1 ? PageLayout.HEADER_BYTES : part);
        form = parts == 1 ? ValueLayout.EXTENT : ValueLayout.EXTENTS;
        if (parts > ValueLayout.LISTED_MAX) {
            form = ValueLayout.INDEXED;
            writeIndex(parts);
            LONG.set(reference, ValueLayout.PAGE, written[parts]);
            referenceBytes = ValueLayout.REFERENCE_BYTES;
            return;
        }
        for (int i = 0; i < parts; i++) {
            LONG.set(reference, ValueLayout.PAGE + Long.BYTES * i, written[i]);
        }
        referenceBytes = ValueLayout.PAGE + Long.BYTES * parts;
    }

    /** Writes bytes {@code [from, from + bytes)} of a value to an extent. */
    private void writePart(ValueSource value, int from, int bytes) {
        int to = allocate(bytes);
        if (value.array != null) {
            extent.base.put(to, value.array, value.offset + from, bytes);
            return;
        }
        byte[] chunk = scratch.chunk();
        for (int done = 0; done < bytes; ) {
            int run = Math.min(chunk.length, bytes - done);
            value.copy(from + done, chunk, run);
            extent.base.put(to + done, chunk, 0, run);
            done += run;
        }
    }

    private void writeIndex(int parts) {
        int to = allocate(Long.BYTES * parts);
        for (int i = 0; i < parts; i++) {
            extent.base.putLong(to + Long.BYTES * i, written[i]);
        }
    }

    /** Allocates an extent for so many bytes; returns where in its base they go. */
    private int allocate(int bytes) {
        int pageSize = writer.pageSize();
        long page = writer.allocateExtent((bytes + PageLayout.HEADER_BYTES + pageSize - 1) / pageSize, extent);
        written[writtenCount++] = page;
        return extent.offset + PageLayout.HEADER_BYTES;
    }

    /** Frees what was written last: its reference found no place. */
    void discard(RuntimeException why) {
        while (writtenCount > 0) {
            try {
                writer.free(written[--writtenCount]);
            } catch (RuntimeException fault) {
                why.addSuppressed(fault);
            }
        }
    }

    /** What was written last is referred to now. */
    void keep() {
        writtenCount = 0;
    }

    /** Frees the extents of the value in a node's selected cell. */
    void free(Node node) {
        if (node.form != ValueLayout.INLINE) {
            old.set(writer, node);
            old.extents(free);
        }
    }

    /** Remembers the extents of the value in the selected cell, which is about to go, for {@link #freeDoomed}. */
    void doom(Node node) {
        doomedCount = 0;
        if (node.form != ValueLayout.INLINE) {
            old.set(writer, node);
            old.extents(doom);
        }
    }

    private void doom(long page) {
        if (doomedCount == doomed.length) {
            doomed = Arrays.copyOf(doomed, 2 * doomedCount);
        }
        doomed[doomedCount++] = page;
    }

    /** Frees what was remembered, after the cell has gone. */
    void freeDoomed() {
        while (doomedCount > 0) {
            writer.free(doomed[--doomedCount]);
        }
    }
}

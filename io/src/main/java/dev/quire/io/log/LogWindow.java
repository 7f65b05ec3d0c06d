package dev.quire.io.log;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Some verified batches of one generation, one behind the other. Written by the one who reads while nobody else has it;
 * he and one who follows may look at it at once, each through a view of his own.
 */
final class LogWindow {

    private final ByteBuffer buffer = GenerationReader.window(GenerationReader.WINDOW_BYTES);
    private final ByteBuffer readers = buffer.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    private final ByteBuffer followers = buffer.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    private int first;
    private int batches;
    private long start;
    private long end;

    /** Where a generation is read into. */
    ByteBuffer buffer() {
        return buffer;
    }

    void clear() {
        batches = 0;
    }

    boolean isEmpty() {
        return batches == 0;
    }

    /** The batch that {@code walk} has just verified belongs to it. */
    void add(BatchWalk walk, int generation) {
        if (batches == 0) {
            first = walk.index();
            start = Lsn.of(generation, walk.batchOffset());
        }
        batches++;
        end = Lsn.of(generation, walk.offset());
    }

    /** Position behind the last batch. */
    long end() {
        return end;
    }

    /** Shows records with {@code from <= lsn < to} to somebody on the thread that reads. */
    void read(long from, long to, RecordHandler handler) {
        records(readers, from, to, handler);
    }

    /** The same on the thread that follows. */
    void follow(long from, long to, RecordHandler handler) {
        records(followers, from, to, handler);
    }

    private void records(ByteBuffer view, long from, long to, RecordHandler handler) {
        int index = first;
        long lsn = start;
        for (int i = 0; i < batches && lsn < to; i++) {
            int bytes = view.getInt(index + BatchLayout.BYTES_OFFSET);
            if (lsn + bytes > from) {
                BatchWalk.records(view, index, lsn, from, to, handler);
            }
            index += bytes;
            lsn += bytes;
        }
    }
}

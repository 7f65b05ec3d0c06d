package dev.quire.io.page;

import dev.quire.io.ForwardingStorage.ForwardingFile;
import dev.quire.io.StoreFile;
import java.nio.ByteBuffer;
import java.util.List;

/** A file of which the first read of a large piece sees a page half written. */
final class TornReads extends ForwardingFile {

    private static final int LARGE_BYTES = 600 * 1024;

    private final List<String> reads;

    /** Notes in {@code reads} what is read of {@code file}. */
    TornReads(StoreFile file, List<String> reads) {
        super(file);
        this.reads = reads;
    }

    @Override
    public int read(ByteBuffer target, long position) {
        int start = target.position();
        int length = target.remaining();
        String read = position + "+" + length;
        int count = super.read(target, position);
        if (length > LARGE_BYTES && !reads.contains(read)) {
            target.put(start + 4096 * 5 / 2, (byte) ~target.get(start + 4096 * 5 / 2));
        }
        reads.add(read);
        return count;
    }
}

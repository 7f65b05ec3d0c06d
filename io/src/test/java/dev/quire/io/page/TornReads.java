package dev.quire.io.page;

import dev.quire.io.StoreFile;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;

/** A file of which the first read of a large piece sees a page half written. */
record TornReads(StoreFile file, List<String> reads) implements StoreFile {

    private static final int LARGE_BYTES = 600 * 1024;

    @Override
    public int read(ByteBuffer target, long position) {
        int start = target.position();
        int length = target.remaining();
        String read = position + "+" + length;
        int count = file.read(target, position);
        if (length > LARGE_BYTES && !reads.contains(read)) {
            target.put(start + 4096 * 5 / 2, (byte) ~target.get(start + 4096 * 5 / 2));
        }
        reads.add(read);
        return count;
    }

    @Override
    public Path path() {
        return file.path();
    }

    @Override
    public long size() {
        return file.size();
    }

    @Override
    public int read(byte[] target, int offset, int length, long position) {
        return file.read(target, offset, length, position);
    }

    @Override
    public void write(ByteBuffer source, long position) {
        file.write(source, position);
    }

    @Override
    public void writeThrough(byte[] source, int offset, int length, long position) {
        file.writeThrough(source, offset, length, position);
    }

    @Override
    public void force() {
        file.force();
    }

    @Override
    public void allocate(long from, long to) {
        file.allocate(from, to);
    }

    @Override
    public void transferTo(long position, long count, StoreFile target, long targetPosition) {
        file.transferTo(position, count, target, targetPosition);
    }

    @Override
    public ByteBuffer map(long position, int length) {
        return file.map(position, length);
    }

    @Override
    public void close() {
        file.close();
    }
}

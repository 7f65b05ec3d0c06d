package dev.quire.io.page;

import dev.quire.io.StoreFile;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;

/** A file that notes where it is written and when it is forced. */
record WriteOrder(StoreFile file, List<String> order) implements StoreFile {

    @Override
    public Path path() {
        return file.path();
    }

    @Override
    public long size() {
        return file.size();
    }

    @Override
    public int read(ByteBuffer target, long position) {
        return file.read(target, position);
    }

    @Override
    public int read(byte[] target, int offset, int length, long position) {
        return file.read(target, offset, length, position);
    }

    @Override
    public void write(ByteBuffer source, long position) {
        order.add("write " + position);
        file.write(source, position);
    }

    @Override
    public void writeThrough(byte[] source, int offset, int length, long position) {
        order.add("write " + position);
        file.writeThrough(source, offset, length, position);
    }

    @Override
    public void force() {
        order.add("force");
        file.force();
    }

    @Override
    public void allocate(long from, long to) {
        order.add("allocate " + from + ' ' + to);
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

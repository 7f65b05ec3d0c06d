package dev.quire.io.page;

import dev.quire.io.ForwardingStorage.ForwardingFile;
import dev.quire.io.StoreFile;
import java.nio.ByteBuffer;
import java.util.List;

/** A file that notes where it is written and when it is forced. */
final class WriteOrder extends ForwardingFile {

    private final List<String> order;

    /** Notes in {@code order} what is done to {@code file}. */
    WriteOrder(StoreFile file, List<String> order) {
        super(file);
        this.order = order;
    }

    @Override
    public void write(ByteBuffer source, long position) {
        order.add("write " + position);
        super.write(source, position);
    }

    @Override
    public void writeThrough(byte[] source, int offset, int length, long position) {
        order.add("write " + position);
        super.writeThrough(source, offset, length, position);
    }

    @Override
    public void force() {
        order.add("force");
        super.force();
    }

    @Override
    public void allocate(long from, long to) {
        order.add("allocate " + from + ' ' + to);
        super.allocate(from, to);
    }
}

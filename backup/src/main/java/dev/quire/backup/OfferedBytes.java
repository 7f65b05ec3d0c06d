package dev.quire.backup;

import java.nio.ByteBuffer;

/** A file that is made of what is in memory: a use map, or the manifest. */
final class OfferedBytes extends OfferedFile {

    private final Content content;

    /** What is in memory. */
    interface Content {
        /** Fills {@code into} with what stands from {@code position} on, as far as it goes. */
        void put(ByteBuffer into, long position);
    }

    OfferedBytes(String name, long bytes, Content content) {
        super(name, bytes, UNIT_BYTES);
        this.content = content;
    }

    OfferedBytes(String name, byte[] bytes) {
        this(name, bytes.length, (into, position) -> {
            int length = Math.min(into.remaining(), bytes.length - (int) position);
            into.put(bytes, (int) position, length);
        });
    }

    @Override
    void read(ByteBuffer into, long position, long end) {
        content.put(into.clear(), position);
        into.flip();
    }
}

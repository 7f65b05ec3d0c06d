package dev.quire.io.sim;

import java.nio.file.Path;

/**
 * One step of the trace. {@code other} is the new name of a rename and the source of a transfer, else null; position
 * and length are those of a write, else zero.
 */
public record SimOperation(int index, Type type, Path path, Path other, long position, long length) {

    /** What is done to the disk. Reads are no operations: a crash does not tell them apart. */
    public enum Type {
        /** A new file, by create or by lock. */
        CREATE,
        /** A new directory. */
        CREATE_DIRECTORY,
        /** A write that needs a force. */
        WRITE,
        /** A write that needs none. */
        WRITE_THROUGH,
        /** Zeros. */
        ALLOCATE,
        /** A write of bytes of another file. */
        TRANSFER,
        /** Contents become durable. */
        FORCE,
        /** Names become durable. */
        FORCE_DIRECTORY,
        /** Another name. */
        RENAME,
        /** No name any more. */
        DELETE
    }

    @Override
    public String toString() {
        String range = length == 0 ? "" : " [" + position + ", " + (position + length) + ")";
        return "#" + index + ' ' + type + ' ' + path + (other == null ? "" : " / " + other) + range;
    }
}

package dev.quire.table;

import org.agrona.DirectBuffer;

/** Where a value comes from while it is put: an array or a buffer of the caller. */
final class ValueSource {

    byte[] array; // null when it comes from a buffer
    int offset;
    int length;

    private DirectBuffer buffer;

    void set(byte[] array) {
        this.array = array;
        buffer = null;
        offset = 0;
        length = array.length;
    }

    /** @throws IndexOutOfBoundsException if the range leaves the buffer */
    void set(DirectBuffer buffer, int offset, int length) {
        buffer.boundsCheck(offset, length);
        array = null;
        this.buffer = buffer;
        this.offset = offset;
        this.length = length;
    }

    /** Copies bytes {@code [from, from + bytes)} of the value. */
    void copy(int from, byte[] target, int bytes) {
        if (array == null) {
            buffer.getBytes(offset + from, target, 0, bytes);
        } else {
            System.arraycopy(array, offset + from, target, 0, bytes);
        }
    }

    /** Lets go of what the caller owns. */
    void clear() {
        array = null;
        buffer = null;
    }
}

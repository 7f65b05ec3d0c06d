package dev.quire.io;

import java.nio.ByteBuffer;
import org.agrona.DirectBuffer;

/**
 * What a view refuses. Whoever had the memory behind it, or could put other memory there, could write to a read-only
 * map, which ends the JVM, or keep a page for longer than its transaction.
 */
abstract sealed class UnwrappableView implements DirectBuffer permits BytesView {

    private static UnsupportedOperationException refused(String what) {
        return new UnsupportedOperationException(what
                + ": a view neither gives away nor changes the memory behind it; copy with getBytes, or take"
                + " asReadOnlyByteBuffer()");
    }

    @Override
    public final void wrap(byte[] buffer) {
        throw refused("wrap");
    }

    @Override
    public final void wrap(byte[] buffer, int offset, int length) {
        throw refused("wrap");
    }

    @Override
    public final void wrap(ByteBuffer buffer) {
        throw refused("wrap");
    }

    @Override
    public final void wrap(ByteBuffer buffer, int offset, int length) {
        throw refused("wrap");
    }

    @Override
    public final void wrap(DirectBuffer buffer) {
        throw refused("wrap");
    }

    @Override
    public final void wrap(DirectBuffer buffer, int offset, int length) {
        throw refused("wrap");
    }

    @Override
    public final void wrap(long address, int length) {
        throw refused("wrap");
    }

    @Override
    public final long addressOffset() {
        throw refused("addressOffset");
    }

    @Override
    public final byte[] byteArray() {
        throw refused("byteArray");
    }

    @Override
    public final ByteBuffer byteBuffer() {
        throw refused("byteBuffer");
    }

    @Override
    public final int wrapAdjustment() {
        throw refused("wrapAdjustment");
    }
}

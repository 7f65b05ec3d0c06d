package dev.quire.io.sim;

import static dev.quire.io.sim.Image.CHUNK_BYTES;
import static dev.quire.io.sim.Image.LEAF_CHUNKS;

import java.util.Arrays;
import java.util.BitSet;

/** An image being made out of another; copies only what it changes. */
final class ImageDraft {

    private static final byte[] ZEROS = new byte[CHUNK_BYTES];

    private final BitSet ownLeaves = new BitSet();
    private final BitSet ownChunks = new BitSet();
    private byte[][][] leaves;
    private long length;

    ImageDraft(Image base) {
        this.leaves = base.leaves().clone();
        this.length = base.length();
    }

    long length() {
        return length;
    }

    Image done() {
        return new Image(leaves, length);
    }

    void write(long position, byte[] source, int offset, int count) {
        for (int done = 0; done < count; ) {
            long at = position + done;
            int start = (int) (at % CHUNK_BYTES);
            int piece = Math.min(CHUNK_BYTES - start, count - done);
            int from = offset + done;
            if (Arrays.equals(source, from, from + piece, ZEROS, 0, piece)) {
                clear(at / CHUNK_BYTES, start, start + piece);
            } else {
                System.arraycopy(source, from, own(at / CHUNK_BYTES), start, piece);
            }
            done += piece;
        }
        length = Math.max(length, position + count);
    }

    void zero(long from, long to) {
        for (long at = from; at < to; ) {
            int start = (int) (at % CHUNK_BYTES);
            int piece = (int) Math.min(CHUNK_BYTES - start, to - at);
            clear(at / CHUNK_BYTES, start, start + piece);
            at += piece;
        }
        length = Math.max(length, to);
    }

    /** Takes over the range as {@code source} has it; behind its end are zeros. */
    void overlay(Image source, long from, long to) {
        for (long at = from; at < to; ) {
            int start = (int) (at % CHUNK_BYTES);
            int piece = (int) Math.min(CHUNK_BYTES - start, to - at);
            overlayChunk(source.chunk(at / CHUNK_BYTES), at / CHUNK_BYTES, start, piece);
            at += piece;
        }
        length = Math.max(length, to);
    }

    private void overlayChunk(byte[] theirs, long number, int start, int count) {
        if (theirs == chunk(number)) {
            return;
        }
        if (theirs == null) {
            clear(number, start, start + count);
        } else if (count == CHUNK_BYTES) {
            leaf(number)[(int) (number % LEAF_CHUNKS)] = theirs;
            ownChunks.clear((int) number);
        } else {
            System.arraycopy(theirs, start, own(number), start, count);
        }
    }

    void resize(long newLength) {
        if (newLength < length) {
            zero(newLength, length);
        }
        length = newLength;
    }

    private void clear(long number, int start, int end) {
        byte[] chunk = chunk(number);
        if (chunk == null) {
            return;
        }
        if (end - start == CHUNK_BYTES) {
            leaf(number)[(int) (number % LEAF_CHUNKS)] = null;
            ownChunks.clear((int) number);
        } else {
            Arrays.fill(own(number), start, end, (byte) 0);
        }
    }

    private byte[] chunk(long number) {
        long leaf = number / LEAF_CHUNKS;
        return leaf < leaves.length && leaves[(int) leaf] != null
                ? leaves[(int) leaf][(int) (number % LEAF_CHUNKS)]
                : null;
    }

    private byte[] own(long number) {
        int at = (int) (number % LEAF_CHUNKS);
        byte[][] leaf = leaf(number);
        if (!ownChunks.get((int) number)) {
            leaf[at] = leaf[at] == null ? new byte[CHUNK_BYTES] : leaf[at].clone();
            ownChunks.set((int) number);
        }
        return leaf[at];
    }

    private byte[][] leaf(long number) {
        int at = Math.toIntExact(number / LEAF_CHUNKS);
        if (at >= leaves.length) {
            leaves = Arrays.copyOf(leaves, at + 1);
        }
        if (!ownLeaves.get(at)) {
            leaves[at] = leaves[at] == null ? new byte[LEAF_CHUNKS][] : leaves[at].clone();
            ownLeaves.set(at);
        }
        return leaves[at];
    }
}

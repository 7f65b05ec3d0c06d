package dev.quire.io.sim;

import java.util.Arrays;

/**
 * The contents of a file at one moment. Immutable; images of one file share what they have in common, down to chunks of
 * 4 KiB, and a chunk of zeros takes no memory. Bytes behind the length are zero in every chunk.
 */
final class Image {

    static final int SECTOR_BYTES = 512;
    static final int CHUNK_BYTES = 4096;
    static final int LEAF_CHUNKS = 128;
    static final Image EMPTY = new Image(new byte[0][][], 0);

    private final byte[][][] leaves; // a missing leaf or chunk is all zero
    private final long length;

    Image(byte[][][] leaves, long length) {
        this.leaves = leaves;
        this.length = length;
    }

    long length() {
        return length;
    }

    byte[][][] leaves() {
        return leaves;
    }

    /** Null for zeros. Not to be changed. */
    byte[] chunk(long number) {
        long leaf = number / LEAF_CHUNKS;
        if (leaf >= leaves.length || leaves[(int) leaf] == null) {
            return null;
        }
        return leaves[(int) leaf][(int) (number % LEAF_CHUNKS)];
    }

    /** The bytes read, less than asked only at the end. */
    int read(long position, byte[] target, int offset, int count) {
        int readable = (int) Math.max(0, Math.min(count, length - position));
        int done = 0;
        while (done < readable) {
            long at = position + done;
            int inChunk = (int) (at % CHUNK_BYTES);
            int piece = Math.min(CHUNK_BYTES - inChunk, readable - done);
            byte[] chunk = chunk(at / CHUNK_BYTES);
            if (chunk == null) {
                Arrays.fill(target, offset + done, offset + done + piece, (byte) 0);
            } else {
                System.arraycopy(chunk, inChunk, target, offset + done, piece);
            }
            done += piece;
        }
        return readable;
    }

    byte[] bytes() {
        byte[] all = new byte[Math.toIntExact(length)];
        read(0, all, 0, all.length);
        return all;
    }

    static long sectorStart(long position) {
        return position / SECTOR_BYTES * SECTOR_BYTES;
    }

    static long sectorEnd(long position) {
        return sectorStart(position + SECTOR_BYTES - 1);
    }
}

package dev.quire.io.log;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The content of a Begin record.
 *
 * @param createdMillis when the generation started
 * @param previous where the one before ended; {@link GenerationInfo#NONE} for the first of a stream
 * @param context the engine's bytes
 */
record Begin(long createdMillis, GenerationInfo previous, byte[] context) {

    /** As the payload of a record, little-endian, from 0 to the capacity. */
    ByteBuffer encode() {
        ByteBuffer bytes = ByteBuffer.allocate(BeginLayout.CONTEXT_OFFSET + context.length);
        bytes.order(ByteOrder.LITTLE_ENDIAN);
        bytes.putLong(BeginLayout.CREATED_OFFSET, createdMillis);
        bytes.putLong(BeginLayout.PREVIOUS_CREATED_OFFSET, previous.createdMillis());
        bytes.putInt(BeginLayout.PREVIOUS_CLOSING_OFFSET, previous.closingOffset());
        bytes.putInt(BeginLayout.PREVIOUS_CHAIN_OFFSET, previous.chain());
        bytes.putInt(BeginLayout.PREVIOUS_GENERATION_OFFSET, previous.generation());
        bytes.putInt(BeginLayout.CONTEXT_LENGTH_OFFSET, context.length);
        bytes.put(BeginLayout.CONTEXT_OFFSET, context);
        return bytes;
    }

    /**
     * Reads a payload that a batch's CRC vouches for; null if it cannot be Begin of {@code generation} all the same.
     */
    static Begin decode(int generation, ByteBuffer bytes, int offset, int length) {
        if (length < BeginLayout.CONTEXT_OFFSET) {
            return null;
        }
        int contextBytes = bytes.getInt(offset + BeginLayout.CONTEXT_LENGTH_OFFSET);
        int previous = bytes.getInt(offset + BeginLayout.PREVIOUS_GENERATION_OFFSET);
        if (contextBytes != length - BeginLayout.CONTEXT_OFFSET || previous != generation - 1) {
            return null;
        }
        byte[] context = new byte[contextBytes];
        bytes.get(offset + BeginLayout.CONTEXT_OFFSET, context);
        GenerationInfo before = new GenerationInfo(
                previous,
                bytes.getInt(offset + BeginLayout.PREVIOUS_CLOSING_OFFSET),
                bytes.getLong(offset + BeginLayout.PREVIOUS_CREATED_OFFSET),
                bytes.getInt(offset + BeginLayout.PREVIOUS_CHAIN_OFFSET));
        return new Begin(bytes.getLong(offset + BeginLayout.CREATED_OFFSET), before, context);
    }
}

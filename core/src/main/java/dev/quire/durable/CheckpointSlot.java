package dev.quire.durable;

import dev.quire.io.Checksum;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * What one slot of the checkpoint file says.
 *
 * @param sequence higher is newer
 * @param signature of the log stream
 * @param redoStart the page files hold everything below
 * @param forced the log is known durable up to here
 * @param generation the highest generation that was started
 * @param clean the instance was closed and needs no redo
 * @param unlogged the instance runs without a log
 * @param nextId the next database gets this number
 * @param generationBytes size of the stream's generations
 * @param commitTimeMs no commit so far has a later time; 0 if that is not known
 * @param attachments as of the redo start
 */
public record CheckpointSlot(
        long sequence,
        long signature,
        long redoStart,
        long forced,
        int generation,
        boolean clean,
        boolean unlogged,
        int nextId,
        int generationBytes,
        long commitTimeMs,
        List<Attachment> attachments) {

    /** The same with a generation that was started and what is forced by then. */
    CheckpointSlot started(int newGeneration, long newForced) {
        return new CheckpointSlot(
                sequence,
                signature,
                redoStart,
                Math.max(forced, newForced),
                Math.max(generation, newGeneration),
                false,
                unlogged,
                nextId,
                generationBytes,
                commitTimeMs,
                attachments);
    }

    /** The same for an instance that goes on without a log. */
    CheckpointSlot withoutLog() {
        return new CheckpointSlot(
                sequence,
                signature,
                redoStart,
                forced,
                generation,
                clean,
                true,
                nextId,
                generationBytes,
                commitTimeMs,
                attachments);
    }

    /** The first slot of the next stream: no generation yet, the same databases. */
    CheckpointSlot ofStream(long newSignature, int newGenerationBytes) {
        List<Attachment> taken = attachments.stream()
                .map(a -> new Attachment(a.id(), a.name(), a.signature(), a.pageSize(), 0, Long.MAX_VALUE))
                .toList();
        return new CheckpointSlot(
                sequence, newSignature, 0, 0, 0, false, false, nextId, newGenerationBytes, commitTimeMs, taken);
    }

    byte[] encode() {
        byte[] bytes = new byte[CheckpointLayout.SLOT_BYTES];
        ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        buffer.putInt(CheckpointLayout.MAGIC_OFFSET, CheckpointLayout.MAGIC);
        buffer.putInt(CheckpointLayout.VERSION_OFFSET, CheckpointLayout.VERSION);
        buffer.putLong(CheckpointLayout.SEQUENCE_OFFSET, sequence);
        buffer.putLong(CheckpointLayout.SIGNATURE_OFFSET, signature);
        buffer.putLong(CheckpointLayout.REDO_OFFSET, redoStart);
        buffer.putLong(CheckpointLayout.FORCED_OFFSET, forced);
        buffer.putInt(CheckpointLayout.GENERATION_OFFSET, generation);
        int flags = (clean ? CheckpointLayout.FLAG_CLEAN : 0) | (unlogged ? CheckpointLayout.FLAG_UNLOGGED : 0);
        buffer.putInt(CheckpointLayout.FLAGS_OFFSET, flags);
        buffer.putInt(CheckpointLayout.NEXT_ID_OFFSET, nextId);
        buffer.putInt(CheckpointLayout.COUNT_OFFSET, attachments.size());
        buffer.putInt(CheckpointLayout.GENERATION_BYTES_OFFSET, generationBytes);
        buffer.position(CheckpointLayout.ATTACHMENTS_OFFSET);
        attachments.forEach(attachment -> attachment.encode(buffer));
        buffer.putInt(CheckpointLayout.LENGTH_OFFSET, buffer.position() - CheckpointLayout.ATTACHMENTS_OFFSET);
        buffer.putLong(CheckpointLayout.COMMIT_TIME_OFFSET, commitTimeMs);
        buffer.putInt(CheckpointLayout.CRC_OFFSET, Checksum.crc32c(bytes, 0, CheckpointLayout.CRC_OFFSET));
        return bytes;
    }

    /** Whether the bytes are what some version wrote as a slot: all of them keep magic, version and CRC in place. */
    static boolean isWhole(byte[] bytes) {
        ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        return buffer.getInt(CheckpointLayout.MAGIC_OFFSET) == CheckpointLayout.MAGIC
                && buffer.getInt(CheckpointLayout.CRC_OFFSET) == Checksum.crc32c(bytes, 0, CheckpointLayout.CRC_OFFSET);
    }

    /** The format version of a whole slot. */
    static int version(byte[] bytes) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getInt(CheckpointLayout.VERSION_OFFSET);
    }

    /** Reads a slot; null when the bytes are not a whole one of this format. */
    public static CheckpointSlot decode(byte[] bytes) {
        if (!isWhole(bytes) || version(bytes) != CheckpointLayout.VERSION) {
            return null;
        }
        ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        List<Attachment> attachments = attachments(buffer);
        if (attachments == null) {
            return null;
        }
        int flags = buffer.getInt(CheckpointLayout.FLAGS_OFFSET);
        return new CheckpointSlot(
                buffer.getLong(CheckpointLayout.SEQUENCE_OFFSET),
                buffer.getLong(CheckpointLayout.SIGNATURE_OFFSET),
                buffer.getLong(CheckpointLayout.REDO_OFFSET),
                buffer.getLong(CheckpointLayout.FORCED_OFFSET),
                buffer.getInt(CheckpointLayout.GENERATION_OFFSET),
                (flags & CheckpointLayout.FLAG_CLEAN) != 0,
                (flags & CheckpointLayout.FLAG_UNLOGGED) != 0,
                buffer.getInt(CheckpointLayout.NEXT_ID_OFFSET),
                buffer.getInt(CheckpointLayout.GENERATION_BYTES_OFFSET),
                buffer.getLong(CheckpointLayout.COMMIT_TIME_OFFSET),
                attachments);
    }

    private static List<Attachment> attachments(ByteBuffer buffer) {
        int count = buffer.getInt(CheckpointLayout.COUNT_OFFSET);
        int length = buffer.getInt(CheckpointLayout.LENGTH_OFFSET);
        int room = CheckpointLayout.COMMIT_TIME_OFFSET - CheckpointLayout.ATTACHMENTS_OFFSET;
        if (length < 0 || length > room || count < 0 || count > length) {
            return null;
        }
        ByteBuffer encoded = buffer.duplicate().order(ByteOrder.LITTLE_ENDIAN);
        encoded.position(CheckpointLayout.ATTACHMENTS_OFFSET).limit(CheckpointLayout.ATTACHMENTS_OFFSET + length);
        List<Attachment> attachments = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Attachment attachment = Attachment.decode(encoded);
            if (attachment == null) {
                return null;
            }
            attachments.add(attachment);
        }
        return attachments;
    }
}

package dev.quire.durable;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * What the first record of every generation says for the engine: the databases that were attached at the switch, for
 * people, and behind them whether log was recycled without a backup, for whoever wants to continue a chain of backups.
 *
 * <pre>
 *   0  u32 attachments
 *   4  the attachments, see {@link Attachment}
 *   .  u32 flags: bit 0, logging is circular; missing in a log from before it was said
 * </pre>
 */
public final class BeginContext {

    /** Logging is circular. */
    static final int FLAG_CIRCULAR = 1;

    private BeginContext() {}

    static byte[] encode(Attachments attachments, boolean circular) {
        byte[] listed = attachments.encode();
        return ByteBuffer.allocate(listed.length + Integer.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put(listed)
                .putInt(circular ? FLAG_CIRCULAR : 0)
                .array();
    }

    /** Whether it says that logging was circular when the generation began; false if it does not say. */
    static boolean isCircular(byte[] context) {
        return flags(context) > 0;
    }

    /** Whether logging may have been circular when the generation began; true, the default, if it does not say. */
    public static boolean mayBeCircular(byte[] context) {
        return flags(context) != 0;
    }

    /** The flags that are known; -1 if there are none. */
    private static int flags(byte[] context) {
        ByteBuffer buffer = ByteBuffer.wrap(context).order(ByteOrder.LITTLE_ENDIAN);
        if (buffer.remaining() < Integer.BYTES) {
            return -1;
        }
        for (int count = buffer.getInt(); count > 0; count--) {
            if (Attachment.decode(buffer) == null) {
                return -1;
            }
        }
        return buffer.remaining() < Integer.BYTES ? -1 : buffer.getInt() & FLAG_CIRCULAR;
    }
}

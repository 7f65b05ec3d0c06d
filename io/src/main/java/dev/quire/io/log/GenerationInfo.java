package dev.quire.io.log;

/**
 * What identifies one generation and all of its bytes. Two that are equal hold the same log.
 *
 * @param generation its number, from 1
 * @param closingOffset where its log ends: all below is copied, verified and replayed, nothing behind it ever is. Of
 *     the last generation of a stream, where the log ended when it was looked at.
 * @param createdMillis when it started, milliseconds since 1970; never less than its predecessor's
 * @param chain CRC that stands for every byte below the closing offset
 */
public record GenerationInfo(int generation, int closingOffset, long createdMillis, int chain) {

    /** What stands before the first generation of a stream. */
    static final GenerationInfo NONE = new GenerationInfo(0, 0, 0, 0);

    /** The closing offset as a place in the stream. */
    public long closingPosition() {
        return Lsn.of(generation, closingOffset);
    }
}

package dev.quire.io.log;

import java.nio.ByteBuffer;

/** Takes the records of a log, in order. What it throws ends the reading and reaches the reader's caller. */
@FunctionalInterface
public interface RecordHandler {

    /**
     * One record. {@code buffer} is little-endian, belongs to the reader and is overwritten after the call; its
     * position and limit mean nothing.
     *
     * @param lsn where the record stands, as {@link LogWriter#append} returned it
     * @param type the caller's own, 0 to {@link LogLayout#TYPE_MAX}
     */
    void record(long lsn, int type, ByteBuffer buffer, int offset, int length);
}

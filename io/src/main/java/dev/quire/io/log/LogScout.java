package dev.quire.io.log;

import java.nio.ByteBuffer;

/** Is shown a log while it is read for the first time, and knows what becomes of its records. */
public interface LogScout extends RecordHandler {

    /** Everything is good as it stands. */
    LogScout NONE = new LogScout() {
        @Override
        public void record(long lsn, int type, ByteBuffer buffer, int offset, int length) {
            // needs nobody's opinion
        }

        @Override
        public long decided(long read) {
            return read;
        }
    };

    /**
     * Up to which position it is known what the records count for, when it was shown those below {@code read}: no
     * record that is still to come changes that. Never falls.
     */
    long decided(long read);
}

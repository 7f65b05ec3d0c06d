package dev.quire.backup;

import dev.quire.io.QuireError;
import dev.quire.io.QuireException;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;

/** A small file that is wanted in memory; what was said of its length takes no memory before it is there. */
final class ReceivedBytes implements BackupOffer.Target {

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final int expected;

    ReceivedBytes(int expected) {
        this.expected = expected;
    }

    @Override
    public void zeros(long count) {
        throw new QuireException(QuireError.INVALID_BACKUP, "a manifest has no holes, found zeros=" + count);
    }

    @Override
    public void bytes(ByteBuffer piece) {
        if (piece.remaining() > expected - bytes.size()) {
            throw new QuireException(QuireError.INVALID_BACKUP, "the manifest goes on behind its bytes=" + expected);
        }
        byte[] copy = new byte[piece.remaining()];
        piece.get(copy);
        bytes.writeBytes(copy);
    }

    /** All of it. */
    byte[] toBytes() {
        if (bytes.size() != expected) {
            throw new QuireException(
                    QuireError.INVALID_BACKUP,
                    "of the manifest there are bytes=" + bytes.size() + " expected=" + expected);
        }
        return bytes.toByteArray();
    }
}

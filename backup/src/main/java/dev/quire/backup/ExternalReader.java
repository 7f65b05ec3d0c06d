package dev.quire.backup;

import dev.quire.io.InUseException;
import dev.quire.io.QuireError;
import java.io.IOException;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A file of an external backup, or a section of it, being read from one end to the other. Many may be open at once, of
 * one file as well, each with a thread of its own: one thread at a time uses a reader, a second one is refused with
 * {@code SESSION_SHARING_VIOLATION}. A reader has 1 MiB of memory outside the heap, and no file open.
 *
 * <p>What it hands over was verified in that memory. Nothing of the instance waits while bytes are on their way to the
 * caller, however slow he is. A caller who cannot go on opens another reader where this one was ({@link #position}).
 */
public final class ExternalReader implements ReadableByteChannel {

    private final ExternalBackup backup;
    private final Series series;
    private final OpenReaders.Delivery delivery;
    private final OfferedFile file;
    private final ByteBuffer memory;
    private final ByteBuffer ready;
    private final AtomicBoolean busy = new AtomicBoolean();
    private volatile boolean closed;

    ExternalReader(ExternalBackup backup, Series series, OpenReaders.Delivery delivery) {
        this.backup = backup;
        this.series = series;
        this.delivery = delivery;
        this.file = delivery.file();
        this.memory = ByteBuffer.allocateDirect(file.pieceBytes());
        this.ready = memory.asReadOnlyBuffer().limit(0);
    }

    /** The file it is of. */
    public ExternalFile file() {
        return file.file();
    }

    /** Where in the file the next byte is. */
    public long position() {
        return delivery.position();
    }

    /** Where in the file it ends. */
    public long end() {
        return delivery.end();
    }

    /**
     * Fills what remains in {@code target}; less only at the end.
     *
     * @return how many bytes; -1 at the end, again and again
     * @throws dev.quire.io.QuireException {@code BACKUP_ABORT_BY_SERVER} if the backup was stopped or taken for
     *     abandoned, {@code NO_BACKUP} if it is over, {@code SESSION_SHARING_VIOLATION}; {@code
     *     LOG_READ_VERIFY_FAILURE} if log does not verify, of which nothing was handed over then; this and every other
     *     fault ends the backup
     */
    @Override
    public int read(ByteBuffer target) {
        begin();
        try {
            int done = 0;
            while (target.hasRemaining() && isFilled()) {
                int count = Math.min(target.remaining(), ready.remaining());
                take(target, count);
                done += count;
            }
            return done == 0 && position() == end() ? -1 : done;
        } finally {
            finish();
        }
    }

    /**
     * The same, but ends before what {@link #skipFree} passes over.
     *
     * @return how many bytes, also fewer than there is room for; -1 at the end, again and again
     */
    public int readUsed(ByteBuffer target) {
        begin();
        try {
            if (!isFilled()) {
                return -1;
            }
            int count = Math.min(target.remaining(), ready.remaining());
            take(target, count);
            return count;
        } finally {
            finish();
        }
    }

    /**
     * Writes to a channel what comes next. The channel may take its time; nothing is held meanwhile.
     *
     * @param maxBytes the most that is wanted
     * @return how many bytes it took: less than wanted if it took none at last, or at the end
     * @throws IOException of the channel; what it took before does not come again
     * @throws dev.quire.io.QuireException as {@link #read} does
     */
    public long transferTo(WritableByteChannel target, long maxBytes) throws IOException {
        begin();
        try {
            long done = 0;
            while (done < maxBytes && isFilled()) {
                int count = write(target, (int) Math.min(ready.remaining(), maxBytes - done));
                if (count == 0) {
                    return done;
                }
                done += count;
            }
            return done;
        } finally {
            finish();
            Reference.reachabilityFence(backup);
        }
    }

    /**
     * Passes over what comes next if nobody uses it: zeros, which a file that has a hole there need not store.
     *
     * @return how many bytes; 0 if other ones come next
     */
    public long skipFree() {
        begin();
        try {
            if (ready.hasRemaining() || position() == end()) {
                return 0;
            }
            long count = Math.min(file.freeBytes(position()), end() - position());
            delivery.skip(count);
            return count;
        } finally {
            finish();
        }
    }

    @Override
    public boolean isOpen() {
        return !closed;
    }

    /**
     * Ends reading. Closing twice does nothing. A reader that is dropped instead counts as open until the garbage
     * collector has seen that nobody can use it; no step of the backup is possible until then that no reader may be
     * open at.
     *
     * @throws dev.quire.io.QuireException {@code SESSION_SHARING_VIOLATION} if another thread is reading
     */
    @Override
    public void close() {
        own();
        try {
            if (!closed) {
                closed = true;
                backup.closed(delivery);
            }
        } finally {
            finish();
        }
    }

    private void take(ByteBuffer target, int count) {
        target.put(ready.slice().limit(count));
        ready.position(ready.position() + count);
        delivery.advance(count);
    }

    private int write(WritableByteChannel target, int wanted) throws IOException {
        int start = ready.position();
        ByteBuffer piece = ready.duplicate().limit(start + wanted);
        try {
            target.write(piece);
        } finally {
            ready.position(piece.position());
            delivery.advance(piece.position() - start);
        }
        return piece.position() - start;
    }

    /** Whether something is there to be handed over. */
    private boolean isFilled() {
        if (!ready.hasRemaining() && position() < end()) {
            ready.limit(0);
            series.read(() -> file.read(memory, position(), end()));
            ready.limit((int) Math.min(memory.limit(), memory.position() + end() - position()))
                    .position(memory.position());
        }
        return ready.hasRemaining();
    }

    private void begin() {
        own();
        try {
            if (closed) {
                throw new IllegalStateException("the reader of " + file.file().name() + " is closed");
            }
            series.check();
        } catch (RuntimeException | Error e) {
            finish();
            throw e;
        }
    }

    private void own() {
        if (!busy.compareAndSet(false, true)) {
            throw new InUseException(
                    QuireError.SESSION_SHARING_VIOLATION,
                    null,
                    "another thread uses this reader of " + file.file().name(),
                    null);
        }
    }

    private void finish() {
        busy.set(false);
    }
}

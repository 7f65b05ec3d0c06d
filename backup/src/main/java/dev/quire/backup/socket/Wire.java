package dev.quire.backup.socket;

import dev.quire.io.Checksum;
import dev.quire.io.CorruptionException;
import dev.quire.io.QuireError;
import dev.quire.io.QuireException;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * One side of a connection: frames out, frames in. It never waits for the other side without looking up now and then
 * whether that is still wanted, whatever it waits for. What arrives is hostile until it was judged. One thread.
 */
final class Wire implements AutoCloseable {

    /** Spoken by this version, the lowest and the highest. */
    static final int VERSION = 1;

    private static final int LOOK_MS = 50;

    /** Asked while it waits; what it throws ends that. */
    @FunctionalInterface
    interface Patience {
        /** Nothing has moved for so long, in either direction. */
        void check(long idleNanos);
    }

    private final SocketChannel channel;
    private final Selector selector;
    private final SelectionKey key;
    private final Path name;
    private final Patience patience;
    private final ByteBuffer in = buffer().limit(0);
    private final ByteBuffer out = buffer();
    private int frameAt;
    private boolean torn;
    private long movedAt = System.nanoTime();
    private ByteBuffer payload = in;

    /** Over a channel that is connected, and closed with this; {@code name} is for messages. */
    Wire(SocketChannel channel, Path name, Patience patience) throws IOException {
        this.channel = channel;
        this.name = name;
        this.patience = patience;
        channel.configureBlocking(false);
        this.selector = Selector.open();
        this.key = channel.register(selector, 0);
    }

    private static ByteBuffer buffer() {
        return ByteBuffer.allocateDirect(FrameLayout.HEADER_BYTES + FrameLayout.PAYLOAD_BYTES_MAX)
                .order(ByteOrder.LITTLE_ENDIAN);
    }

    /** Says hello; does not wait. */
    void hello(int lowest, int highest) throws IOException {
        out.putLong(HelloLayout.MAGIC).putInt(lowest).putInt(highest);
        flush();
    }

    /**
     * Hears the other side's hello.
     *
     * @return the highest version that both speak
     * @throws QuireException {@code INVALID_PARAMETER} if there is none
     */
    int greeted(int lowest, int highest) throws IOException {
        need(HelloLayout.HELLO_BYTES);
        int at = in.position();
        long magic = in.getLong(at + HelloLayout.MAGIC_OFFSET);
        int theirLowest = in.getInt(at + HelloLayout.LOWEST_OFFSET);
        int theirHighest = in.getInt(at + HelloLayout.HIGHEST_OFFSET);
        in.position(at + HelloLayout.HELLO_BYTES);
        if (magic != HelloLayout.MAGIC) {
            throw violation(String.format(
                    "who is there speaks something else: it begins with %016x, expected %016x",
                    magic, HelloLayout.MAGIC));
        }
        int common = Math.min(highest, theirHighest);
        if (common < Math.max(lowest, theirLowest)) {
            throw violation("who is there speaks versions " + theirLowest + " to " + theirHighest
                    + " of the protocol, and this side " + lowest + " to " + highest);
        }
        return common;
    }

    /** Begins a frame: what is put into the answer is its payload, at most {@code bytes}. */
    ByteBuffer begin(int bytes) throws IOException {
        if (out.remaining() < FrameLayout.HEADER_BYTES + bytes) {
            flush();
        }
        frameAt = out.position();
        return out.position(frameAt + FrameLayout.HEADER_BYTES);
    }

    /** Ends it; it leaves with the next {@link #flush}, or sooner. */
    void end(Message type) {
        int bytes = out.position() - frameAt - FrameLayout.HEADER_BYTES;
        out.putInt(frameAt + FrameLayout.BYTES_OFFSET, bytes);
        out.putInt(frameAt + FrameLayout.TYPE_OFFSET, type.number());
        int from = frameAt + FrameLayout.BYTES_OFFSET;
        out.putInt(frameAt + FrameLayout.CRC_OFFSET, Checksum.crc32c(out, from, out.position() - from));
    }

    /** A message without payload. */
    void send(Message type) throws IOException {
        begin(0);
        end(type);
    }

    /** A message that is a number. */
    void send(Message type, long count) throws IOException {
        begin(CountLayout.COUNT_BYTES).putLong(count);
        end(type);
    }

    /** A message that is bytes, not more than a frame takes. */
    void send(Message type, byte[] bytes) throws IOException {
        begin(bytes.length).put(bytes);
        end(type);
    }

    /** Everything that was put leaves. */
    void flush() throws IOException {
        out.flip();
        movedAt = System.nanoTime();
        torn = true;
        while (out.hasRemaining()) {
            if (channel.write(out) == 0) {
                await(SelectionKey.OP_WRITE);
            } else {
                movedAt = System.nanoTime();
            }
        }
        torn = false;
        out.clear();
    }

    /** Whether a message can still be sent: none has left in part. */
    boolean isWhole() {
        return !torn;
    }

    /** Sends what was put, and waits for the next message, whose {@link #payload} stays until the next call. */
    Message receive() throws IOException {
        flush();
        return next();
    }

    /** The same, and sends nothing. */
    Message next() throws IOException {
        movedAt = System.nanoTime();
        need(FrameLayout.HEADER_BYTES);
        int at = in.position();
        int bytes = in.getInt(at + FrameLayout.BYTES_OFFSET);
        if (bytes < 0 || bytes > FrameLayout.PAYLOAD_BYTES_MAX) {
            throw violation("a frame says bytes=" + bytes + " max=" + FrameLayout.PAYLOAD_BYTES_MAX);
        }
        need(FrameLayout.HEADER_BYTES + bytes);
        at = in.position();
        int crc = in.getInt(at + FrameLayout.CRC_OFFSET);
        int from = at + FrameLayout.BYTES_OFFSET;
        int found = Checksum.crc32c(in, from, FrameLayout.HEADER_BYTES - FrameLayout.BYTES_OFFSET + bytes);
        if (crc != found) {
            throw new CorruptionException(
                    QuireError.READ_VERIFY_FAILURE,
                    name,
                    String.format("a frame does not verify: crc32c %08x, expected %08x", found, crc),
                    null);
        }
        int type = in.getInt(at + FrameLayout.TYPE_OFFSET);
        payload = in.slice(at + FrameLayout.HEADER_BYTES, bytes).order(ByteOrder.LITTLE_ENDIAN);
        in.position(at + FrameLayout.HEADER_BYTES + bytes);
        Message message = Message.of(type);
        if (message == null) {
            throw violation("a frame has the unknown type=" + type);
        }
        return message;
    }

    /** Of the message that was received last. */
    ByteBuffer payload() {
        return payload;
    }

    /** That it has so many bytes, {@code least} to {@code most}. */
    ByteBuffer payload(Message message, int least, int most) {
        if (payload.remaining() < least || payload.remaining() > most) {
            throw violation(message + " has bytes=" + payload.remaining() + ", expected " + least + " to " + most);
        }
        return payload;
    }

    /** {@code bytes} of the payload, from {@code from} on, as text. */
    String text(int from, int bytes) {
        if (bytes < 0 || from + (long) bytes > payload.limit()) {
            throw violation("a text says bytes=" + bytes + " of payload=" + payload.limit());
        }
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(payload.slice(from, bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            throw violation("a text is not UTF-8");
        }
    }

    /** What the other side does wrong. */
    QuireException violation(String what) {
        return new QuireException(QuireError.INVALID_PARAMETER, name, what, null);
    }

    /** Ends the connection, also under who uses it. Any thread. */
    @Override
    public void close() throws IOException {
        try (selector) {
            channel.close();
        }
    }

    private void need(int bytes) throws IOException {
        if (in.capacity() - in.position() < bytes) {
            in.compact().flip();
        }
        while (in.remaining() < bytes) {
            int end = in.limit();
            int got = channel.read(in.limit(in.capacity()).slice(end, in.capacity() - end));
            in.limit(end);
            if (got < 0) {
                throw new EOFException("the other side has ended the connection");
            }
            if (got == 0) {
                await(SelectionKey.OP_READ);
            } else {
                in.limit(end + got);
                movedAt = System.nanoTime();
            }
        }
    }

    private void await(int operation) throws IOException {
        patience.check(System.nanoTime() - movedAt);
        try {
            key.interestOps(operation);
            selector.select(LOOK_MS);
            selector.selectedKeys().clear();
        } catch (CancelledKeyException | ClosedSelectorException e) {
            throw closed(e);
        }
    }

    private static IOException closed(Exception cause) {
        IOException closed = new AsynchronousCloseException();
        closed.initCause(cause);
        return closed;
    }
}

package dev.quire.durable;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Which databases are attached, and were: a checkpoint at an older position names those of its time. Changed by the
 * holder of the writer lock, read by anybody.
 */
final class Attachments {

    private final ReentrantLock lock = new ReentrantLock();
    private final List<Attachment> all;
    private int nextId;

    Attachments(List<Attachment> initial, int nextId) {
        this.all = new ArrayList<>(initial);
        this.nextId = initial.stream().mapToInt(a -> a.id() + 1).reduce(nextId, Math::max);
    }

    int nextId() {
        lock.lock();
        try {
            return nextId;
        } finally {
            lock.unlock();
        }
    }

    void add(Attachment attachment) {
        lock.lock();
        try {
            all.add(attachment);
            nextId = Math.max(nextId, attachment.id() + 1);
        } finally {
            lock.unlock();
        }
    }

    void end(int id, long position) {
        lock.lock();
        try {
            all.replaceAll(a -> a.id() == id && a.until() == Long.MAX_VALUE ? a.endingAt(position) : a);
        } finally {
            lock.unlock();
        }
    }

    /** Those that a reader of the log from {@code position} on must know: attached then, whatever came later. */
    List<Attachment> asOf(long position) {
        lock.lock();
        try {
            return all.stream().filter(a -> a.holdsAt(position)).toList();
        } finally {
            lock.unlock();
        }
    }

    List<Attachment> current() {
        return asOf(Long.MAX_VALUE - 1);
    }

    Optional<Attachment> named(String name) {
        return current().stream().filter(a -> a.name().equals(name)).findFirst();
    }

    /** Forgets what ended at or before {@code position}: no checkpoint will ask for it any more. */
    void forget(long position) {
        lock.lock();
        try {
            all.removeIf(a -> a.until() <= position);
        } finally {
            lock.unlock();
        }
    }

    /** What the first record of a generation says of them. */
    byte[] encode() {
        List<Attachment> now = current();
        int bytes =
                Integer.BYTES + now.stream().mapToInt(Attachment::encodedBytes).sum();
        ByteBuffer buffer = ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
        buffer.putInt(now.size());
        now.forEach(a -> a.encode(buffer));
        return buffer.array();
    }
}

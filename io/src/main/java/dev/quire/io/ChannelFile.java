package dev.quire.io;

import java.io.EOFException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A file of the operating system. A channel serves the engine's threads; handles that an interrupt cannot close, opened
 * when they are first needed, serve everybody else. A force that failed is remembered: every later one of this file
 * fails with it, because the kernel has marked the lost pages clean and would report success.
 */
final class ChannelFile implements StoreFile {

    private static final int TRANSFER_BYTES = 1 << 30;
    private static final int READ_HANDLES = 4;
    private static final ByteBuffer ZEROS =
            ByteBuffer.allocateDirect(WRITE_PIECE_BYTES).asReadOnlyBuffer();

    private final FileChannel channel;
    private final FileIdentity identity;
    private final Storage.Access access;
    private final RandomAccessPool readers;
    private final RandomAccessPool writers;
    private final DirectWrites direct;
    private final ReentrantLock cursor = new ReentrantLock(); // only transfers use the channel's position
    private volatile Path path;
    private volatile QuireException failedForce;
    private volatile boolean closed;

    ChannelFile(Path path, FileChannel channel, FileIdentity identity, Storage.Access access) {
        this.path = path;
        this.channel = channel;
        this.identity = identity;
        this.access = access;
        this.readers = new RandomAccessPool(identity, "r", READ_HANDLES);
        this.writers = new RandomAccessPool(identity, "rwd", 1);
        this.direct = new DirectWrites(identity);
    }

    /** Follows a file or a directory above it to its new name, so that handles can still be opened. */
    void renamed(Path from, Path to) {
        if (path.equals(from)) {
            path = to;
        } else if (path.startsWith(from)) {
            path = to.resolve(from.relativize(path));
        }
    }

    @Override
    public Path path() {
        return path;
    }

    @Override
    public long size() {
        try {
            RandomAccessFile handle = readers.borrow(path);
            try {
                return handle.length();
            } finally {
                readers.giveBack(handle);
            }
        } catch (IOException fault) {
            throw DiskFaults.of(fault, path, "size");
        }
    }

    @Override
    public int read(ByteBuffer target, long position) {
        requireOpen();
        int start = target.position();
        try {
            while (target.hasRemaining()) {
                if (channel.read(target, position + target.position() - start) < 0) {
                    break;
                }
            }
        } catch (IOException fault) {
            throw DiskFaults.of(fault, path, "read position=" + position);
        }
        return target.position() - start;
    }

    @Override
    public int read(byte[] target, int offset, int length, long position) {
        Objects.checkFromIndexSize(offset, length, target.length);
        try {
            RandomAccessFile handle = readers.borrow(path);
            try {
                handle.seek(position);
                int done = 0;
                while (done < length) {
                    int count = handle.read(target, offset + done, length - done);
                    if (count < 0) {
                        break;
                    }
                    done += count;
                }
                return done;
            } finally {
                readers.giveBack(handle);
            }
        } catch (IOException fault) {
            throw DiskFaults.of(fault, path, "read position=" + position + " length=" + length);
        }
    }

    @Override
    public void write(ByteBuffer source, long position) {
        requireWritable();
        int length = source.remaining();
        try {
            writeAll(source, position);
        } catch (IOException fault) {
            throw DiskFaults.whileWriting(fault, path, "write position=" + position + " length=" + length);
        }
    }

    @Override
    public boolean writeDirect(ByteBuffer source, long position) {
        requireWritable();
        int length = source.remaining();
        try {
            return direct.write(source, position, path);
        } catch (IOException fault) {
            throw DiskFaults.whileWriting(fault, path, "write direct position=" + position + " length=" + length);
        }
    }

    private void writeAll(ByteBuffer source, long position) throws IOException {
        long at = position;
        while (source.hasRemaining()) {
            int count = channel.write(source, at);
            if (count <= 0) {
                throw new IOException("the system wrote nothing at position=" + at);
            }
            at += count;
        }
    }

    @Override
    public void writeThrough(byte[] source, int offset, int length, long position) {
        requireWritable();
        Objects.checkFromIndexSize(offset, length, source.length);
        try {
            RandomAccessFile handle = writers.borrow(path);
            try {
                handle.seek(position);
                handle.write(source, offset, length);
            } finally {
                writers.giveBack(handle);
            }
        } catch (IOException fault) {
            throw DiskFaults.whileWriting(fault, path, "write through position=" + position + " length=" + length);
        }
    }

    @Override
    public void force() {
        requireOpen();
        if (failedForce != null) {
            throw new StorageFaultException(
                    QuireError.DISK_IO, path, "force: an earlier force of this file failed", failedForce);
        }
        try {
            channel.force(false);
        } catch (IOException fault) {
            failedForce = DiskFaults.whileWriting(fault, path, "force");
            throw failedForce;
        }
    }

    @Override
    public void allocate(long from, long to) {
        requireWritable();
        if (from < 0 || to < from) {
            throw new IllegalArgumentException("from=" + from + " to=" + to);
        }
        ByteBuffer zeros = ZEROS.duplicate();
        try {
            for (long at = from; at < to; at += zeros.limit()) {
                zeros.clear().limit((int) Math.min(WRITE_PIECE_BYTES, to - at));
                writeAll(zeros, at);
            }
        } catch (IOException fault) {
            throw DiskFaults.whileWriting(fault, path, "allocate from=" + from + " to=" + to);
        }
    }

    @Override
    public void transferTo(long position, long count, StoreFile target, long targetPosition) {
        requireOpen();
        if (position < 0 || count < 0 || targetPosition < 0) {
            throw new IllegalArgumentException(
                    "position=" + position + " count=" + count + " targetPosition=" + targetPosition);
        }
        long done = target instanceof ChannelFile file ? transferInKernel(position, count, file, targetPosition) : 0;
        if (done < count) {
            copy(position + done, count - done, target, targetPosition + done);
        }
    }

    /** The bytes moved; fewer than asked where the system would move no more. */
    private long transferInKernel(long position, long count, ChannelFile target, long targetPosition) {
        target.requireWritable();
        long done = 0;
        target.cursor.lock(); // the bytes go to where the target's cursor stands
        try {
            target.channel.position(targetPosition);
            while (done < count) {
                long moved =
                        channel.transferTo(position + done, Math.min(TRANSFER_BYTES, count - done), target.channel);
                if (moved <= 0) {
                    break;
                }
                done += moved;
            }
            return done;
        } catch (IOException fault) {
            throw DiskFaults.whileWriting(
                    fault, target.path, "transfer from " + path + " position=" + position + " count=" + count);
        } finally {
            target.cursor.unlock();
        }
    }

    private void copy(long position, long count, StoreFile target, long targetPosition) {
        ByteBuffer piece = ByteBuffer.allocateDirect((int) Math.min(WRITE_PIECE_BYTES, count));
        for (long done = 0; done < count; done += piece.limit()) {
            piece.clear().limit((int) Math.min(piece.capacity(), count - done));
            if (read(piece, position + done) < piece.limit()) {
                String message = "transfer position=" + position + " count=" + count + ": the file ends before";
                throw new StorageFaultException(QuireError.DISK_IO, path, message, new EOFException());
            }
            target.write(piece.flip(), targetPosition + done);
        }
    }

    @Override
    public ByteBuffer map(long position, int length) {
        requireOpen();
        if (access != Storage.Access.READ) {
            throw new IllegalStateException("a map over a writable channel may extend the file path=" + path);
        }
        if (position < 0 || length < 0 || position > size() - length) {
            throw new IllegalArgumentException(
                    "position=" + position + " length=" + length + " size=" + size() + " path=" + path);
        }
        boolean interrupted = false;
        try {
            while (true) {
                interrupted |= Thread.interrupted();
                try {
                    return mapOnce(position, length);
                } catch (ClosedByInterruptException again) {
                    // it closed a channel that was ours alone; the status is set again below
                }
            }
        } catch (IOException fault) {
            throw DiskFaults.of(fault, path, "map position=" + position + " length=" + length);
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private ByteBuffer mapOnce(long position, int length) throws IOException {
        Path now = path;
        identity.check(now);
        try (FileChannel once = FileChannel.open(now, Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS))) {
            identity.check(now);
            return once.map(FileChannel.MapMode.READ_ONLY, position, length).order(ByteOrder.LITTLE_ENDIAN);
        }
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("file is closed path=" + path);
        }
    }

    private void requireWritable() {
        requireOpen();
        if (access != Storage.Access.WRITE) {
            throw new IllegalStateException("file is open for reading only path=" + path);
        }
    }

    @Override
    public void close() {
        closed = true;
        try {
            try {
                readers.close();
                writers.close();
                direct.close();
            } finally {
                channel.close();
            }
        } catch (IOException fault) {
            throw DiskFaults.of(fault, path, "close");
        }
    }
}

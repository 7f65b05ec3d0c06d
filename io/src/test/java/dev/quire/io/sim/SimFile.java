package dev.quire.io.sim;

import dev.quire.io.QuireError;
import dev.quire.io.Storage;
import dev.quire.io.StorageFaultException;
import dev.quire.io.StoreFile;
import dev.quire.io.sim.SimOperation.Type;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** An open file of a simulated disk. An interrupt closes its channel, as the real one's, but not the rest of it. */
final class SimFile implements StoreFile {

    private static final int TRANSFER_PIECE_BYTES = 256 * 1024;

    private final SimDisk disk;
    private final SimInode inode;
    private final Storage.Access access;
    private Path path;
    private boolean channelClosed;
    private boolean closed;

    SimFile(SimDisk disk, SimInode inode, Path path, Storage.Access access) {
        this.disk = disk;
        this.inode = inode;
        this.path = path;
        this.access = access;
    }

    void renamed(Path from, Path to) {
        if (path.equals(from)) {
            path = to;
        } else if (path.startsWith(from)) {
            path = to.resolve(from.relativize(path));
        }
    }

    @Override
    public Path path() {
        return within(false, () -> path);
    }

    @Override
    public long size() {
        return within(false, () -> inode.live().length());
    }

    @Override
    public int read(ByteBuffer target, long position) {
        byte[] bytes = new byte[target.remaining()];
        int count = within(true, () -> readLive(bytes, 0, bytes.length, position));
        target.put(bytes, 0, count);
        return count;
    }

    @Override
    public int read(byte[] target, int offset, int length, long position) {
        Objects.checkFromIndexSize(offset, length, target.length);
        return within(false, () -> readLive(target, offset, length, position));
    }

    private int readLive(byte[] target, int offset, int length, long position) {
        if (disk.trace().beginReadFails(inode.id(), position, length)) {
            String message = "planned: read position=" + position + " length=" + length;
            throw new StorageFaultException(QuireError.DISK_IO, path, message, null);
        }
        return inode.live().read(position, target, offset, length);
    }

    @Override
    public void write(ByteBuffer source, long position) {
        byte[] bytes = new byte[source.remaining()];
        source.get(bytes);
        within(true, () -> write(Type.WRITE, null, position, bytes, 0, bytes.length));
    }

    @Override
    public boolean writeDirect(ByteBuffer source, long position) {
        boolean aligned = source.isDirect()
                && position % DIRECT_UNIT_BYTES == 0
                && source.remaining() % DIRECT_UNIT_BYTES == 0
                && source.alignmentOffset(source.position(), DIRECT_UNIT_BYTES) == 0;
        if (aligned) {
            write(source, position);
        }
        return aligned;
    }

    @Override
    public void writeThrough(byte[] source, int offset, int length, long position) {
        Objects.checkFromIndexSize(offset, length, source.length);
        within(false, () -> write(Type.WRITE_THROUGH, null, position, source, offset, length));
    }

    private SimOperation write(Type type, Path from, long position, byte[] bytes, int offset, int length) {
        requireWritable();
        SimOperation operation = disk.trace().begin(type, path, from, position, length);
        Fault fault = disk.trace().faults().of(operation);
        if (fault == Fault.LOST_WRITE) {
            return operation;
        }
        long to = position;
        if (fault == Fault.MISDIRECTED_WRITE) {
            to = elsewhere(position, length);
        }
        return change(
                operation,
                fault,
                to,
                to + length,
                (draft, end) -> draft.write(end.start, bytes, offset, (int) (end.stop - end.start)));
    }

    /** The place before or behind, by turns, that is as large. */
    private long elsewhere(long position, int length) {
        long step = Math.max(Image.SECTOR_BYTES, length);
        return position >= step && disk.operationCount() % 2 == 0 ? position - step : position + step;
    }

    private record Reach(long start, long stop) {}

    private interface Change {
        void apply(ImageDraft draft, Reach reach);
    }

    private SimOperation change(SimOperation operation, Fault fault, long from, long to, Change change) {
        if (fault == Fault.NO_SPACE) {
            throw SimDisk.full(operation, "planned: no space");
        }
        if (fault == Fault.EIO_WRITE) {
            throw SimDisk.failed(operation, "planned: " + fault);
        }
        long wanted = fault == Fault.SHORT_WRITE ? Image.sectorStart(from + (to - from) / 2) : to;
        long stop = disk.roomUpTo(inode, Math.max(from, wanted));
        if (from < stop) {
            Consumer<ImageDraft> edit = draft -> change.apply(draft, new Reach(from, stop));
            inode.change(operation.index(), from, stop, edit);
            if (operation.type() == Type.WRITE_THROUGH) {
                inode.settle(operation.index(), from, stop, fault != Fault.FAILED_FORCE);
            }
        }
        disk.forgetPast(inode);
        if (fault == Fault.SHORT_WRITE || fault == Fault.FAILED_FORCE) {
            throw SimDisk.failed(operation, "planned: " + fault);
        }
        if (stop < to) {
            throw SimDisk.full(operation, "quota");
        }
        return operation;
    }

    @Override
    public void force() {
        within(true, () -> {
            SimOperation operation = disk.trace().begin(Type.FORCE, path, null, 0, 0);
            if (disk.trace().faults().of(operation) == Fault.FAILED_FORCE) {
                inode.lose(operation.index());
                throw SimDisk.failed(operation, "planned: contents not forced");
            }
            inode.force(operation.index());
            disk.forgetPast(inode);
            return operation;
        });
    }

    @Override
    public void allocate(long from, long to) {
        if (from < 0 || to < from) {
            throw new IllegalArgumentException("from=" + from + " to=" + to);
        }
        within(true, () -> {
            requireWritable();
            SimOperation operation = disk.trace().begin(Type.ALLOCATE, path, null, from, to - from);
            Fault fault = disk.trace().faults().of(operation);
            return change(operation, fault, from, to, (draft, reach) -> draft.zero(reach.start, reach.stop));
        });
    }

    @Override
    public void transferTo(long position, long count, StoreFile target, long targetPosition) {
        if (position < 0 || count < 0 || targetPosition < 0) {
            throw new IllegalArgumentException(
                    "position=" + position + " count=" + count + " targetPosition=" + targetPosition);
        }
        long there = Math.max(0, Math.min(count, size() - position));
        if (target instanceof SimFile file && file.disk == disk) {
            within(true, () -> file.receive(this, position, (int) there, targetPosition));
        } else {
            copy(position, there, target, targetPosition);
        }
        if (there < count) {
            String message = "transfer position=" + position + " count=" + count + ": the file ends before";
            throw new StorageFaultException(QuireError.DISK_IO, path, message, null);
        }
    }

    private SimOperation receive(SimFile source, long position, int count, long targetPosition) {
        requireChannel();
        byte[] bytes = new byte[count];
        source.readLive(bytes, 0, count, position);
        return write(Type.TRANSFER, source.path, targetPosition, bytes, 0, count);
    }

    private void copy(long position, long count, StoreFile target, long targetPosition) {
        for (long done = 0; done < count; done += TRANSFER_PIECE_BYTES) {
            ByteBuffer piece = ByteBuffer.allocate((int) Math.min(TRANSFER_PIECE_BYTES, count - done));
            read(piece, position + done);
            target.write(piece.flip(), targetPosition + done);
        }
    }

    @Override
    public ByteBuffer map(long position, int length) {
        return within(false, () -> {
            if (access != Storage.Access.READ) {
                throw new IllegalStateException("a map over a writable channel may extend the file path=" + path);
            }
            long size = inode.live().length();
            if (position < 0 || length < 0 || position > size - length) {
                throw new IllegalArgumentException("position=" + position + " length=" + length + " size=" + size);
            }
            return inode.map(position, length);
        });
    }

    @Override
    public void close() {
        disk.lock.lock();
        try {
            closed = true;
            disk.closed(this);
        } finally {
            disk.lock.unlock();
        }
    }

    private <T> T within(boolean throughChannel, Supplier<T> action) {
        disk.lock.lock();
        try {
            disk.requirePower();
            if (closed) {
                throw new IllegalStateException("file is closed path=" + path);
            }
            if (throughChannel) {
                requireChannel();
            }
            return action.get();
        } finally {
            disk.lock.unlock();
        }
    }

    private void requireChannel() {
        channelClosed |= Thread.currentThread().isInterrupted();
        if (channelClosed) {
            String message = "an interrupt of a thread closed the file; only threads of the engine may call this";
            throw new StorageFaultException(QuireError.DISK_IO, path, message, null);
        }
    }

    private void requireWritable() {
        if (closed) {
            throw new IllegalStateException("file is closed path=" + path);
        }
        if (access != Storage.Access.WRITE) {
            throw new IllegalStateException("file is open for reading only path=" + path);
        }
    }
}

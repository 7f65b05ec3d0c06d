package dev.quire.io.log;

import dev.quire.io.Storage;
import dev.quire.io.StoreFile;
import dev.quire.io.StoreLock;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;

/** A disk whose forces can be held up, so that a test decides who meets whom. */
final class GatedStorage implements Storage {

    private final Storage storage;
    private final Semaphore gate = new Semaphore(Integer.MAX_VALUE / 2);

    /** Forces that have begun, by whatever way. */
    final AtomicInteger begun = new AtomicInteger();

    /** Forces of these that went through an array, in the thread of the committer. */
    final AtomicInteger through = new AtomicInteger();

    GatedStorage(Storage storage) {
        this.storage = storage;
    }

    /** Every force waits from now on. */
    void shut() {
        gate.drainPermits();
    }

    /** Forces go on. */
    void open() {
        gate.release(Integer.MAX_VALUE / 2);
    }

    private void pass() {
        begun.incrementAndGet();
        gate.acquireUninterruptibly();
    }

    @Override
    public Kind kind(Path path) {
        return storage.kind(path);
    }

    @Override
    public Path realPath(Path path) {
        return storage.realPath(path);
    }

    @Override
    public StoreFile create(Path file) {
        return new GatedFile(storage.create(file));
    }

    @Override
    public StoreFile open(Path file, Access access) {
        return new GatedFile(storage.open(file, access));
    }

    @Override
    public void createDirectory(Path directory) {
        storage.createDirectory(directory);
    }

    @Override
    public void rename(Path from, Path to) {
        storage.rename(from, to);
    }

    @Override
    public void delete(Path path) {
        storage.delete(path);
    }

    @Override
    public List<String> list(Path directory) {
        return storage.list(directory);
    }

    @Override
    public void forceDirectory(Path directory) {
        storage.forceDirectory(directory);
    }

    @Override
    public StoreLock lock(Path file) {
        return storage.lock(file);
    }

    @Override
    public long usableBytes(Path path) {
        return storage.usableBytes(path);
    }

    private final class GatedFile implements StoreFile {

        private final StoreFile file;

        GatedFile(StoreFile file) {
            this.file = file;
        }

        @Override
        public Path path() {
            return file.path();
        }

        @Override
        public long size() {
            return file.size();
        }

        @Override
        public int read(ByteBuffer target, long position) {
            return file.read(target, position);
        }

        @Override
        public int read(byte[] target, int offset, int length, long position) {
            return file.read(target, offset, length, position);
        }

        @Override
        public void write(ByteBuffer source, long position) {
            file.write(source, position);
        }

        @Override
        public void writeThrough(byte[] source, int offset, int length, long position) {
            through.incrementAndGet();
            pass();
            file.writeThrough(source, offset, length, position);
        }

        @Override
        public void force() {
            if (file.path().toString().endsWith(".qlog")) {
                pass();
            }
            file.force();
        }

        @Override
        public void allocate(long from, long to) {
            file.allocate(from, to);
        }

        @Override
        public void transferTo(long position, long count, StoreFile target, long targetPosition) {
            file.transferTo(position, count, target, targetPosition);
        }

        @Override
        public ByteBuffer map(long position, int length) {
            return file.map(position, length);
        }

        @Override
        public void close() {
            file.close();
        }
    }
}

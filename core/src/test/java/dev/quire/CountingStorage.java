package dev.quire;

import dev.quire.io.Storage;
import dev.quire.io.StoreFile;
import dev.quire.io.StoreLock;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;

/** A storage that counts the bytes read of some of its files. */
final class CountingStorage implements Storage {

    private final Storage storage;
    private final Predicate<String> counted;
    private final AtomicLong read = new AtomicLong();

    /** Counts those files whose names are {@code counted}. */
    CountingStorage(Storage storage, Predicate<String> counted) {
        this.storage = storage;
        this.counted = counted;
    }

    /** Bytes read so far. */
    long read() {
        return read.get();
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
        return new Counted(storage.create(file));
    }

    @Override
    public StoreFile open(Path file, Access access) {
        return new Counted(storage.open(file, access));
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

    private final class Counted implements StoreFile {

        private final StoreFile file;

        Counted(StoreFile file) {
            this.file = file;
        }

        private int count(int bytes) {
            if (counted.test(path().getFileName().toString())) {
                read.addAndGet(bytes);
            }
            return bytes;
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
            return count(file.read(target, position));
        }

        @Override
        public int read(byte[] target, int offset, int length, long position) {
            return count(file.read(target, offset, length, position));
        }

        @Override
        public void write(ByteBuffer source, long position) {
            file.write(source, position);
        }

        @Override
        public void writeThrough(byte[] source, int offset, int length, long position) {
            file.writeThrough(source, offset, length, position);
        }

        @Override
        public void force() {
            file.force();
        }

        @Override
        public void allocate(long from, long to) {
            file.allocate(from, to);
        }

        @Override
        public void transferTo(long position, long count, StoreFile target, long targetPosition) {
            file.transferTo(position, count, target instanceof Counted other ? other.file : target, targetPosition);
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

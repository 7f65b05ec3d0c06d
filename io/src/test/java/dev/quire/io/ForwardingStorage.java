package dev.quire.io;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;

/** A storage that hands everything on to another one; tests override what they want to see or to change. */
public class ForwardingStorage implements Storage {

    private final Storage storage;

    /** Hands on to {@code storage}. */
    protected ForwardingStorage(Storage storage) {
        this.storage = storage;
    }

    /** What is handed out instead of a file that was opened or created. */
    protected StoreFile wrap(StoreFile file) {
        return file;
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
        return wrap(storage.create(file));
    }

    @Override
    public StoreFile open(Path file, Access access) {
        return wrap(storage.open(file, access));
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
    public boolean isLocked(Path file) {
        return storage.isLocked(file);
    }

    @Override
    public boolean isMountPoint(Path directory) {
        return storage.isMountPoint(directory);
    }

    @Override
    public long usableBytes(Path path) {
        return storage.usableBytes(path);
    }

    /** A file that hands everything on to another one. */
    public static class ForwardingFile implements StoreFile {

        private final StoreFile file;

        /** Hands on to {@code file}. */
        protected ForwardingFile(StoreFile file) {
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
        public boolean writeDirect(ByteBuffer source, long position) {
            return file.writeDirect(source, position);
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
            file.transferTo(
                    position, count, target instanceof ForwardingFile other ? other.file : target, targetPosition);
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

package dev.quire;

import dev.quire.io.Storage;
import dev.quire.io.StoreFile;
import dev.quire.io.StoreLock;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.function.BiPredicate;

/**
 * A storage that leaves something out: which calls, the test says. It stands for an engine that forgot them, so that a
 * test can show that somebody would notice.
 */
final class MutantStorage implements Storage {

    /** What can be left out. */
    enum Call {
        WRITE,
        FORCE,
        FORCE_DIRECTORY
    }

    private final Storage storage;
    private final BiPredicate<Call, String> omits;

    /** {@code omits} is asked with the call and the name of the file; of a write that is safe at once it is FORCE. */
    MutantStorage(Storage storage, BiPredicate<Call, String> omits) {
        this.storage = storage;
        this.omits = omits;
    }

    /** Whether a method of this name, or one of a class of this name, is being executed. */
    static boolean within(String name) {
        return StackWalker.getInstance()
                .walk(frames -> frames.anyMatch(frame -> frame.getMethodName().equals(name)
                        || frame.getClassName().endsWith('.' + name)));
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
        return new Leaky(storage.create(file));
    }

    @Override
    public StoreFile open(Path file, Access access) {
        return new Leaky(storage.open(file, access));
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
        if (!omits.test(Call.FORCE_DIRECTORY, directory.getFileName().toString())) {
            storage.forceDirectory(directory);
        }
    }

    @Override
    public StoreLock lock(Path file) {
        return storage.lock(file);
    }

    @Override
    public long usableBytes(Path path) {
        return storage.usableBytes(path);
    }

    private final class Leaky implements StoreFile {

        private final StoreFile file;

        Leaky(StoreFile file) {
            this.file = file;
        }

        private boolean omits(Call call) {
            return omits.test(call, path().getFileName().toString());
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
            if (!omits(Call.WRITE)) {
                file.write(source, position);
            }
        }

        @Override
        public void writeThrough(byte[] source, int offset, int length, long position) {
            if (omits(Call.FORCE)) {
                file.write(ByteBuffer.wrap(source, offset, length), position);
            } else {
                file.writeThrough(source, offset, length, position);
            }
        }

        @Override
        public void force() {
            if (!omits(Call.FORCE)) {
                file.force();
            }
        }

        @Override
        public void allocate(long from, long to) {
            file.allocate(from, to);
        }

        @Override
        public void transferTo(long position, long count, StoreFile target, long targetPosition) {
            file.transferTo(position, count, target instanceof Leaky leaky ? leaky.file : target, targetPosition);
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

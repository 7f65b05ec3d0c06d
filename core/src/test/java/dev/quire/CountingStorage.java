package dev.quire;

import dev.quire.io.ForwardingStorage;
import dev.quire.io.Storage;
import dev.quire.io.StoreFile;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;

/** A storage that counts the bytes read of some of its files. */
final class CountingStorage extends ForwardingStorage {

    private final Predicate<String> counted;
    private final AtomicLong read = new AtomicLong();

    /** Counts those files whose names are {@code counted}. */
    CountingStorage(Storage storage, Predicate<String> counted) {
        super(storage);
        this.counted = counted;
    }

    /** Bytes read so far. */
    long read() {
        return read.get();
    }

    @Override
    protected StoreFile wrap(StoreFile file) {
        return counted.test(file.path().getFileName().toString()) ? new Counted(file) : file;
    }

    private final class Counted extends ForwardingStorage.ForwardingFile {

        Counted(StoreFile file) {
            super(file);
        }

        private int count(int bytes) {
            read.addAndGet(bytes);
            return bytes;
        }

        @Override
        public int read(ByteBuffer target, long position) {
            return count(super.read(target, position));
        }

        @Override
        public int read(byte[] target, int offset, int length, long position) {
            return count(super.read(target, offset, length, position));
        }
    }
}

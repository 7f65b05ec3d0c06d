package dev.quire.io.log;

import dev.quire.io.ForwardingStorage;
import dev.quire.io.Storage;
import dev.quire.io.StoreFile;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;

/** A disk whose forces can be held up, so that a test decides who meets whom. */
final class GatedStorage extends ForwardingStorage {

    private final Semaphore gate = new Semaphore(Integer.MAX_VALUE / 2);

    /** Forces that have begun, by whatever way. */
    final AtomicInteger begun = new AtomicInteger();

    /** Forces of these that went through an array, in the thread of the committer. */
    final AtomicInteger through = new AtomicInteger();

    GatedStorage(Storage storage) {
        super(storage);
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
    protected StoreFile wrap(StoreFile file) {
        return new GatedFile(file);
    }

    private final class GatedFile extends ForwardingStorage.ForwardingFile {

        GatedFile(StoreFile file) {
            super(file);
        }

        @Override
        public void writeThrough(byte[] source, int offset, int length, long position) {
            through.incrementAndGet();
            pass();
            super.writeThrough(source, offset, length, position);
        }

        @Override
        public void force() {
            if (path().toString().endsWith(".qlog")) {
                pass();
            }
            super.force();
        }
    }
}

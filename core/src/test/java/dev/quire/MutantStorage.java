package dev.quire;

import dev.quire.io.ForwardingStorage;
import dev.quire.io.Storage;
import dev.quire.io.StoreFile;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.function.BiPredicate;

/**
 * A storage that leaves something out: which calls, the test says. It stands for an engine that forgot them, so that a
 * test can show that somebody would notice.
 */
final class MutantStorage extends ForwardingStorage {

    /** What can be left out. */
    enum Call {
        WRITE,
        FORCE,
        FORCE_DIRECTORY
    }

    private final BiPredicate<Call, String> omits;

    /** {@code omits} is asked with the call and the name of the file; of a write that is safe at once it is FORCE. */
    MutantStorage(Storage storage, BiPredicate<Call, String> omits) {
        super(storage);
        this.omits = omits;
    }

    /** Whether a method of this name, or one of a class of this name, is being executed. */
    static boolean within(String name) {
        return StackWalker.getInstance()
                .walk(frames -> frames.anyMatch(frame -> frame.getMethodName().equals(name)
                        || frame.getClassName().endsWith('.' + name)));
    }

    @Override
    protected StoreFile wrap(StoreFile file) {
        return new Leaky(file);
    }

    @Override
    public void forceDirectory(Path directory) {
        if (!omits.test(Call.FORCE_DIRECTORY, directory.getFileName().toString())) {
            super.forceDirectory(directory);
        }
    }

    private final class Leaky extends ForwardingStorage.ForwardingFile {

        Leaky(StoreFile file) {
            super(file);
        }

        private boolean omits(Call call) {
            return omits.test(call, path().getFileName().toString());
        }

        @Override
        public void write(ByteBuffer source, long position) {
            if (!omits(Call.WRITE)) {
                super.write(source, position);
            }
        }

        @Override
        public void writeThrough(byte[] source, int offset, int length, long position) {
            if (omits(Call.FORCE)) {
                super.write(ByteBuffer.wrap(source, offset, length), position);
            } else {
                super.writeThrough(source, offset, length, position);
            }
        }

        @Override
        public void force() {
            if (!omits(Call.FORCE)) {
                super.force();
            }
        }
    }
}

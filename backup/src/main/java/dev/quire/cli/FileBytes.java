package dev.quire.cli;

import dev.quire.io.FileStorage;
import dev.quire.io.Storage;
import dev.quire.io.StoreFile;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * A file opened for looking at it. What cannot be opened is a typed error; what is shorter than asked is just
 * shorter.
 */
final class FileBytes implements AutoCloseable {

    private final StoreFile file;

    FileBytes(Path path) {
        file = FileStorage.instance().open(Command.absolute(path), Storage.Access.READ);
    }

    long size() {
        return file.size();
    }

    /** At most {@code length} bytes from {@code position} on. */
    RawBytes read(long position, int length) {
        byte[] bytes = new byte[(int) Math.max(0, Math.min(length, file.size() - position))];
        int count = Math.max(0, file.read(bytes, 0, bytes.length, position));
        return RawBytes.of(count < bytes.length ? Arrays.copyOf(bytes, count) : bytes);
    }

    Path path() {
        return file.path();
    }

    @Override
    public void close() {
        file.close();
    }
}

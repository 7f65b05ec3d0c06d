package dev.quire.io;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;

/**
 * Which file a path meant when it was opened. A path is opened again for handles and maps; in between somebody may have
 * put another file, or a link, in its place.
 */
final class FileIdentity {

    private final Object key; // null where the file system has no such thing

    private FileIdentity(Object key) {
        this.key = key;
    }

    static FileIdentity of(Path file) throws IOException {
        return new FileIdentity(attributes(file).fileKey());
    }

    static BasicFileAttributes attributes(Path file) throws IOException {
        return Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    }

    /** The key of the file system, or null. */
    Object key() {
        return key;
    }

    /** Fails unless {@code file} still names this file. */
    void check(Path file) throws IOException {
        BasicFileAttributes now = attributes(file);
        if (!now.isRegularFile() || key != null && !key.equals(now.fileKey())) {
            throw new NoSuchFileException(file.toString(), null, "another file has this name now");
        }
    }
}

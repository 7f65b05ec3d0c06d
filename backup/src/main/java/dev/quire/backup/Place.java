package dev.quire.backup;

import dev.quire.io.Storage;
import java.nio.file.Path;

/** Where a backup goes to or a restore: links among the directories above are followed, the last name is as given. */
final class Place {

    private Place() {}

    static Path of(Storage storage, Path given) {
        Path path = given.toAbsolutePath().normalize();
        return path.getParent() == null
                ? path
                : storage.realPath(path.getParent()).resolve(path.getFileName());
    }
}

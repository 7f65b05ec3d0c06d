package dev.quire.backup;

import dev.quire.durable.Names;
import dev.quire.io.QuireError;
import dev.quire.io.QuireException;
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

    /**
     * Nothing is written among the files of an instance.
     *
     * @throws QuireException {@code INVALID_PATH}
     */
    static void checkOutsideInstances(Storage storage, Path path) {
        for (Path above = storage.realPath(path).getParent(); above != null; above = above.getParent()) {
            if (storage.kind(above.resolve(Names.CHECKPOINT)) == Storage.Kind.FILE) {
                throw new QuireException(QuireError.INVALID_PATH, path, "lies inside the instance " + above, null);
            }
        }
    }
}

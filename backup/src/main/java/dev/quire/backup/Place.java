package dev.quire.backup;

import dev.quire.durable.Names;
import dev.quire.durable.RestoredFiles;
import dev.quire.io.InUseException;
import dev.quire.io.QuireError;
import dev.quire.io.QuireException;
import dev.quire.io.Storage;
import java.nio.file.Path;
import java.util.function.Predicate;

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

    /**
     * Nothing is published where a restore will be, nor among the files of another backup: neither that one nor the
     * next of its chain would find its directory as it must be.
     *
     * @param ours locks that whoever asks holds himself
     * @throws QuireException {@code INVALID_PATH} if a set is there
     * @throws InUseException {@code RESTORE_IN_PROGRESS}; {@code BACKUP_IN_PROGRESS} if another backup fills it
     */
    static void checkOutsideOthers(Storage storage, Path path, Predicate<Path> ours) {
        for (Path each = storage.realPath(path); each != null; each = each.getParent()) {
            RestoredFiles.checkNoRestore(storage, each);
            Path above = each.getParent();
            if (above == null) {
                return;
            }
            Path lock = above.resolve(Leftovers.LOCK);
            if (!ours.test(lock) && storage.isLocked(lock)) {
                throw new InUseException(QuireError.BACKUP_IN_PROGRESS, above, "another backup fills it", null);
            }
            if (BackupSet.isPublished(storage, above)) {
                throw new QuireException(
                        QuireError.INVALID_PATH, path, "lies inside the directory of the backup in " + above, null);
            }
        }
    }
}

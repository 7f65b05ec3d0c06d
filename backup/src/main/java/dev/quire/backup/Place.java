package dev.quire.backup;

import dev.quire.durable.Names;
import dev.quire.durable.RestoredFiles;
import dev.quire.io.InUseException;
import dev.quire.io.QuireError;
import dev.quire.io.QuireException;
import dev.quire.io.Storage;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Predicate;

/** Where a backup goes to or a restore: links among the directories above are followed, the last name is as given. */
final class Place {

    private static final int NAMES_TOLD = 2;

    private Place() {}

    static Path of(Storage storage, Path given) {
        Path path = given.toAbsolutePath().normalize();
        return path.getParent() == null
                ? path
                : storage.realPath(path.getParent()).resolve(path.getFileName());
    }

    /** What a place is that must be a directory, and exists as something else. */
    static QuireException notADirectory(Storage storage, Path place) {
        Path real = storage.realPath(place);
        String what = real.equals(place)
                ? "is not a directory"
                : "is a link, which is not followed here; it leads to " + real;
        return new QuireException(QuireError.INVALID_PATH, place, what, null);
    }

    /** That a place does not exist, and where its path ends. */
    static QuireException missing(Storage storage, Path place) {
        Path first = place;
        while (first.getParent() != null && storage.kind(first.getParent()) == Storage.Kind.NONE) {
            first = first.getParent();
        }
        String above = first.equals(place) ? "" : ", nor " + first + " above it";
        return new QuireException(
                QuireError.INVALID_PATH,
                place,
                "does not exist" + above + "; missing directories are made on request (createPathIfNotExist,"
                        + " --create-path)",
                null);
    }

    /** Some of what is in a directory in which it should not be. */
    static String some(List<String> names) {
        int told = Math.min(names.size(), NAMES_TOLD);
        String more = names.size() > told ? " and " + (names.size() - told) + " more" : "";
        return String.join(", ", names.subList(0, told)) + more;
    }

    /** Why there is no backup where one was looked for. */
    static String withoutBackup(Storage storage, Path place) {
        return switch (storage.kind(place)) {
            case NONE -> "there is no backup: this does not exist";
            case FILE -> "there is no backup: this is not a directory";
            default -> "there is no published backup here";
        };
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

    /** Anybody may have called a file of his own {@code manifest.json}. */
    private static boolean holdsSet(Storage storage, Path directory) {
        return BackupSet.isPublished(storage, directory)
                && !Leftovers.published(storage.list(directory)).isEmpty();
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
            if (holdsSet(storage, above)) {
                throw new QuireException(
                        QuireError.INVALID_PATH, path, "lies inside the directory of the backup in " + above, null);
            }
        }
    }
}

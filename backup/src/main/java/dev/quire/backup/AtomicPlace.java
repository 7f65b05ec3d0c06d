package dev.quire.backup;

import dev.quire.io.CorruptionException;
import dev.quire.io.NotFoundException;
import dev.quire.io.QuireError;
import dev.quire.io.QuireException;
import dev.quire.io.Storage;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The directories below the destination of atomic backups. A new set is filled in {@code ID.temp}. When it is complete
 * the one before moves from {@code new} to {@code ID.old}, it moves to {@code new}, and its manifest gets its name
 * there: so at every moment one of the two has a published manifest, if there was one before. Then the old one goes.
 *
 * <p>A force of names that fails may leave a directory on the medium that everybody sees gone, and a later one does not
 * put another in its place. So what is made or moved aside gets a name that none had before.
 */
final class AtomicPlace {

    static final String NEW = "new";
    private static final Pattern TEMPORARY = Pattern.compile("[0-9a-f]{16}\\.temp");
    private static final Pattern OLDER = Pattern.compile("[0-9a-f]{16}\\.old");

    private final Storage storage;
    private final Path root;
    private final Path temporary;
    private final Path aside;

    AtomicPlace(Storage storage, Path root, String id) {
        this.storage = storage;
        this.root = root;
        this.temporary = root.resolve(id + ".temp");
        this.aside = root.resolve(id + ".old");
    }

    static boolean isOne(String name) {
        return name.equals(NEW) || isOlder(name) || isTemporary(name);
    }

    /** Whether {@code directory} is where the set of atomic backups to the directory above it is. */
    static boolean isNewer(Storage storage, Path directory) {
        Path parent = directory.getParent();
        return parent != null
                && directory.endsWith(NEW)
                && storage.kind(parent) == Storage.Kind.DIRECTORY
                && storage.list(parent).stream().allMatch(name -> name.equals(Leftovers.LOCK) || isOne(name));
    }

    private static boolean isTemporary(String name) {
        return TEMPORARY.matcher(name).matches();
    }

    Path newer() {
        return root.resolve(NEW);
    }

    Path temporary() {
        return temporary;
    }

    /** Whether a set has that name which another one is to take the place of. */
    static boolean isOlder(String name) {
        return OLDER.matcher(name).matches();
    }

    /**
     * The last published set that was moved out of the way. There may be several, if the force of their deletion failed
     * and a power cut brought them back.
     */
    static Optional<Path> older(Storage storage, Path root) {
        if (storage.kind(root) != Storage.Kind.DIRECTORY) {
            return Optional.empty();
        }
        return storage.list(root).stream()
                .filter(AtomicPlace::isOlder)
                .map(root::resolve)
                .filter(place -> BackupSet.isPublished(storage, place))
                .max(Comparator.comparingLong(place -> createdMs(storage, place)));
    }

    private static long createdMs(Storage storage, Path place) {
        try {
            return Manifest.read(storage, place).createdMs();
        } catch (NotFoundException | CorruptionException e) {
            return -1;
        }
    }

    /**
     * Ends what a crash or a fault has interrupted: afterwards there is {@code new}, or nothing.
     *
     * @throws QuireException {@code BACKUP_DIRECTORY_NOT_EMPTY} if in {@code new} there is something that no backup
     *     left, once another set has its place it is too late to find that; or a set that has lost its manifest
     */
    void settle() {
        boolean published = BackupSet.isPublished(storage, newer());
        if (isThere(newer())) {
            List<String> names = storage.list(newer());
            checkNames(newer(), names);
            if (!published && !Leftovers.areAll(names)) {
                throw new QuireException(
                        QuireError.BACKUP_DIRECTORY_NOT_EMPTY,
                        newer(),
                        "holds files of a backup that was published, and has lost its " + Manifest.FILE,
                        null);
            }
        }
        if (published) { // by a process that may have ended before its names were forced
            storage.forceDirectory(newer());
            storage.forceDirectory(root);
        }
        boolean changed = false;
        for (String name : storage.list(root)) {
            changed |= isTemporary(name) && remove(root.resolve(name));
        }
        if (!published) {
            changed |= remove(newer());
        }
        Optional<Path> last = published ? Optional.empty() : older(storage, root);
        if (last.isPresent()) {
            storage.rename(last.get(), newer());
            changed = true;
        }
        for (String name : storage.list(root)) {
            changed |= isOlder(name) && remove(root.resolve(name));
        }
        if (changed) {
            storage.forceDirectory(root);
        }
    }

    /** Makes the directory that is filled. */
    void make() {
        storage.createDirectory(temporary());
        storage.forceDirectory(root);
    }

    /** Moves the set that is there out of the way. */
    void moveAside() {
        if (isThere(newer())) {
            storage.rename(newer(), aside);
            storage.forceDirectory(root);
        }
    }

    /** Moves the set that was filled to its place; it is not published yet. */
    void moveIn() {
        storage.rename(temporary(), newer());
        storage.forceDirectory(root);
    }

    /** The new set is published, and known: the one before is not needed any more. */
    void removeOld() {
        if (remove(aside)) {
            storage.forceDirectory(root);
        }
    }

    private boolean isThere(Path directory) {
        Storage.Kind kind = storage.kind(directory);
        if (kind != Storage.Kind.NONE && kind != Storage.Kind.DIRECTORY) {
            throw inTheWay(directory);
        }
        return kind == Storage.Kind.DIRECTORY;
    }

    /** Deletes a directory with what backups left in it, the manifest first; anything else in it stops that. */
    private boolean remove(Path directory) {
        if (!isThere(directory)) {
            return false;
        }
        List<String> names = storage.list(directory);
        checkNames(directory, names);
        if (names.contains(Manifest.FILE)) {
            storage.delete(directory.resolve(Manifest.FILE));
            storage.forceDirectory(directory);
        }
        Leftovers.delete(
                storage,
                directory,
                names.stream().filter(name -> !name.equals(Manifest.FILE)).toList());
        storage.delete(directory);
        return true;
    }

    private static void checkNames(Path directory, List<String> names) {
        if (!names.stream().allMatch(Leftovers::isOfSet)) {
            throw inTheWay(directory);
        }
    }

    private static QuireException inTheWay(Path directory) {
        return new QuireException(
                QuireError.BACKUP_DIRECTORY_NOT_EMPTY, directory, "holds what no backup has left there", null);
    }
}

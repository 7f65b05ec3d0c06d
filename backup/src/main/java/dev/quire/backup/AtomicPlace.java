package dev.quire.backup;

import dev.quire.io.QuireError;
import dev.quire.io.QuireException;
import dev.quire.io.Storage;
import java.nio.file.Path;
import java.util.List;
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

    /** Ends what a crash or a fault has interrupted: afterwards there is {@code new}, or nothing. */
    void settle() {
        boolean published = BackupSet.isPublished(storage, newer());
        boolean changed = false;
        for (String name : storage.list(root)) {
            changed |= isTemporary(name) && remove(root.resolve(name));
        }
        if (!published) {
            changed |= remove(newer());
        }
        for (String name : storage.list(root)) {
            Path older = root.resolve(name);
            if (isOlder(name) && !published && BackupSet.isPublished(storage, older)) {
                storage.rename(older, newer());
                published = true;
                changed = true;
            } else if (isOlder(name)) {
                changed |= remove(older);
            }
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
        if (!names.stream().allMatch(Leftovers::isOfSet)) {
            throw inTheWay(directory);
        }
        if (names.contains(Manifest.FILE)) {
            storage.delete(directory.resolve(Manifest.FILE));
            storage.forceDirectory(directory);
        }
        names.stream()
                .filter(name -> !name.equals(Manifest.FILE))
                .forEach(name -> storage.delete(directory.resolve(name)));
        storage.delete(directory);
        return true;
    }

    private static QuireException inTheWay(Path directory) {
        return new QuireException(
                QuireError.BACKUP_DIRECTORY_NOT_EMPTY, directory, "holds what no backup has left there", null);
    }
}

package dev.quire.backup;

import dev.quire.io.Storage;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Files of a backup that was never published: they carry its id in their names, and no manifest. The next backup to
 * that directory clears them away; anything that does not look exactly like one of them is somebody else's.
 */
final class Leftovers {

    /** Held by the backup that fills a directory. */
    static final String LOCK = "backup.lock";

    private static final int ID_LENGTH = 16;
    private static final Pattern OURS =
            Pattern.compile("[0-9a-f]{16}\\.([A-Za-z0-9_][A-Za-z0-9._-]*\\.(qdb|use)|[0-9a-f]{8}\\.qlog|manifest)");

    private Leftovers() {}

    /** Whether a file of that name may be one; a published manifest is none. */
    static boolean isOne(String name) {
        return name.equals(LOCK) || OURS.matcher(name).matches();
    }

    /** Whether a file of that name may belong to a set of backups, published or not. */
    static boolean isOfSet(String name) {
        return isOne(name) || name.equals(Manifest.FILE) || BackupSet.isMember(name);
    }

    /**
     * Deletes them, but for the files of those that are {@code published}; the caller has seen that there is nothing
     * else, and holds the lock.
     */
    static void clear(Storage storage, Path directory, Set<String> published) {
        List<String> names = storage.list(directory).stream()
                .filter(name -> !name.equals(LOCK) && isOne(name))
                .filter(name -> !published.contains(name.substring(0, ID_LENGTH)))
                .toList();
        if (!names.isEmpty()) {
            names.forEach(name -> storage.delete(directory.resolve(name)));
            storage.forceDirectory(directory);
        }
    }
}

package dev.quire.backup;

import dev.quire.io.Storage;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Files of a backup that was never published: they carry its id in their names, and no manifest. The next backup to that
 * directory clears them away; anything that does not look exactly like one of them is somebody else's.
 */
final class Leftovers {

    private static final Pattern OURS = Pattern.compile("[0-9a-f]{16}\\.([A-Za-z0-9_][A-Za-z0-9._-]*\\.(qdb|use|qlog)|manifest)");

    private Leftovers() {}

    /** Deletes them, unless a manifest is there or there is anything else. */
    static void clear(Storage storage, Path directory) {
        List<String> names = storage.list(directory);
        boolean allOurs = names.stream().allMatch(name -> OURS.matcher(name).matches());
        if (names.isEmpty() || !allOurs) {
            return;
        }
        names.forEach(name -> storage.delete(directory.resolve(name)));
        storage.forceDirectory(directory);
    }
}

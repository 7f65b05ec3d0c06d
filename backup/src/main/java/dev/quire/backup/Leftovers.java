package dev.quire.backup;

import dev.quire.io.Storage;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Files of a backup that was never published. A backup makes its mark, {@code ID.manifest}, before any other file, and
 * publishing renames it: so files with an id in their names belong to a published backup, or there is the mark, or a
 * manifest was lost. The next backup to that directory clears away what is marked; nothing else is ours to delete.
 */
final class Leftovers {

    /** Held by the backup that fills a directory. */
    static final String LOCK = "backup.lock";

    private static final Pattern OURS =
            Pattern.compile("([0-9a-f]{16})\\.([A-Za-z0-9_][A-Za-z0-9._-]*\\.(?:qdb|use)|[0-9a-f]{8}\\.qlog|manifest)");

    private Leftovers() {}

    /** Whether a file of that name may belong to a set of backups, published or not. */
    static boolean isOfSet(String name) {
        return name.equals(LOCK)
                || OURS.matcher(name).matches()
                || name.equals(Manifest.FILE)
                || BackupSet.isMember(name);
    }

    /** Whether it can be the identity of a backup. */
    static boolean isId(String id) {
        return isOf(Set.of(id), id + '.' + Manifest.MARK);
    }

    /** Whether a file of the backup {@code id} may have that name, one of pages or log. */
    static boolean isFileOf(String id, String name) {
        return isOf(Set.of(id), name) && !isMark(name);
    }

    /** Whether there is nothing but what backups have left that were never published. */
    static boolean areAll(List<String> names) {
        return names.stream().allMatch(among(names));
    }

    /** Which of them backups have left that were never published. */
    static Predicate<String> among(List<String> names) {
        Set<String> marked = marked(names);
        return name -> name.equals(LOCK) || isOf(marked, name);
    }

    /** The identities of which there are files without a mark: their manifest is there, or was lost. */
    static Set<String> published(List<String> names) {
        Set<String> ids = new TreeSet<>();
        for (String name : names) {
            Matcher ours = OURS.matcher(name);
            if (ours.matches()) {
                ids.add(ours.group(1));
            }
        }
        ids.removeAll(marked(names));
        return ids;
    }

    /**
     * Deletes them, but for the files of those that are {@code published} whatever their marks say; the caller holds
     * the lock. The marks go last: without its mark, a file would pass for one of a backup whose manifest was lost.
     */
    static void clear(Storage storage, Path directory, Set<String> published) {
        List<String> names = storage.list(directory);
        Set<String> marked = marked(names);
        marked.removeAll(published);
        delete(
                storage,
                directory,
                names.stream().filter(name -> isOf(marked, name)).toList());
    }

    /** Deletes files of marked backups, and then the marks. */
    static void delete(Storage storage, Path directory, List<String> names) {
        List<String> others = names.stream().filter(name -> !isMark(name)).toList();
        others.forEach(name -> storage.delete(directory.resolve(name)));
        if (!others.isEmpty()) {
            storage.forceDirectory(directory);
        }
        List<String> marks = names.stream().filter(Leftovers::isMark).toList();
        marks.forEach(name -> storage.delete(directory.resolve(name)));
        if (!marks.isEmpty()) {
            storage.forceDirectory(directory);
        }
    }

    private static boolean isOf(Set<String> ids, String name) {
        Matcher ours = OURS.matcher(name);
        return ours.matches() && ids.contains(ours.group(1));
    }

    private static boolean isMark(String name) {
        return name.endsWith('.' + Manifest.MARK) && OURS.matcher(name).matches();
    }

    private static Set<String> marked(List<String> names) {
        Set<String> ids = new TreeSet<>();
        names.stream().filter(Leftovers::isMark).forEach(name -> ids.add(name.substring(0, name.indexOf('.'))));
        names.stream().filter(BackupSet::isMember).forEach(name -> ids.remove(name.substring(0, name.indexOf('.'))));
        return ids;
    }
}

package dev.quire.durable;

import java.nio.file.Path;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The names of an instance's files. A database's name becomes a file's name, and may come out of a file that somebody
 * else wrote: so it is an identifier that no file system can take for a path, or it is refused.
 *
 * <pre>
 *   DIR/quire.lock          held while the instance is open
 *   DIR/quire.chk           the checkpoint file; an instance exists from the moment it is here
 *   DIR/quire.guard         copies of pages against torn writes
 *   DIR/log/0000000a.qlog   generations of the log
 *   DIR/NAME.qdb            databases
 * </pre>
 */
public final class Names {

    /** Keeps a second opener out. */
    public static final String LOCK = "quire.lock";

    /** Where recovery starts. */
    public static final String CHECKPOINT = "quire.chk";

    /** Copies of pages that are being written. */
    public static final String GUARD = "quire.guard";

    /** The directory of the log. */
    public static final String LOG = "log";

    /** Behind the name of a database. */
    public static final String DATABASE_EXTENSION = ".qdb";

    /** Behind the name of a file that is being made. */
    public static final String TEMPORARY_EXTENSION = ".tmp";

    /** Behind the name of a directory that a restore is about to make an instance: the lock that it holds. */
    public static final String RESTORING_LOCK_EXTENSION = ".restoring.lock";

    /** What {@link #isDatabaseName} allows, in words. */
    public static final String DATABASE_RULE =
            "1 to 64 letters, digits, '.', '_' or '-', the first neither '.' nor '-',"
                    + " the last no '.', and not what a system reserves";

    private static final Pattern DATABASE = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9._-]{0,63}");
    private static final Set<String> RESERVED = Set.of("con", "prn", "aux", "nul", "quire");
    private static final Pattern DEVICE = Pattern.compile("(com|lpt)[0-9]");

    private Names() {}

    /** Whether {@code name} can name a database: letters, digits, '.', '_' and '-', at most 64, not a device. */
    public static boolean isDatabaseName(String name) {
        if (!DATABASE.matcher(name).matches() || name.endsWith(".")) {
            return false;
        }
        String stem = name.toLowerCase(java.util.Locale.ROOT).split("\\.", 2)[0];
        return !RESERVED.contains(stem) && !DEVICE.matcher(stem).matches();
    }

    /** The file of a database whose name was judged. */
    public static Path database(Path directory, String name) {
        if (!isDatabaseName(name)) {
            throw new IllegalArgumentException("name=" + name);
        }
        return directory.resolve(name + DATABASE_EXTENSION);
    }
}

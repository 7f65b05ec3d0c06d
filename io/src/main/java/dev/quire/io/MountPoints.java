package dev.quire.io;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where another file system begins, or another place of the same one: a directory there is busy and keeps its name.
 * Devices that differ tell of the first; of the second only the list that Linux has of its mounts.
 */
final class MountPoints {

    private static final Path MOUNTS = Path.of("/proc/self/mountinfo");
    private static final int PLACE_FIELD = 4;
    private static final int OCTAL = 8;
    /** A space, tab, line end or backslash. */
    private static final Pattern ESCAPED = Pattern.compile("\\\\([0-7]{3})");

    private MountPoints() {}

    /** Whether a directory, given as it really is, is one. */
    static boolean isOne(Path directory) throws IOException {
        Path above = directory.getParent();
        if (above == null || !device(directory).equals(device(above))) {
            return true;
        }
        try {
            return isListed(directory, Files.readAllLines(MOUNTS));
        } catch (IOException none) {
            return false; // no Linux, or one that does not show it; whoever renames will hear of it
        }
    }

    private static Object device(Path path) throws IOException {
        return path.getFileSystem().supportedFileAttributeViews().contains("unix")
                ? Files.getAttribute(path, "unix:dev", LinkOption.NOFOLLOW_LINKS)
                : "";
    }

    /** Whether the lines of Linux's {@code mountinfo} name it. */
    static boolean isListed(Path directory, List<String> lines) {
        return lines.stream()
                .map(line -> line.split(" ", PLACE_FIELD + 2))
                .anyMatch(fields -> fields.length > PLACE_FIELD
                        && unescaped(fields[PLACE_FIELD]).equals(directory.toString()));
    }

    private static String unescaped(String field) {
        return ESCAPED.matcher(field)
                .replaceAll(
                        found -> Matcher.quoteReplacement(Character.toString(Integer.parseInt(found.group(1), OCTAL))));
    }
}

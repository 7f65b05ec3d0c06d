package dev.quire.cli;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * The regular files below a directory, in the order of their names, keyed by their path from there with {@code /}.
 * Links
 * and everything else that is neither file nor directory are passed over: a link may lead anywhere, a pipe may never
 * end.
 */
final class FileTree {

    private static final int HEX = 16;
    private static final int ESCAPE_CHARS = 3;

    /** Takes one file. */
    @FunctionalInterface
    interface Visitor {
        /** {@code bytes}: its size when it was looked at. */
        void file(Path file, byte[] key, long bytes) throws IOException;
    }

    private final Path except;
    private final String prefix;
    private final Path root;
    private long skipped;

    /** Below {@code root}, but not in {@code except}: an instance does not load itself. */
    FileTree(Path root, Path except) throws IOException {
        this.root = root.toRealPath();
        this.except = Files.exists(except) ? except.toRealPath() : except;
        String uri = this.root.toUri().getRawPath();
        this.prefix = uri.endsWith("/") ? uri : uri + '/';
    }

    /** Goes through all of it. */
    void walk(Visitor visitor) throws IOException {
        skipped = 0;
        walk(root, visitor);
    }

    /** What the last walk passed over. */
    long skipped() {
        return skipped;
    }

    private void walk(Path directory, Visitor visitor) throws IOException {
        List<Path> entries = new ArrayList<>();
        try (DirectoryStream<Path> stream = Files.newDirectoryStream(directory)) {
            stream.forEach(entries::add);
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        Collections.sort(entries);
        for (Path entry : entries) {
            BasicFileAttributes found =
                    Files.readAttributes(entry, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            if (found.isRegularFile()) {
                visitor.file(entry, key(entry), found.size());
            } else if (found.isDirectory() && !entry.equals(except)) {
                walk(entry, visitor);
            } else {
                skipped++;
            }
        }
    }

    /**
     * The bytes of the name on the disk. A name need not be text in the platform's encoding, and two that are not may
     * decode to the same string; a URI has the bytes themselves.
     */
    private byte[] key(Path file) {
        String path = file.toUri().getRawPath().substring(prefix.length());
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        int at = 0;
        while (at < path.length()) {
            if (path.charAt(at) == '%') {
                bytes.write(Integer.parseInt(path.substring(at + 1, at + ESCAPE_CHARS), HEX));
                at += ESCAPE_CHARS;
            } else {
                int c = path.codePointAt(at);
                bytes.writeBytes(Character.toString(c).getBytes(StandardCharsets.UTF_8));
                at += Character.charCount(c);
            }
        }
        return bytes.toByteArray();
    }
}

package dev.quire.cli;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * The files of the JDK that runs this, as its {@code jrt:/} file system has them: some thirty thousand, of all sizes,
 * that
 * everybody has and nobody changes. Keyed by module and path, {@code java.base/java/lang/Object.class}.
 */
final class JdkImage {

    private static final String MODULES = "/modules";

    /**
     * One file.
     *
     * @param name its key
     * @param bytes its size
     */
    record Entry(String name, long bytes) {

        byte[] key() {
            return name.getBytes(StandardCharsets.UTF_8);
        }
    }

    private final Path root = FileSystems.getFileSystem(URI.create("jrt:/")).getPath(MODULES);

    /** At most {@code limit} of the files, in the order of their names. */
    List<Entry> entries(long limit) throws IOException {
        List<Entry> entries = new ArrayList<>();
        try (Stream<Path> files = Files.walk(root)) {
            for (Path file : (Iterable<Path>) files.filter(Files::isRegularFile)::iterator) {
                entries.add(new Entry(root.relativize(file).toString(), Files.size(file)));
            }
        }
        entries.sort(Comparator.comparing(Entry::name));
        return entries.subList(0, (int) Math.min(limit, entries.size()));
    }

    /** Its bytes. */
    byte[] read(Entry entry) throws IOException {
        return Files.readAllBytes(root.resolve(entry.name()));
    }
}

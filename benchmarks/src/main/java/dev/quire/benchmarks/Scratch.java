package dev.quire.benchmarks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * The directory in which everything happens, and plain files in it for the baselines. With {@value #DIRECTORY} set it
 * is that one, and what is costly to make stays in it for the next fork; otherwise each fork has one of its own.
 */
final class Scratch {

    /** System property: a directory on the disk to be measured. */
    static final String DIRECTORY = "quire.bench.dir";

    private static final int CHUNK_BYTES = 256 * 1024;

    private Scratch() {}

    /** Whether what is made here outlives the fork. */
    static boolean isKept() {
        return System.getProperty(DIRECTORY) != null;
    }

    /** A path of that name; nothing is there unless an earlier fork has kept something. */
    static Path path(String name) {
        String base = System.getProperty(DIRECTORY);
        try {
            return base == null
                    ? Files.createTempDirectory("quire-bench-").resolve(name)
                    : Files.createDirectories(Path.of(base)).resolve(name);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A path of that name at which nothing is. */
    static Path fresh(String name) {
        Path path = path(name);
        delete(path);
        return path;
    }

    /** Deletes a file or a tree, if it is there. */
    static void delete(Path path) {
        if (!Files.exists(path)) {
            return;
        }
        try (Stream<Path> all = Files.walk(path)) {
            for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(each);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The files of a directory and of those in it. */
    static List<Path> files(Path directory) throws IOException {
        try (Stream<Path> all = Files.walk(directory)) {
            return all.filter(Files::isRegularFile).sorted().toList();
        }
    }

    /** A file of {@code bytes} written bytes, zero or by chance, that is on the disk. The channel is open for both. */
    static FileChannel filled(Path path, long bytes, boolean zero) throws IOException {
        FileChannel file = written(path, bytes, zero);
        file.force(true);
        return file;
    }

    /** The same, but it may be in the system's cache alone. */
    static FileChannel written(Path path, long bytes, boolean zero) throws IOException {
        delete(path);
        FileChannel file = FileChannel.open(
                path, StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE);
        ByteBuffer chunk = ByteBuffer.allocateDirect(CHUNK_BYTES);
        for (long done = 0; done < bytes; done += chunk.limit()) {
            chunk.clear().limit((int) Math.min(CHUNK_BYTES, bytes - done));
            for (int i = 0; !zero && i + Long.BYTES <= chunk.limit(); i += Long.BYTES) {
                chunk.putLong(i, Records.mix(done + i));
            }
            for (long at = done; chunk.hasRemaining(); ) {
                at += file.write(chunk, at);
            }
        }
        return file;
    }

    /** A map of {@code file} for reading, every page of it touched. */
    static MappedByteBuffer mapped(FileChannel file) throws IOException {
        return file.map(FileChannel.MapMode.READ_ONLY, 0, file.size()).load();
    }
}

package dev.quire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quire.io.FileStorage;
import dev.quire.io.page.DatabaseHeaderLayout;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Files that a version wrote must open in every later one, with what they hold. The files of a version are in {@code
 * golden/format-N.zip}. When the format gets a new version, and only then, {@link GoldenFiles#main} makes its files:
 *
 * <pre>
 *   java -cp (the tests' class path of core) dev.quire.GoldenFiles core/src/test/resources/golden
 * </pre>
 */
class GoldenFilesTest {

    private static final long UNPACKED_BYTES_MAX = 200 << 20;

    /** Every version there has been. */
    static IntStream versions() {
        return IntStream.rangeClosed(1, DatabaseHeaderLayout.FORMAT_VERSION);
    }

    @ParameterizedTest
    @MethodSource("versions")
    void whatWasClosedMustOpenWithAllItHolds(int version, @TempDir Path directory) throws IOException {
        opened(version, directory, GoldenFiles.CLOSED, GoldenFiles::judgeClosed);
    }

    @ParameterizedTest
    @MethodSource("versions")
    void whatACrashLeftMustBeRecoveredFromLogAndGuard(int version, @TempDir Path directory) throws IOException {
        opened(version, directory, GoldenFiles.CRASHED, GoldenFiles::judgeCrashed);
    }

    /** Opens it, judges it, and opens it once more: what was recovered and closed must be there, too. */
    private static void opened(int version, Path directory, String name, Consumer<Instance> judge) throws IOException {
        unpack(version, directory, name + '/');
        Path home = directory.resolve(name);
        try (Instance instance =
                GoldenFiles.config(FileStorage.instance(), home, 1_000).open()) {
            judge.accept(instance);
        }
        try (Instance instance =
                GoldenFiles.config(FileStorage.instance(), home, 2_000).open()) {
            assertTrue(instance.recovery().clean());
            assertEquals(0, instance.check().faults().size());
        }
    }

    private static void unpack(int version, Path to, String prefix) throws IOException {
        String resource = "/golden/format-" + version + ".zip";
        try (InputStream packed = GoldenFilesTest.class.getResourceAsStream(resource)) {
            assertNotNull(packed, resource);
            ZipInputStream zip = new ZipInputStream(packed);
            long bytes = 0;
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                if (entry.getName().startsWith(prefix)) {
                    Path file = to.resolve(entry.getName()).normalize();
                    assertTrue(file.startsWith(to), entry.getName());
                    Files.createDirectories(file.getParent());
                    bytes += Files.copy(zip, file);
                    assertTrue(bytes < UNPACKED_BYTES_MAX, "bytes=" + bytes);
                }
            }
            assertTrue(bytes > 0, "nothing of " + prefix + " in " + resource);
        }
    }
}

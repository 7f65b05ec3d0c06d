package dev.quire.backup;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.io.TempDir;

/** A plain JDK is enough: a JVM with no flags, and one that is told to refuse what a later one will refuse anyway. */
class PlainJdkTest {

    @Test
    void noFlagMustBeNeeded(@TempDir Path directory) throws Exception {
        run(directory.resolve("plain"), List.of());
    }

    @Test
    @EnabledForJreRange(minVersion = 24)
    void nothingMustBeAskedThatANewerJdkDenies(@TempDir Path directory) throws Exception {
        run(directory.resolve("denied"), List.of("--sun-misc-unsafe-memory-access=deny"));
    }

    private static void run(Path directory, List<String> flags) throws Exception {
        Files.createDirectory(directory);
        Process process = ChildProcess.of(flags, "once", directory.toString()).start();
        process.getOutputStream().close();
        assertEquals("", ChildProcess.text(process));
        assertEquals(0, process.waitFor());
    }
}

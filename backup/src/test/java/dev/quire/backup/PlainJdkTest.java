package dev.quire.backup;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.io.TempDir;

/**
 * A plain JDK is enough, on the class path and on the module path: a JVM with no flags, and one that is told to refuse
 * what a later one will refuse anyway.
 */
class PlainJdkTest {

    private static final List<String> DENIED =
            List.of("--sun-misc-unsafe-memory-access=deny", "--illegal-native-access=deny");

    @TempDir
    private Path directory;

    @Test
    void noFlagMustBeNeeded() throws Exception {
        run(ChildProcess.of(List.of(), "once", directory.toString()));
    }

    @Test
    void noFlagMustBeNeededOnTheModulePath() throws Exception {
        runAsModules(List.of());
    }

    @Test
    void noFlightRecorderMustBeNeeded() throws Exception {
        List<String> without = List.of("--limit-modules", "java.base,java.logging,jdk.unsupported");
        run(ChildProcess.of(without, "once", directory.toString()));
    }

    @Test
    @EnabledForJreRange(minVersion = 24)
    void nothingMustBeAskedThatANewerJdkDenies() throws Exception {
        run(ChildProcess.of(DENIED, "once", directory.toString()));
    }

    @Test
    @EnabledForJreRange(minVersion = 24)
    void nothingMustBeAskedThatANewerJdkDeniesOnTheModulePath() throws Exception {
        runAsModules(DENIED);
    }

    private void runAsModules(List<String> flags) throws Exception {
        Path jars = Files.createDirectory(directory.resolve("jars"));
        Path home = Files.createDirectory(directory.resolve("home"));
        run(ChildProcess.of(flags, new ModulePath(jars).options(), "once", home.toString()));
    }

    private static void run(ProcessBuilder child) throws Exception {
        Process process = child.start();
        process.getOutputStream().close();
        assertEquals("", ChildProcess.text(process));
        assertEquals(0, process.waitFor());
    }
}

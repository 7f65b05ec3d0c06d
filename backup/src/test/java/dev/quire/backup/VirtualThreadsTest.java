package dev.quire.backup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A lock held over I/O, or a wait that is none, and the few carriers of virtual threads are used up for good. */
class VirtualThreadsTest {

    @ParameterizedTest
    @ValueSource(ints = {1, 4})
    @EnabledForJreRange(minVersion = 21)
    void aFewCarriersMustBeEnough(int carriers, @TempDir Path directory) throws Exception {
        Files.createDirectory(directory.resolve("v"));
        List<String> flags = List.of(
                "-Djdk.virtualThreadScheduler.parallelism=" + carriers,
                "-Djdk.virtualThreadScheduler.maxPoolSize=" + carriers);
        Process process = ChildProcess.of(
                        flags, "virtual", directory.resolve("v").toString())
                .redirectError(directory.resolve("errors").toFile())
                .start();
        boolean ended = process.waitFor(100, TimeUnit.SECONDS);
        process.destroyForcibly();
        assertTrue(ended, "hangs with carriers=" + carriers);
        assertEquals("", Files.readString(directory.resolve("errors")));
        assertEquals(0, process.exitValue());
    }
}

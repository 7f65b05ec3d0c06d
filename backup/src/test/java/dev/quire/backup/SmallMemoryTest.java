package dev.quire.backup;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A process with little memory: refusals by name, no lost commit, and everything works again afterwards. */
class SmallMemoryTest {

    @ParameterizedTest
    @CsvSource({"budget, 24m, 24m", "budget, 32m, 40m", "default, 40m, 48m"})
    void whatThereIsMustDoOrBeRefusedByName(String what, String heap, String direct, @TempDir Path directory)
            throws Exception {
        Files.createDirectory(directory.resolve("s"));
        List<String> flags = List.of("-Xmx" + heap, "-XX:MaxDirectMemorySize=" + direct);
        Process process = ChildProcess.of(flags, "small", directory.resolve("s").toString(), what)
                .start();
        process.getOutputStream().close();
        assertEquals("", ChildProcess.text(process));
        assertEquals(0, process.waitFor());
    }
}

package dev.quire.backup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quire.Instance;
import dev.quire.WriteTransaction;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two processes that write one log write none. */
class TwoProcessesTest {

    @Test
    void oneInstanceMustNotBeOpenInTwoProcesses(@TempDir Path directory) throws Exception {
        try (Instance instance = Child.open(directory)) {
            // Twice: he who is turned away must not take the lock along when he ends.
            for (int i = 0; i < 2; i++) {
                Process second = second(directory);
                String said = ChildProcess.text(second);
                assertTrue(said.contains("SYSTEM_PATH_IN_USE") && said.contains("another process"), said);
                assertEquals(1, second.waitFor());
            }
            instance.createDatabase("mine");
            try (WriteTransaction tx = instance.beginWrite()) {
                tx.createTable(instance.database("mine"), "t").put(new byte[] {1}, new byte[] {2});
                tx.commit();
            }
        }
        Process after = second(directory);
        assertEquals("", ChildProcess.text(after));
        assertEquals(0, after.waitFor());
    }

    private static Process second(Path directory) throws Exception {
        Process process =
                ChildProcess.of(List.of(), "once", directory.toString()).start();
        process.getOutputStream().close();
        return process;
    }
}

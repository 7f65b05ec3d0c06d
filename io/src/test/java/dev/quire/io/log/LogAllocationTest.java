package dev.quire.io.log;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.management.ThreadMXBean;
import dev.quire.io.FileStorage;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A committer leaves nothing for the garbage collector. */
class LogAllocationTest {

    private static final int ROUNDS = 400;

    @TempDir
    Path directory;

    private static long allocated() {
        return ((ThreadMXBean) ManagementFactory.getThreadMXBean())
                .getThreadAllocatedBytes(Thread.currentThread().getId());
    }

    private static void commit(LogWriter log, ByteBuffer bytes) {
        log.append(1, bytes, 0, bytes.capacity());
        log.await(log.appended());
    }

    private void assertNothing(LogSettings settings) {
        assumeTrue(ManagementFactory.getThreadMXBean() instanceof ThreadMXBean);
        Slots slots = Slots.plant(TestLog.disk());
        ByteBuffer bytes = ByteBuffer.allocate(100);
        try (LogWriter log = LogWriter.create(settings, slots)) {
            for (int i = 0; i < ROUNDS; i++) {
                commit(log, bytes);
            }
            long before = allocated();
            for (int i = 0; i < ROUNDS; i++) {
                commit(log, bytes);
            }
            long each = (allocated() - before) / ROUNDS;
            assertTrue(each < 16, "bytes per commit: " + each);
        }
    }

    @Test
    void steadyCommitsMustNotAllocate() {
        assertNothing(new LogSettings(FileStorage.instance(), directory, 1, 4 << 20, true));
    }

    @Test
    void steadyCommitsWithoutALogThreadMustNotAllocate() {
        assertNothing(new LogSettings(FileStorage.instance(), directory, 1, 4 << 20, false));
    }
}

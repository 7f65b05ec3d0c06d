package dev.quire.backup;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.quire.durable.EngineThreads;
import dev.quire.io.StoreFile;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Fear: a commit waits behind all that a backup has given the disk, or a backup goes slowly although nobody writes. */
class ForcesTest {

    private static final int MIB = 1 << 20;

    private final AtomicInteger forced = new AtomicInteger();
    private final StoreFile file = Proxies.proxy(StoreFile.class, (method, arguments) -> {
        assertEquals("force", method.getName());
        forced.incrementAndGet();
        return null;
    });

    @Test
    void besideSomebodyWhoWritesEachMebibyteMustBeForcedBeforeTheNextIsMoved() {
        AtomicInteger log = new AtomicInteger();
        try (EngineThreads threads = new EngineThreads(true, "test");
                Forces forces = new Forces(threads, log::incrementAndGet)) {
            for (int moved = 1; moved <= 4; moved++) {
                forces.moved(file, MIB);
                assertEquals(moved, forced.get());
            }
        }
    }

    @Test
    void whileNobodyWritesNothingMustBeForcedBeforeThereIsEnough() {
        try (EngineThreads threads = new EngineThreads(true, "test");
                Forces forces = new Forces(threads, () -> 4711)) {
            for (int moved = 1; moved < 8; moved++) {
                forces.moved(file, MIB);
            }
            forces.await();
            assertEquals(0, forced.get());
            forces.moved(file, MIB);
            forces.await();
            assertEquals(1, forced.get());
        }
    }
}

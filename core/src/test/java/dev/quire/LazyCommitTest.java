package dev.quire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quire.durable.Engine;
import dev.quire.durable.EngineThreads;
import org.junit.jupiter.api.Test;

/** A lazy commit becomes durable by itself, soon. */
class LazyCommitTest {

    private static final long CHECKPOINT_INTERVAL_MS = 100;
    private static final int PAUSES_MAX = 12_000;

    /** Fear: whoever makes it durable is the one who writes checkpoints, and a checkpoint may take long. */
    @Test
    void itMustBecomeDurableWhileACheckpointGoesOn() {
        Instance instance = SimInstances.config(SimInstances.disk(), SimInstances.HERE, 1)
                .background(true)
                .checkpointIntervalMs(CHECKPOINT_INTERVAL_MS)
                .open();
        Engine engine = instance.engine();
        Database database = instance.createDatabase("db");
        engine.checkpointer().hold();
        try {
            EngineThreads.pause(4 * CHECKPOINT_INTERVAL_MS); // by now one is due, and cannot go on
            try (WriteTransaction tx = instance.beginWrite()) {
                tx.createTable(database, "t");
                tx.commit(Durability.LAZY);
            }
            long commit = engine.versions().clock().published();
            for (int i = 0; i < PAUSES_MAX && engine.versions().clock().durable() < commit; i++) {
                EngineThreads.pause(1);
            }
            assertEquals(commit, engine.versions().clock().durable());
        } finally {
            engine.checkpointer().resume();
            instance.close();
        }
        assertTrue(engine.poison().cause() == null);
    }
}

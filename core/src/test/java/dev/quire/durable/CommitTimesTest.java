package dev.quire.durable;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quire.Instance;
import dev.quire.WriteTransaction;
import dev.quire.io.log.GenerationInfo;
import dev.quire.io.log.LogFiles;
import dev.quire.io.sim.SimDisk;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** A clock that goes back, most of all while nobody has the instance open. */
class CommitTimesTest {

    private static final Path HERE = Path.of("/sim/here").toAbsolutePath();

    private final SimDisk disk = new SimDisk(HERE.getParent());
    private final AtomicLong clock = new AtomicLong(5_000_000);
    private final AtomicLong random = new AtomicLong();
    private int key;

    private Instance open() {
        return Instance.configure(HERE)
                .storage(disk)
                .background(false)
                .pageBytes(4096)
                .memoryBytes(8 << 20)
                .logGenerationBytes(1 << 20)
                .guardHalfBytes(256 << 10)
                .circularLogging(false)
                .clock(() -> clock.addAndGet(-1_000))
                .random(random::incrementAndGet)
                .open();
    }

    private void commit(Instance instance) {
        try (WriteTransaction tx = instance.beginWrite()) {
            tx.openOrCreateTable(instance.database("db"), "t").put(new byte[] {(byte) key++}, new byte[] {1});
            tx.commit();
        }
    }

    private void makeDatabase() {
        try (Instance instance = open()) {
            instance.createDatabase("db");
        }
    }

    /** Of every commit in the log, up to the generation that is being written. */
    private List<Long> times(Instance instance) {
        Path log = HERE.resolve(Names.LOG);
        long signature = instance.engine().slot().signature();
        int current = instance.engine().log().roll();
        List<Long> times = new ArrayList<>();
        for (int generation = 1; generation < current; generation++) {
            GenerationInfo info = LogFiles.start(disk, LogFiles.path(log, generation + 1), signature, generation + 1)
                    .previous();
            LogFiles.read(
                    disk, LogFiles.path(log, generation), signature, info, (lsn, type, buffer, offset, length) -> {
                        if (type == RecordLayout.COMMIT) {
                            times.add(buffer.getLong(offset + RecordLayout.COMMIT_TIME_OFFSET));
                        }
                    });
        }
        return times;
    }

    private static void inOrder(List<Long> times, int count) {
        assertEquals(count, times.size());
        assertEquals(times.stream().sorted().toList(), times);
        assertTrue(times.get(0) > 0);
    }

    @Test
    void commitTimesMustNotGoBackOverACleanClose() {
        makeDatabase();
        for (int session = 0; session < 3; session++) {
            try (Instance instance = open()) {
                commit(instance);
            }
        }
        try (Instance instance = open()) {
            inOrder(times(instance), 3);
        }
    }

    @Test
    void norOverACrashThatFindsNothingToRedo() {
        makeDatabase();
        for (int session = 0; session < 3; session++) {
            Instance instance = open();
            commit(instance);
            instance.checkpoint();
            instance.halt();
        }
        try (Instance instance = open()) {
            inOrder(times(instance), 3);
        }
    }

    @Test
    void aSlotFromBeforeTimesStoodInItMustBeTakenForNotKnown() {
        CheckpointSlot slot = new CheckpointSlot(1, 2, 3, 4, 5, true, false, 6, 1 << 20, 0, List.of());
        assertEquals(0, CheckpointSlot.decode(slot.encode()).commitTimeMs());
    }
}

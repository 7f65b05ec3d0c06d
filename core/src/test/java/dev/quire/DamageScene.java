package dev.quire;

import dev.quire.durable.Names;
import dev.quire.io.log.LogFiles;
import dev.quire.io.log.LogSettings;
import dev.quire.io.log.LogSurvey;
import dev.quire.io.page.PageHeader;
import dev.quire.io.page.PageLayout;
import dev.quire.io.sim.SimDisk;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * An instance at rest that has a page of every type and several closed generations: as an orderly end leaves it, as a
 * crash does, and as one does that tore a page.
 */
final class DamageScene {

    static final Path DATABASE = SimInstances.HERE.resolve("db.qdb");
    static final Path SLOTS = SimInstances.HERE.resolve(Names.CHECKPOINT);
    static final Path GUARD = SimInstances.HERE.resolve(Names.GUARD);
    static final int PAGE_BYTES = 4096;

    /** Closed in order: generations 1 and 2 are closed, nothing needs them. */
    final SimDisk closed;

    /** Ended by a crash before the first checkpoint: generation 1 is closed, and redo starts in it. */
    final SimDisk halted;

    /** Ended by a crash behind a checkpoint that wrote the raw page, which is not what was written. */
    final SimDisk torn;

    /** What {@link #closed} and {@link #halted} hold. */
    final long digest;

    /** What {@link #torn} holds. */
    final long tornDigest;

    /** A page of each type in the database, the last one. */
    final Map<Integer, Integer> pages;

    DamageScene() {
        SimDisk disk = SimInstances.disk();
        StateModel model = new StateModel();
        Instance instance = open(disk, 1);
        instance.createDatabase("db");
        model.databases.put("db", new StateModel.OfDatabase());
        commit(instance, model, s -> s.fill("db", "t", "k", 0, 150, 100));
        commit(instance, model, s -> s.put("db", "t", "long", StateModel.noise(1, 20_000)));
        commit(instance, model, s -> s.put("db", "t", "longer", StateModel.noise(2, 40_000)));
        String prefix = "x".repeat(400); // few keys in a branch, so that there is one below the root
        commit(instance, model, s -> s.fill("db", "high", prefix, 0, 60, 300));
        commit(instance, model, s -> s.allocate("db", 3));
        instance.engine().log().roll();
        commit(instance, model, s -> s.fill("db", "t", "k", 20, 30, 90));
        commit(instance, model, s -> s.fill("db", "t", "k", 30, 40, 90));
        digest = model.digest();
        halted = disk.processCrashImage(disk.operationCount());
        instance.engine().log().roll();
        instance.close();
        closed = disk.processCrashImage(disk.operationCount());
        pages = pagesByType(closed.contents(DATABASE));

        Instance again = open(disk, 2);
        int raw = pages.get(PageLayout.TYPE_RAW);
        commit(again, model, s -> s.modify("db", raw, 100, 50, 9).fill("db", "t", "k", 40, 42, 80));
        again.checkpoint();
        again.halt();
        tornDigest = model.digest();
        torn = disk.processCrashImage(disk.operationCount());
        torn.corrupt(DATABASE, (long) raw * PAGE_BYTES + 3_000, 0xFF);
    }

    private static Instance open(SimDisk disk, long seed) {
        return SimInstances.config(disk, SimInstances.HERE, seed)
                .circularLogging(false)
                .open();
    }

    private static void commit(Instance instance, StateModel model, Consumer<Step> change) {
        try (WriteTransaction tx = instance.beginWrite()) {
            change.accept(new Step(instance, tx, model));
            tx.commit();
        }
    }

    static Path generation(int number) {
        return LogFiles.path(SimInstances.HERE.resolve(Names.LOG), number);
    }

    /** The log of a disk from a generation on, as it is found. */
    static LogSurvey log(SimDisk disk, int from) {
        long signature = LogFiles.start(disk, generation(from)).signature();
        LogSettings settings = new LogSettings(
                disk, SimInstances.HERE.resolve(Names.LOG), signature, SimInstances.GENERATION_BYTES, false);
        return LogSurvey.of(settings, from, 0, 0);
    }

    private static Map<Integer, Integer> pagesByType(byte[] database) {
        Map<Integer, Integer> found = new TreeMap<>();
        ByteBuffer buffer = ByteBuffer.wrap(database).order(ByteOrder.LITTLE_ENDIAN);
        for (int page = 2; page < database.length / PAGE_BYTES; page++) {
            int type = PageHeader.type(buffer, page * PAGE_BYTES);
            if (type != 0 && PageHeader.number(buffer, page * PAGE_BYTES) == page) {
                found.put(type, page);
            }
        }
        return found;
    }

    /** Where the guard's entry for a page stands, and where the copy. Places are those of FORMAT.md. */
    long[] guardEntry(int page) {
        ByteBuffer guard = ByteBuffer.wrap(torn.contents(GUARD)).order(ByteOrder.LITTLE_ENDIAN);
        for (int entry = 64; entry < 4096; entry += 64) {
            if (guard.getLong(entry + 16) == page && guard.getInt(entry + 44) == PAGE_BYTES) {
                return new long[] {entry, guard.getInt(entry + 40)};
            }
        }
        throw new IllegalStateException("no copy of page " + page);
    }
}

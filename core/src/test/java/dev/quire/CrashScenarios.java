package dev.quire;

import java.util.LinkedHashMap;
import java.util.Map;

/** The scripts that are crashed at every operation: each short, together everything that writes to the disk. */
final class CrashScenarios {

    private static final String DB = "db";
    private static final String T = "t";

    private CrashScenarios() {}

    static Map<String, ScenarioRun.Script> all() {
        Map<String, ScenarioRun.Script> all = new LinkedHashMap<>();
        all.put("raw pages", CrashScenarios::rawPages);
        all.put("group force", CrashScenarios::groupForce);
        all.put("splits and merges", CrashScenarios::splitsAndMerges);
        all.put("file growth", CrashScenarios::fileGrowth);
        all.put("long values", CrashScenarios::longValues);
        all.put("extents and pages", CrashScenarios::extentsAndPages);
        all.put("checkpoints", CrashScenarios::checkpoints);
        all.put("guard half reused", CrashScenarios::guardHalfReused);
        all.put("log roll", CrashScenarios::logRoll);
        all.put("recycled log", CrashScenarios::recycledLog);
        all.put("databases come and go", CrashScenarios::databases);
        all.put("attached from elsewhere", CrashScenarios::attachedFromElsewhere);
        all.put("clean close", CrashScenarios::cleanClose);
        all.put("checkpoint held back", CrashScenarios::heldBack);
        return all;
    }

    static void rawPages(ScenarioRun run) {
        run.open();
        run.create(DB);
        long[] page = new long[4];
        run.commit(s -> page[0] = s.allocate(DB, 1));
        run.commit(s -> {
            page[1] = s.allocate(DB, 2);
            s.modify(DB, page[0], 100, 700, 3);
        });
        run.abort(s -> s.modify(DB, page[0], 0, 4000, 4));
        run.commit(s -> s.modify(DB, page[0], 0, 4064, 5).modify(DB, page[1], 9, 1, 6));
        run.commit(s -> s.free(DB, page[0]));
        run.commit(s -> page[2] = s.allocate(DB, 7));
        run.abort(s -> s.allocate(DB, 8));
        run.commit(s -> page[3] = s.allocate(DB, 9));
    }

    static void groupForce(ScenarioRun run) {
        run.open();
        run.create(DB);
        for (int group = 0; group < 3; group++) {
            int base = group * 10;
            run.lazy(s -> s.fill(DB, T, "a", base, base + 3, 300));
            run.lazy(s -> s.fill(DB, T, "b", base, base + 3, 900));
            run.lazy(s -> s.allocate(DB, base));
            run.commit(s -> s.fill(DB, T, "c", base, base + 2, 50));
        }
        run.lazy(s -> s.put(DB, T, "last", StateModel.noise(1, 10)));
        run.lazy(s -> s.put(DB, T, "last", StateModel.noise(2, 10)));
    }

    static void splitsAndMerges(ScenarioRun run) {
        run.open();
        run.create(DB);
        run.commit(s -> s.fill(DB, T, "k", 0, 60, 120));
        run.commit(s -> s.fill(DB, T, "k", 60, 160, 120));
        run.checkpoint();
        run.commit(s -> s.fill(DB, T, "j", 0, 100, 200));
        run.lazy(s -> s.deleteAll(DB, T, "k", 0, 80));
        run.commit(s -> s.deleteAll(DB, T, "k", 80, 150));
        run.checkpoint();
        run.commit(s -> s.deleteRange(DB, T, "j", "k"));
        run.commit(s -> s.fill(DB, "u", "x", 0, 40, 300));
        run.commit(s -> s.dropTable(DB, T));
        run.commit(s -> s.fill(DB, T, "y", 0, 10, 300));
    }

    static void fileGrowth(ScenarioRun run) {
        run.open();
        run.create(DB);
        run.commit(s -> s.fill(DB, T, "k", 0, 20, 1000));
        run.commit(s -> allocateMany(s, 60));
        run.checkpoint();
        run.lazy(s -> allocateMany(s, 250));
        run.commit(s -> allocateMany(s, 20));
        run.checkpoint();
        run.commit(s -> s.put(DB, T, "big", StateModel.noise(5, 700_000)));
        run.commit(s -> s.put(DB, T, "big2", StateModel.noise(6, 600_000)));
    }

    private static void allocateMany(Step step, int pages) {
        for (int i = 0; i < pages; i++) {
            step.allocate(DB, i);
        }
    }

    static void longValues(ScenarioRun run) {
        run.open();
        run.create(DB);
        run.commit(s -> s.put(DB, T, "a", StateModel.noise(1, 10_000)).put(DB, T, "b", StateModel.noise(2, 50_000)));
        run.commit(s -> s.put(DB, T, "c", StateModel.noise(3, 300_000)));
        run.checkpoint();
        run.commit(s -> s.put(DB, T, "a", StateModel.noise(4, 30_000)).delete(DB, T, "b"));
        run.lazy(s -> s.put(DB, T, "d", StateModel.noise(5, 45_000)));
        run.commit(s -> s.put(DB, T, "c", StateModel.noise(6, 10)));
        run.checkpoint();
        run.commit(s -> s.put(DB, T, "e", StateModel.noise(7, 200_000)).fill(DB, T, "f", 0, 20, 3000));
        run.commit(s -> s.delete(DB, T, "e"));
    }

    static void extentsAndPages(ScenarioRun run) {
        run.open();
        run.create(DB);
        long[] pages = new long[24];
        run.commit(s -> s.put(DB, T, "x", StateModel.noise(1, 60_000)));
        run.checkpoint();
        run.commit(s -> s.delete(DB, T, "x"));
        run.commit(s -> fillPages(s, pages, 10));
        run.checkpoint();
        run.commit(s -> s.modify(DB, pages[3], 0, 50, 1).modify(DB, pages[7], 0, 50, 2));
        run.commit(s -> freePages(s, pages));
        run.commit(s -> s.put(DB, T, "y", StateModel.noise(3, 80_000)));
        run.checkpoint();
        run.commit(s -> s.delete(DB, T, "y"));
        run.lazy(s -> fillPages(s, pages, 40));
        run.lazy(s -> freePages(s, pages));
        run.lazy(s -> s.put(DB, T, "z", StateModel.noise(4, 40_000)));
        run.commit(s -> s.allocate(DB, 90));
        run.checkpoint();
        run.commit(s -> s.put(DB, T, "z", StateModel.noise(5, 70_000)));
    }

    private static void fillPages(Step step, long[] pages, int seed) {
        for (int i = 0; i < pages.length; i++) {
            pages[i] = step.allocate(DB, seed + i);
        }
    }

    private static void freePages(Step step, long[] pages) {
        for (long page : pages) {
            step.free(DB, page);
        }
    }

    static void checkpoints(ScenarioRun run) {
        run.open();
        run.create(DB);
        long[] pages = new long[12];
        run.commit(s -> fillPages(s, pages, 1));
        run.checkpoint();
        for (int round = 0; round < 3; round++) {
            int seed = 50 * round;
            run.commit(s -> modifyAll(s, pages, seed, 1500));
            run.lazy(s -> s.modify(DB, pages[seed / 50], 20, 900, seed + 20));
            run.checkpoint();
        }
        run.commit(s -> modifyAll(s, pages, 500, 900));
    }

    private static void modifyAll(Step step, long[] pages, int seed, int bytes) {
        for (int i = 0; i < pages.length; i++) {
            step.modify(DB, pages[i], 10 * i, bytes, seed + i);
        }
    }

    /** A batch of the guard holds some sixty pages: three batches in a checkpoint write its first half twice. */
    static void guardHalfReused(ScenarioRun run) {
        run.open();
        run.create(DB);
        long[] pages = new long[160];
        run.commit(s -> fillPages(s, pages, 1));
        run.checkpoint();
        run.commit(s -> modifyAll(s, pages, 1000, 700));
        run.checkpoint();
        run.commit(s -> s.modify(DB, pages[0], 0, 9, 1));
    }

    static void logRoll(ScenarioRun run) {
        run.open();
        run.create(DB);
        run.commit(s -> s.fill(DB, T, "k", 0, 5, 100));
        run.roll();
        run.lazy(s -> s.fill(DB, T, "k", 5, 10, 100));
        run.roll();
        run.roll();
        run.commit(s -> s.fill(DB, T, "k", 10, 15, 100));
        run.commit(s -> s.put(DB, T, "big", StateModel.noise(1, 900_000)));
        run.lazy(s -> s.put(DB, T, "big", StateModel.noise(2, 800_000)));
        run.commit(s -> s.delete(DB, T, "big"));
    }

    static void recycledLog(ScenarioRun run) {
        run.open();
        run.create(DB);
        for (int round = 0; round < 4; round++) {
            int from = round * 10;
            run.commit(s -> s.fill(DB, T, "k", from, from + 10, 200));
            run.roll();
            run.lazy(s -> s.fill(DB, T, "m", from, from + 2, 3000));
            run.checkpoint();
            run.commit(s -> s.delete(DB, T, Step.key("k", from)));
        }
    }

    static void databases(ScenarioRun run) {
        run.open();
        run.create(DB);
        run.create("two");
        run.commit(s -> s.fill(DB, T, "k", 0, 5, 100).fill("two", T, "k", 0, 5, 100));
        run.commit(s -> s.fill("two", T, "k", 5, 9, 2000).allocate(DB, 3));
        StateModel.OfDatabase two = run.detach("two");
        run.commit(s -> s.fill(DB, T, "k", 5, 9, 100));
        run.attach("two", two);
        run.commit(s -> s.fill("two", T, "k", 9, 12, 100).fill(DB, T, "k", 9, 12, 100));
        run.drop(DB);
        run.commit(s -> s.fill("two", T, "m", 0, 12, 100));
        run.create(DB);
        run.commit(s -> s.fill(DB, "other", "m", 0, 12, 100).delete("two", T, Step.key("m", 3)));
        run.checkpoint();
        run.drop("two");
        run.commit(s -> s.fill(DB, "other", "n", 0, 3, 100));
    }

    static void attachedFromElsewhere(ScenarioRun run) {
        run.open();
        run.create(DB);
        run.commit(s -> s.fill(DB, T, "k", 0, 5, 100));
        StateModel.OfDatabase guest = run.importFile("guest", s -> s.fill("guest", T, "g", 0, 40, 200));
        run.attach("guest", guest);
        run.commit(s -> s.fill("guest", T, "h", 0, 40, 100).fill(DB, T, "k", 5, 9, 100));
        run.lazy(s -> s.deleteAll("guest", T, "g", 0, 20));
        run.checkpoint();
        run.commit(s -> s.deleteAll("guest", T, "g", 20, 40));
    }

    static void cleanClose(ScenarioRun run) {
        run.open();
        run.create(DB);
        run.commit(s -> s.fill(DB, T, "k", 0, 30, 100));
        run.close();
        run.open();
        run.commit(s -> s.fill(DB, T, "k", 30, 60, 100));
        run.lazy(s -> s.deleteAll(DB, T, "k", 0, 10));
        run.close();
        run.open();
        run.close();
        run.open();
        run.commit(s -> s.fill(DB, T, "k", 0, 5, 50));
        run.halt();
        run.open();
        run.commit(s -> s.fill(DB, T, "k", 0, 5, 60));
    }

    /** A reader in the middle of a batch: the redo start falls between two transactions of one batch. */
    static void heldBack(ScenarioRun run) {
        run.open();
        run.create(DB);
        long[] pages = new long[6];
        run.commit(s -> fillPages(s, pages, 1));
        run.checkpoint();
        run.lazy(s -> s.modify(DB, pages[0], 0, 1400, 1));
        try (ReadTransaction reader = run.instance().beginRead()) {
            run.lazy(s -> s.modify(DB, pages[1], 0, 1400, 2));
            run.lazy(s -> s.modify(DB, pages[0], 10, 1400, 3).modify(DB, pages[2], 0, 1400, 3));
            run.checkpoint();
            run.commit(s -> s.modify(DB, pages[3], 0, 1400, 4));
            run.checkpoint();
            reader.snapshot();
        }
        run.commit(s -> s.modify(DB, pages[1], 8, 1400, 5));
    }
}

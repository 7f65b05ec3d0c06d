package dev.quire.backup;

import static dev.quire.backup.ChainScene.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quire.durable.BackupKind;
import dev.quire.io.QuireError;
import dev.quire.io.QuireException;
import dev.quire.io.Storage;
import dev.quire.io.log.Lsn;
import dev.quire.io.sim.CrashPolicy;
import dev.quire.io.sim.SimDisk;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A restore stops where it is asked to, at every commit that can be restored, and nowhere else. */
class PointInTimeTest {

    private final AtomicLong now = new AtomicLong(5_000_000);
    private final List<Moment> moments = new ArrayList<>();
    private SimDisk image;
    private int restored;

    /** A commit, which left a restore point, and what there was behind it. */
    private record Moment(long position, long time, String name, Contents contents) {}

    /** On a disk of its own, which goes again: hundreds of instances fit on none. */
    private RestoreReport restore(ChainScene chain, RestoreRequest.Draft draft) {
        image = chain.disk().crashImage(chain.disk().operationCount(), CrashPolicy.ALL, 0);
        image.recordTrace(false);
        return Restore.run(
                image,
                draft.to(Scene.ROOT.resolve("back" + restored)).conclude(),
                false,
                Scene.signatures(40 + restored++));
    }

    /** What a request gives back must be exactly this. */
    private RestoreReport holds(ChainScene chain, RestoreRequest.Draft draft, Contents expected, String what) {
        RestoreReport report = restore(chain, draft);
        assertEquals(null, CrashJudge.holds(image, Scene.ROOT.resolve("back" + (restored - 1)), expected), what);
        RestorePlan plan = Restore.plan(chain.disk(), draft.conclude());
        assertEquals(report.end(), plan.end(), what);
        assertEquals(report.timeMs(), plan.timeMs(), what);
        assertEquals(report.bytes(), plan.bytes(), what);
        assertEquals(report.databases(), plan.databases(), what);
        return report;
    }

    private static RestoreRequest.Draft from(Path backup) {
        return RestoreRequest.of(backup);
    }

    private String earlier(ChainScene chain, RestoreRequest.Draft draft) {
        int before = restored;
        QuireException e = assertThrows(QuireException.class, () -> restore(chain, draft));
        assertEquals(QuireError.ENDING_RESTORE_LOG_TOO_LOW, e.error(), e::toString);
        assertEquals(Storage.Kind.NONE, image.kind(Scene.ROOT.resolve("back" + before)));
        RestorePlan whole = plan(chain);
        String range = "from " + at(whole.consistentFrom(), whole.consistentFromMs()) + ", to "
                + at(whole.logEnd(), whole.logEndMs());
        assertTrue(e.getMessage().contains(range), () -> e.getMessage() + " expected " + range);
        assertEquals(
                QuireError.ENDING_RESTORE_LOG_TOO_LOW,
                assertThrows(QuireException.class, () -> Restore.plan(chain.disk(), draft.conclude()))
                        .error());
        return e.getMessage();
    }

    private static String at(long position, long timeMs) {
        return Lsn.toString(position) + ", " + Instant.ofEpochMilli(timeMs);
    }

    // ------------------------------------------------------------------ positions

    @Test
    void everyCommitFromConsistentFromOnMustBeRestoredByItsPosition() {
        int points = 0;
        for (long seed = 1; seed <= 2; seed++) {
            points += positions(seed, 4);
        }
        assertTrue(points >= 20, "points=" + points);
    }

    @Test
    @Tag("sweep")
    void everyCommitOfManyHistoriesMustBeRestored() {
        int points = 0;
        for (long seed = 100; seed < 106; seed++) {
            points += positions(seed, 6);
        }
        assertTrue(points >= 600, "points=" + points);
    }

    /** The last thing before the end is no commit: a database that was made, or one that is gone. */
    @Test
    void aDatabaseMadeOrDroppedLastMustBeThereOrNot() {
        ChainScene chain = new ChainScene(4);
        chain.full();
        chain.scene.create("made", 4096);
        long made = chain.scene.instance.engine().log().appended();
        chain.scene.instance.drop("made");
        long gone = chain.scene.instance.engine().log().appended();
        chain.scene.create("last", 4096);
        int generation = Lsn.generation(chain.scene.instance.engine().log().appended());
        chain.scene.instance.engine().log().roll();
        chain.work(1);
        chain.take(BackupKind.COPY, ChainScene.COPY);
        RestoreRequest.Draft draft = from(Scene.BACKUP).rollForward(chain.scene.home);
        assertEquals(
                List.of(Scene.SMALL, Scene.LARGE, "made"),
                restore(chain, draft.untilLsn(made)).databases());
        assertEquals(
                List.of(Scene.SMALL, Scene.LARGE),
                restore(chain, from(Scene.BACKUP).rollForward(chain.scene.home).untilLsn(gone))
                        .databases());
        assertEquals(
                List.of(Scene.SMALL, Scene.LARGE, "last"),
                restore(chain, from(Scene.BACKUP).rollForward(chain.scene.home).untilGeneration(generation))
                        .databases());
    }

    private int positions(long seed, int steps) {
        SplittableRandom random = new SplittableRandom(seed);
        ChainScene chain = new ChainScene(seed);
        chain.disk().recordTrace(false);
        chain.work(2);
        BackupReport full = chain.busy(BackupKind.FULL, Scene.BACKUP);
        long end = full.end();
        for (int i = 0; i < steps; i++) {
            chain.work(1 + random.nextInt(3));
            switch (random.nextInt(5)) {
                case 0, 1 ->
                    end = chain.busy(BackupKind.INCREMENTAL, Scene.BACKUP).end();
                case 2 ->
                    end = chain.busy(BackupKind.DIFFERENTIAL, Scene.BACKUP).end();
                case 3 -> chain.crash();
                default -> chain.reopen(config -> {});
            }
        }
        end = chain.busy(BackupKind.INCREMENTAL, Scene.BACKUP).end();
        int done = 0;
        for (Scene.Point point : List.copyOf(chain.scene.points)) {
            if (point.position() > end) {
                break;
            }
            RestoreRequest.Draft draft = from(Scene.BACKUP).untilLsn(point.position());
            if (point.position() < full.consistentFrom()) {
                assertTrue(earlier(chain, draft).contains(Lsn.toString(full.consistentFrom())));
                continue;
            }
            String what = "seed " + seed + " at " + Lsn.toString(point.position());
            RestoreReport report = holds(chain, draft, chain.scene.at(point.position()), what);
            assertTrue(report.end() <= point.position() && report.end() >= full.consistentFrom(), what);
            chain.disk().recordTrace(false);
            done++;
        }
        earlier(chain, from(Scene.BACKUP).untilLsn(end + (1L << 32)));
        return done;
    }

    // ------------------------------------------------------------------ times, names, generations

    /** A chain whose commits all have a time and a name; the full is behind the third. */
    private ChainScene named() {
        ChainScene chain = new ChainScene(7, config -> config.clock(now::get));
        chain.scene.instance.engine().log().roll();
        moments(chain, 3);
        chain.full();
        moments(chain, 3);
        chain.scene.instance.engine().log().roll();
        moments(chain, 2);
        chain.incremental();
        moments(chain, 2);
        chain.differential();
        return chain;
    }

    private void moments(ChainScene chain, int count) {
        for (int i = 0; i < count; i++) {
            now.addAndGet(10);
            String name = "point " + moments.size();
            int size = 100 * moments.size();
            chain.scene.commit(step -> step.restorePoint(name)
                    .put(Scene.SMALL, "moment", size, 50 + size)
                    .put(Scene.LARGE, "moment" + size, size, 5_000));
            long position = chain.scene.instance.engine().log().appended();
            moments.add(new Moment(position, now.get(), name, chain.scene.contents()));
        }
        now.addAndGet(3);
    }

    @Test
    void aTimeMustMeanTheLastCommitAtOrBeforeIt() {
        ChainScene chain = named();
        for (int i = 2; i < moments.size(); i++) {
            Moment moment = moments.get(i);
            for (int later : new int[] {0, 1, 9}) {
                if (later < 9 || i + 1 < moments.size() && moments.get(i + 1).time() > moment.time() + 9) {
                    Instant time = Instant.ofEpochMilli(moment.time() + later);
                    RestoreReport report =
                            holds(chain, from(Scene.BACKUP).untilTime(time), moment.contents(), moment.name());
                    assertEquals(moment.time(), report.timeMs());
                }
            }
        }
        String refusal = earlier(
                chain,
                from(Scene.BACKUP).untilTime(Instant.ofEpochMilli(moments.get(2).time() - 1)));
        assertTrue(refusal.contains(Instant.ofEpochMilli(moments.get(2).time()).toString()), refusal);
        assertTrue(refusal.contains(Instant.ofEpochMilli(now.get() - 3).toString()), refusal);
        earlier(chain, from(Scene.BACKUP).untilTime(Instant.ofEpochMilli(now.get() + 1)));
    }

    @Test
    void aNameMustMeanTheLastCommitThatLeftIt() {
        ChainScene chain = named();
        for (int i = 2; i < moments.size(); i++) {
            Moment moment = moments.get(i);
            RestoreReport report =
                    holds(chain, from(Scene.BACKUP).untilName(moment.name()), moment.contents(), moment.name());
            assertEquals(Math.max(moment.position(), plan(chain).consistentFrom()), report.end());
        }
        earlier(chain, from(Scene.BACKUP).untilName("point 1"));
        QuireException none = assertThrows(
                QuireException.class, () -> restore(chain, from(Scene.BACKUP).untilName("nothing")));
        assertEquals(QuireError.OBJECT_NOT_FOUND, none.error());
        assertTrue(none.getMessage().contains("point 9"), none::getMessage);
        assertEquals(moments.size(), plan(chain).points().size());
        chain.scene.commit(step -> step.restorePoint("point 4").put(Scene.SMALL, "again", 1, 10));
        chain.incremental();
        holds(chain, from(Scene.BACKUP).untilName("point 4"), chain.scene.contents(), "the later one");
    }

    /** What lies behind a point does not matter, so it must not keep anybody from learning that he is too early. */
    @Test
    void anEndThatCannotBeReadMustBeLeftOutOfTheRange() {
        ChainScene chain = named();
        long end = plan(chain).logEnd();
        Path last = Scene.BACKUP.resolve(chain.disk().list(Scene.BACKUP).stream()
                .filter(name -> name.endsWith(String.format("%08x.qlog", Lsn.generation(end))))
                .findFirst()
                .orElseThrow());
        chain.disk().corrupt(last, 5_000, 1);
        endsAtAPlaceOfNoTime(chain, end);
        chain.disk().unreadable(last, 4_096, 512);
        endsAtAPlaceOfNoTime(chain, end);
    }

    private static void endsAtAPlaceOfNoTime(ChainScene chain, long end) {
        QuireException e = assertThrows(
                QuireException.class,
                () -> Restore.plan(
                        chain.disk(), from(Scene.BACKUP).untilGeneration(1).conclude()));
        assertEquals(QuireError.ENDING_RESTORE_LOG_TOO_LOW, e.error(), e::toString);
        assertTrue(e.getMessage().contains(", to " + Lsn.toString(end) + " ["), e::getMessage);
    }

    @Test
    void theRangeMustReachAsFarAsTheLogThatIsAdded() {
        ChainScene chain = named();
        long set = plan(chain).logEnd();
        moments(chain, 2);
        RestorePlan whole = Restore.plan(
                chain.disk(), from(Scene.BACKUP).rollForward(chain.scene.home).conclude());
        assertTrue(whole.logEnd() > set);
        RestoreRequest.Draft early = from(Scene.BACKUP).rollForward(chain.scene.home);
        QuireException e = assertThrows(
                QuireException.class,
                () -> Restore.plan(
                        chain.disk(), early.untilTime(Instant.ofEpochMilli(1)).conclude()));
        assertTrue(e.getMessage().contains(", to " + at(whole.logEnd(), whole.logEndMs()) + " ["), e::getMessage);
        QuireException unread = assertThrows(
                QuireException.class,
                () -> Restore.plan(
                        chain.disk(),
                        from(Scene.BACKUP)
                                .rollForward(chain.scene.home)
                                .untilGeneration(1)
                                .conclude()));
        assertTrue(unread.getMessage().contains(", to " + Lsn.toString(set) + ", "), unread::getMessage);
        assertTrue(unread.getMessage().contains("further with the log that is added"), unread::getMessage);
    }

    private static RestorePlan plan(ChainScene chain) {
        return Restore.plan(chain.disk(), from(Scene.BACKUP).conclude());
    }

    @Test
    void aGenerationMustMeanItsEnd() {
        ChainScene chain = named();
        RestorePlan plan = plan(chain);
        int from = Lsn.generation(plan.consistentFrom());
        int to = Lsn.generation(plan.logEnd());
        assertTrue(to > from + 1);
        for (int generation = from; generation <= to; generation++) {
            Contents expected = chain.scene.at(Lsn.of(generation + 1, 0));
            holds(chain, from(Scene.BACKUP).untilGeneration(generation), expected, "generation " + generation);
        }
        earlier(chain, from(Scene.BACKUP).untilGeneration(from - 1));
        earlier(chain, from(Scene.BACKUP).untilGeneration(to + 1));
    }

    @Test
    void aRestorePointMustBeThereIfAndOnlyIfItsCommitIs() {
        ChainScene chain = named();
        try (var tx = chain.scene.instance.beginWrite()) {
            tx.restorePoint("aborted");
        }
        try (var tx = chain.scene.instance.beginWrite()) {
            tx.restorePoint("replaced");
            tx.restorePoint("alone");
            tx.commit();
        }
        Contents then = chain.scene.contents();
        chain.scene.commit(step -> step.put(Scene.SMALL, "behind", 1, 10));
        chain.incremental();
        refused(
                QuireError.OBJECT_NOT_FOUND,
                () -> restore(chain, from(Scene.BACKUP).untilName("aborted")));
        refused(
                QuireError.OBJECT_NOT_FOUND,
                () -> restore(chain, from(Scene.BACKUP).untilName("replaced")));
        holds(chain, from(Scene.BACKUP).untilName("alone"), then, "alone");
    }

    // ------------------------------------------------------------------ what comes and goes

    @Test
    void whatIsMadeOrDroppedBehindThePointMustNotCount() {
        ChainScene chain = new ChainScene(3);
        chain.full();
        chain.scene.commit(step -> step.put(Scene.SMALL, "a", 1, 10));
        long both = chain.scene.instance.engine().log().appended();
        Contents before = chain.scene.contents();
        chain.scene.create("later", 4096);
        chain.scene.commit(step -> step.put("later", "b", 2, 20));
        long made = chain.scene.instance.engine().log().appended();
        Contents with = chain.scene.contents();
        chain.scene.drop("later");
        chain.scene.drop(Scene.LARGE);
        chain.scene.commit(step -> step.put(Scene.SMALL, "c", 3, 30));
        Contents after = chain.scene.contents();
        chain.incremental();
        holds(chain, from(Scene.BACKUP).untilLsn(both), before, "before");
        holds(chain, from(Scene.BACKUP).untilLsn(made), with, "with");
        RestoreReport end = holds(chain, from(Scene.BACKUP), after, "after");
        assertEquals(List.of(Scene.SMALL), end.databases());
    }

    @Test
    void someOfTheDatabasesMustBeRestoredUnderOtherNames() {
        ChainScene chain = new ChainScene(3);
        chain.full();
        chain.scene.create("later", 4096);
        chain.scene.commit(step -> step.put("later", "b", 2, 20).put(Scene.SMALL, "a", 1, 10));
        long then = chain.scene.instance.engine().log().appended();
        Contents all = chain.scene.contents();
        chain.scene.commit(step -> step.put("later", "d", 2, 20).put(Scene.LARGE, "a", 1, 10));
        Path home = chain.scene.home;
        RestoreReport one = holds(
                chain,
                from(Scene.BACKUP).rollForward(home).untilLsn(then).only(Scene.SMALL),
                all.only(Scene.SMALL),
                "one");
        assertEquals(List.of(Scene.LARGE, "later"), one.leftOut());
        assertEquals(List.of(Scene.SMALL), one.databases());
        holds(
                chain,
                from(Scene.BACKUP).rollForward(home).untilLsn(then).only("later"),
                all.only("later"),
                "made behind");
        holds(
                chain,
                from(Scene.BACKUP)
                        .rollForward(home)
                        .untilLsn(then)
                        .rename(Scene.SMALL, "tiny")
                        .rename("later", Scene.SMALL),
                all.renamed(Scene.SMALL, "tiny").renamed("later", Scene.SMALL),
                "renamed");
        Path back = Scene.ROOT.resolve("back" + (restored - 1));
        assertTrue(image.list(back).contains("tiny.qdb"));
        assertTrue(image.list(back).stream().noneMatch(name -> name.startsWith("later")));
        refused(
                QuireError.DATABASE_NOT_FOUND,
                () -> restore(chain, from(Scene.BACKUP).only("later")));
        refused(
                QuireError.DATABASE_NOT_FOUND,
                () -> restore(chain, from(Scene.BACKUP).only("none")));
        refused(
                QuireError.DATABASE_NOT_FOUND,
                () -> restore(chain, from(Scene.BACKUP).rename("none", "x")));
        refused(
                QuireError.DATABASE_DUPLICATE,
                () -> restore(chain, from(Scene.BACKUP).rename(Scene.SMALL, Scene.LARGE)));
    }

    /** What is not restored need not be sound. */
    @Test
    void damageBehindThePointOrInAnotherDatabaseMustNotMatter() {
        ChainScene chain = named();
        Path large = file(chain, "large.qdb");
        byte[] bad = chain.disk().contents(large);
        bad[60] ^= 1;
        bad[16384 + 60] ^= 1;
        chain.disk().plant(large, bad);
        refused(QuireError.DATABASE_CORRUPTED, () -> restore(chain, from(Scene.BACKUP)));
        holds(
                chain,
                from(Scene.BACKUP).only(Scene.SMALL),
                chain.scene.contents().only(Scene.SMALL),
                "the other is damaged");
        Path last = file(
                chain, String.format("%08x.qlog", Lsn.generation(moments.get(9).position())));
        byte[] torn = chain.disk().contents(last);
        torn[torn.length - 600] ^= 1;
        chain.disk().plant(last, torn);
        refused(
                QuireError.LOG_CORRUPT_DURING_HARD_RESTORE,
                () -> restore(chain, from(Scene.BACKUP).only(Scene.SMALL)));
        Moment moment = moments.get(5);
        for (boolean missing : new boolean[] {false, true}) {
            if (missing) {
                chain.disk().delete(last);
                refused(
                        QuireError.MISSING_RESTORE_LOG_FILES,
                        () -> restore(chain, from(Scene.BACKUP).only(Scene.SMALL)));
            }
            holds(
                    chain,
                    from(Scene.BACKUP).only(Scene.SMALL).untilLsn(moment.position()),
                    moment.contents().only(Scene.SMALL),
                    "damage behind");
        }
    }

    /**
     * A page that is bad in the full and whole in the log: a reader kept the checkpoint back, so the copy is as of R0,
     * and {@code consistentFrom} may be said to be earlier than it is.
     */
    @Test
    void anImageBehindThePointMustNotExcuseABadPage() {
        ChainScene chain = new ChainScene(5);
        Scene scene = chain.scene;
        long page = scene.pages.get(0)[1];
        scene.instance.checkpoint();
        try (var reader = scene.instance.beginRead()) {
            assertTrue(reader.isOpen());
            scene.commit(step -> step.put(Scene.SMALL, "a", 1, 10));
            long before = scene.instance.engine().log().appended();
            scene.commit(step -> step.free(Scene.SMALL, page));
            long[] again = new long[1];
            while (again[0] != page) {
                scene.commit(step -> again[0] = step.allocate(Scene.SMALL, 77));
            }
            BackupReport full = chain.full();
            Path copy = file(chain, "small.qdb");
            byte[] bad = chain.disk().contents(copy);
            bad[(int) page * 4096 + 100] ^= 1;
            chain.disk().plant(copy, bad);
            Path manifest = Scene.BACKUP.resolve(Manifest.FILE);
            String text = new String(chain.disk().contents(manifest), StandardCharsets.UTF_8);
            chain.disk()
                    .plant(
                            manifest,
                            ChainRestoreTest.summed(
                                    text.replace(Long.toString(full.consistentFrom()), Long.toString(before))));
            assertEquals(before, Manifest.read(chain.disk(), Scene.BACKUP).consistentFrom());
            holds(chain, from(Scene.BACKUP), scene.contents(), "whole by the log");
            refused(
                    QuireError.READ_VERIFY_FAILURE,
                    () -> restore(chain, from(Scene.BACKUP).untilLsn(before)));
        }
    }

    private static Path file(ChainScene chain, String end) {
        return Scene.BACKUP.resolve(chain.disk().list(Scene.BACKUP).stream()
                .filter(name -> name.endsWith(end))
                .findFirst()
                .orElseThrow());
    }

    // ------------------------------------------------------------------ what is asked

    @Test
    void whatContradictsOrCannotBeMustBeRefused() {
        refused(
                QuireError.INVALID_GRBIT,
                () -> from(Scene.BACKUP).untilLsn(5).untilName("x").conclude());
        refused(
                QuireError.INVALID_GRBIT,
                () -> from(Scene.BACKUP).acceptLoss(true).conclude());
        refused(
                QuireError.INVALID_GRBIT,
                () -> from(Scene.BACKUP).only("a").rename("b", "c").conclude());
        refused(
                QuireError.INVALID_GRBIT,
                () -> from(Scene.BACKUP).rename("a", "b").rename("a", "c").conclude());
        saying("found 0", from(Scene.BACKUP).untilLsn(0));
        saying("expected 1 or more, found -1", from(Scene.BACKUP).untilGeneration(-1));
        saying("is empty", from(Scene.BACKUP).untilName(""));
        saying("U+000A", from(Scene.BACKUP).untilName("a\nb"));
        saying("1970-01-01T00:00:00Z", from(Scene.BACKUP).untilTime(Instant.MAX));
        saying("letters, digits", from(Scene.BACKUP).only("../x"));
        saying(
                "(rename, --map) of the database a: expected 1 to 64",
                from(Scene.BACKUP).rename("a", "../x"));
        saying("found '../x'", from(Scene.BACKUP).rename("../x", "a"));
        saying("another one", from(Scene.BACKUP).rename("a", "x").rename("b", "x"));
        ChainScene chain = new ChainScene(1);
        chain.full();
        refused(
                QuireError.INVALID_PARAMETER,
                () -> Restore.run(chain.disk(), from(Scene.BACKUP).conclude()));
    }

    private static void saying(String what, RestoreRequest.Draft draft) {
        String said = refused(QuireError.INVALID_PARAMETER, draft::conclude).getMessage();
        assertTrue(said.contains(what) && !said.contains("StopPoint"), said);
    }
}

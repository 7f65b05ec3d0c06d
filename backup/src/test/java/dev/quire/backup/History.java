package dev.quire.backup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quire.backup.HistoryModel.Known;
import dev.quire.backup.HistoryModel.Place;
import dev.quire.backup.HistoryModel.Stored;
import dev.quire.backup.HistoryModel.Stream;
import dev.quire.durable.BackupKind;
import dev.quire.durable.LogTruncation;
import dev.quire.io.QuireError;
import dev.quire.io.QuireException;
import dev.quire.io.Storage;
import dev.quire.io.sim.CrashPolicy;
import dev.quire.io.sim.SimDisk;
import dev.quire.io.sim.SimOperation;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * Random operations on an instance and its backups, of which some are cut off by a crash, each with what the model says
 * must come of it; in the end every set gives back every commit that is in it.
 */
final class History {

    private static final CrashPolicy[] POLICIES = CrashPolicy.values();

    private final long seed;
    private final boolean pulling;
    private final HistoryBackups backups;
    private final SplittableRandom random;
    private final HistoryTally tally;
    private final HistoryModel model = new HistoryModel();
    private final HistoryInstance live;
    private final HistoryJudge judge;
    private final List<String> log = new ArrayList<>();
    private Arrival arrival;
    /** Where a backup was cut off; whoever took it begins again, mostly. */
    private Place interrupted;

    private int homes;
    private int lowest;

    /** An instance that a restore has made, to go on with. */
    private record Arrival(Path home, Contents contents, boolean whole) {}

    /** With {@code pulling} most backups are pulled by the caller. */
    History(long seed, boolean pulling, HistoryTally tally) {
        this.seed = seed;
        this.pulling = pulling;
        this.random = new SplittableRandom(seed);
        this.tally = tally;
        this.live = new HistoryInstance(seed, random, model);
        this.judge = new HistoryJudge(random, tally);
        this.backups = new HistoryBackups(pulling, random, tally, model, live, judge, log);
    }

    void run(int steps) {
        try {
            live.begin();
            backups.take(BackupKind.FULL, backups.place(false), pulling);
            for (int i = 0; i < steps; i++) {
                step();
            }
            log.add("judge");
            assertTrue(live.instance.check().isSound());
            live.instance.halt();
            for (Place each : model.places) {
                if (each.stored != null) {
                    judge.judge(live.disk, each);
                }
            }
        } catch (RuntimeException | Error e) {
            throw new AssertionError(
                    "-Dquire.seed=" + seed + " pulling=" + pulling + ' ' + e + "\n  " + String.join("\n  ", log), e);
        }
    }

    private void step() {
        boolean crashing = random.nextInt(4) == 0;
        backups.begin(Map.copyOf(model.known));
        if (crashing) {
            crash();
        } else {
            operation();
            land(random.nextInt(3) != 0);
        }
        check(crashing);
    }

    // ------------------------------------------------------------------ operations

    private void operation() {
        live.commit();
        Place again = interrupted;
        interrupted = null;
        if (again != null && random.nextInt(3) != 0) {
            backups.again(again);
            return;
        }
        switch (random.nextInt(22)) {
            case 0, 1 -> live.checkpoint();
            case 2 -> live.roll();
            case 3, 4 -> log.add(live.changeDatabases());
            case 5 -> log.add(live.reader());
            case 6 -> reopen();
            case 7 -> truncate();
            case 8, 9 -> restore();
            case 10 -> rollForward();
            default -> backups.any();
        }
    }

    private void reopen() {
        boolean switches = random.nextInt(3) == 0;
        log.add("reopen" + (switches ? ", switching" : ""));
        live.close();
        live.circular ^= switches;
        live.open();
    }

    private void truncate() {
        log.add("truncate only");
        Backup.run(live.instance, BackupRequest.of(BackupKind.TRUNCATE_ONLY).conclude());
        live.acknowledge();
        tally.add("truncated");
    }

    // ------------------------------------------------------------------ restores

    private List<Place> stored() {
        return model.places.stream().filter(each -> each.stored != null).toList();
    }

    /** To another directory, where the history may go on. */
    private void restore() {
        List<Place> stored = stored();
        if (stored.isEmpty()) {
            return;
        }
        Place place = stored.get(random.nextInt(stored.size()));
        BackupSet set = BackupSet.read(live.disk, place.path);
        List<Manifest> taken = set.toTheEnd();
        long from = set.full().consistentFrom();
        long end = taken.get(taken.size() - 1).end();
        long to = from + (long) (random.nextDouble() * (end - from));
        Path home = Scene.ROOT.resolve("here" + ++homes);
        if (random.nextInt(3) == 0) {
            live.disk.createDirectory(home);
            live.disk.forceDirectory(Scene.ROOT);
        }
        log.add("restore " + place + " to " + home.getFileName());
        Contents expected = place.stored.stream().at(to);
        if (!place.stored.stream().foreign(set.full().mark(), to).isEmpty()) {
            return; // the judge knows that one
        }
        arrival = new Arrival(home, expected, false);
        Restore.run(
                live.disk, RestoreRequest.of(place.path).untilLsn(to).to(home).conclude(), false, live.signatures());
        arrival = new Arrival(home, expected, true);
        tally.add("restored elsewhere");
    }

    /** With the log of the instance, which runs. */
    private void rollForward() {
        List<Place> stored = stored();
        if (stored.isEmpty()) {
            return;
        }
        Place place = stored.get(random.nextInt(stored.size()));
        live.instance.awaitDurable();
        live.acknowledge();
        RestoreRequest.Draft draft = RestoreRequest.of(place.path).rollForward(live.home);
        QuireError expected = notRolledForward(place);
        log.add("roll forward " + place + ", expected " + expected);
        if (expected == null) {
            HistoryJudge.holds(live.disk, draft, model.stream.last().contents(), "rolled forward " + place);
            tally.add("rolled forward");
        } else {
            QuireException refusal = Faults.of(() -> Restore.plan(live.disk, draft.conclude()));
            assertTrue(refusal != null, () -> "rolled forward, expected " + expected);
            assertEquals(expected, refusal.error(), refusal::toString);
            tally.add("not rolled forward");
        }
    }

    private QuireError notRolledForward(Place place) {
        if (place.stored.stream() != model.stream) {
            return QuireError.EXISTING_LOG_FILE_HAS_BAD_SIGNATURE;
        }
        List<Manifest> taken = BackupSet.read(live.disk, place.path).toTheEnd();
        if (LogTruncation.oldest(live.instance.engine())
                > taken.get(taken.size() - 1).generationHigh() + 1) {
            return QuireError.MISSING_CURRENT_LOG_FILES;
        }
        return model.stream.foreign(taken.get(0).mark(), Long.MAX_VALUE - 1).isEmpty()
                ? null
                : QuireError.ATTACHED_DATABASE_MISMATCH;
    }

    /** Goes on with what was restored, or leaves it there. */
    private void land(boolean goOn) {
        if (arrival != null && goOn) {
            log.add("go on in " + arrival.home.getFileName());
            live.goOnAs(arrival.home, arrival.contents);
            lowest = 0;
            backups.begin(Map.copyOf(model.known));
            tally.add("went on");
        }
        arrival = null;
    }

    // ------------------------------------------------------------------ crashes

    private void crash() {
        Stream stream = model.stream;
        List<Stored> stored = model.places.stream().map(each -> each.stored).toList();
        Map<String, Long> births = Map.copyOf(model.births);
        boolean wasCircular = live.circular;
        live.disk.resetTrace();
        live.disk.recordTrace(true);
        model.startTrace();
        operation();
        if (live.circular && !wasCircular) { // whether any of it was written so, nobody knows
            live.disk.recordTrace(false);
            return;
        }
        int count = live.disk.operationCount();
        int crash = crashPoint(count);
        boolean powerCut = random.nextInt(3) != 0;
        CrashPolicy policy = POLICIES[random.nextInt(POLICIES.length)];
        log.add("crash at " + crash + " of " + count + ' ' + (powerCut ? policy : "process") + ": "
                + live.disk.describe(crash));
        SimDisk image = powerCut
                ? live.disk.crashImage(crash, policy, crash)
                : random.nextBoolean() ? live.disk.processCrashImage(crash) : live.disk.processCrashImage(crash, crash);
        image.recordTrace(false);
        if (!powerCut && backups.withdrawn != null && image.kind(backups.withdrawn) == Storage.Kind.DIRECTORY) {
            image.forceDirectory(backups.withdrawn); // whoever was about to makes sure of it now
        }
        live.instance.halt();
        live.disk.powerOff();
        live.disk = image;
        interrupted = backups.at;
        tally.add("crashed");
        tally.add(
                backups.under == null
                        ? arrival == null ? "crashed elsewhere" : "crashed in restore"
                        : "crashed in backup");
        for (int i = 0; i < model.places.size(); i++) {
            Place place = model.places.get(i);
            boolean touched = place == backups.at;
            Stored was = i < stored.size() ? stored.get(i) : null;
            if (touched && crash == count && place.stored != null) {
                was = place.stored;
            }
            model.look(image, place, was, touched ? backups.under : null, stream, powerCut);
        }
        if (!restored(crash == count)) {
            births.forEach(model.births::putIfAbsent);
            live.reopen(crash);
            recovered();
        }
    }

    /** Often around the moment at which a backup or a restored instance gets its name. */
    private int crashPoint(int count) {
        List<Integer> names = live.disk.operations().stream()
                .filter(each -> each.other() != null && isName(each.other()))
                .map(SimOperation::index)
                .toList();
        if (!names.isEmpty() && random.nextInt(3) != 0) {
            int name = names.get(random.nextInt(names.size()));
            int distance = random.nextBoolean() ? 1 + random.nextInt(6) : random.nextInt(12) - 3;
            return Math.min(count, Math.max(0, name + distance));
        }
        return random.nextInt(8) == 0 ? count : random.nextInt(count + 1);
    }

    private static boolean isName(Path path) {
        return path.toString().endsWith("manifest.json")
                || path.endsWith(AtomicPlace.NEW)
                || path.getParent().equals(Scene.ROOT);
    }

    /** Whether the history goes on with what was being restored: what has the name of the target is whole. */
    private boolean restored(boolean over) {
        if (arrival == null) {
            return false;
        }
        Path home = arrival.home;
        boolean there = live.disk.kind(home) == Storage.Kind.DIRECTORY
                && !live.disk.list(home).isEmpty();
        assertTrue(there || !over || !arrival.whole, "a restored instance is lost");
        if (there) {
            land(true);
        } else {
            arrival = null;
        }
        return there;
    }

    /** Headers know what they knew at some moment of what was cut off; and never of what is not there. */
    private void recovered() {
        Map<String, Known> found = HistoryModel.headers(live.instance);
        assertEquals(model.stream.last().contents().names(), List.copyOf(found.keySet()));
        found.forEach((name, known) -> assertTrue(
                known.equals(Known.NOTHING) || backups.known.stream().anyMatch(each -> known.equals(each.get(name))),
                () -> name + " knows " + known + " of " + backups.known));
        Map<String, Known> before = backups.known.get(0);
        found.forEach((name, known) -> assertFalse(
                known.equals(Known.NOTHING)
                        && before.containsKey(name)
                        && backups.known.stream().noneMatch(each -> Known.NOTHING.equals(each.get(name))),
                () -> name + " has forgotten " + before.get(name)));
        found.forEach((name, known) -> assertTrue(
                known.equals(Known.NOTHING) || wasThere(name, known) || isThere(known.last()),
                () -> name + " knows of a backup that is not there: " + known));
        model.known = found;
        model.births.keySet().retainAll(found.keySet());
        found.keySet().forEach(name -> assertTrue(model.births.containsKey(name), name));
    }

    /** Known when the operation began, or by its look at a place that an atomic full takes afterwards. */
    private boolean wasThere(String name, Known known) {
        return known.equals(backups.known.get(0).get(name)) || known.equals(backups.late.get(name));
    }

    private boolean isThere(int high) {
        Stored stored = backups.at.stored;
        return stored != null && stored.members().stream().anyMatch(each -> each.high() == high);
    }

    // ------------------------------------------------------------------ after each step

    private void check(boolean crashed) {
        Map<String, Known> found = HistoryModel.headers(live.instance);
        assertEquals(model.known, found, "what the headers know");
        int low = LogTruncation.oldest(live.instance.engine());
        if (!model.wasCircular()) {
            backups.known.add(model.known);
            int allowed = backups.known.stream()
                    .mapToInt(HistoryModel::releasable)
                    .max()
                    .orElseThrow();
            assertTrue(
                    low <= Math.max(lowest, allowed),
                    () -> "log is gone: lowest=" + low + " allowed=" + allowed + " crashed=" + crashed);
        }
        lowest = low;
    }
}

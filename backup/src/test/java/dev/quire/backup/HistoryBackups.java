package dev.quire.backup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quire.Instance;
import dev.quire.backup.HistoryModel.Known;
import dev.quire.backup.HistoryModel.Member;
import dev.quire.backup.HistoryModel.Place;
import dev.quire.durable.BackupKind;
import dev.quire.durable.LogTruncation;
import dev.quire.io.Progress;
import dev.quire.io.QuireError;
import dev.quire.io.QuireException;
import dev.quire.io.Storage;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;

/** The backups of a history, to directories and pulled: what comes of each must be what the rules say. */
final class HistoryBackups {

    private static final List<BackupKind> KINDS = List.of(
            BackupKind.FULL,
            BackupKind.FULL,
            BackupKind.COPY,
            BackupKind.DIFFERENTIAL,
            BackupKind.INCREMENTAL,
            BackupKind.INCREMENTAL,
            BackupKind.INCREMENTAL);

    private final boolean pulling;
    private final SplittableRandom random;
    private final HistoryTally tally;
    private final HistoryModel model;
    private final HistoryInstance live;
    private final HistoryJudge judge;
    private final List<String> log;
    /** What headers may know if the operation is cut off. */
    final List<Map<String, Known>> known = new ArrayList<>();
    /** What whoever looks at the place of the operation makes known first, before anything there is replaced. */
    Map<String, Known> late = Map.of();
    /** What is being taken, and where; null if nothing is. */
    BackupKind under;

    Place at;
    /** Where the caller has taken the name of a manifest away again; it may come back until the names are forced. */
    Path withdrawn;
    /** Can be reached, and nobody goes on with it. */
    private ExternalBackup abandoned;

    private Instance abandonedBy;

    HistoryBackups(
            boolean pulling,
            SplittableRandom random,
            HistoryTally tally,
            HistoryModel model,
            HistoryInstance live,
            HistoryJudge judge,
            List<String> log) {
        this.pulling = pulling;
        this.random = random;
        this.tally = tally;
        this.model = model;
        this.live = live;
        this.judge = judge;
        this.log = log;
    }

    /** An operation begins. */
    void begin(Map<String, Known> before) {
        known.clear();
        known.add(before);
        late = before;
        under = null;
        at = null;
        withdrawn = null;
    }

    /** Of any kind, to a place that fits, mostly. */
    void any() {
        BackupKind kind = kind();
        boolean pulled = random.nextInt(4) == 0 ^ pulling;
        if (kind.buildsOnAnother() && fitting(pulled).isEmpty() && random.nextInt(3) != 0) {
            kind = BackupKind.FULL;
        }
        take(kind, kind.hasPages() ? destination(pulled) : chain(pulled), pulled);
    }

    /** Where one was cut off; whoever took it begins again. */
    void again(Place place) {
        BackupKind kind = kind();
        boolean fits = !kind.hasPages() || place.stored == null && !place.atomic;
        take(kind, place, fits && (random.nextInt(4) == 0 ^ pulling));
    }

    private BackupKind kind() {
        return KINDS.get(random.nextInt(KINDS.size()));
    }

    void take(BackupKind kind, Place place, boolean pulled) {
        ExternalBackup before = abandonedBy == live.instance ? abandoned : null; // loses the place to this one
        abandoned = null;
        under = kind;
        at = place;
        late = model.late(place);
        log.add((pulled ? "pull " : place.atomic ? "atomic " : "") + kind.word() + " to " + place);
        if (pulled) {
            pull(kind, place);
        } else {
            stream(kind, place);
        }
        live.acknowledge();
        if (before != null) {
            assertEquals(
                    QuireError.BACKUP_ABORT_BY_SERVER,
                    Faults.of(before::truncateInfo).error());
        }
    }

    /** A new place, a set of atomic backups, or now and then one that has something in it. */
    private Place destination(boolean pulled) {
        if (pulled) {
            return place(false);
        }
        List<Place> atomic = model.places.stream().filter(each -> each.atomic).toList();
        return switch (random.nextInt(6)) {
            case 0, 1, 3 -> atomic.isEmpty() ? place(true) : atomic.get(random.nextInt(atomic.size()));
            case 2 -> model.places.get(random.nextInt(model.places.size()));
            default -> place(false);
        };
    }

    /** Where the chain goes on. */
    private List<Place> fitting(boolean pulled) {
        return model.places.stream()
                .filter(each -> model.refusalsBehind(each, true, pulled).isEmpty())
                .toList();
    }

    /** The place where the chain is, mostly. */
    private Place chain(boolean pulled) {
        List<Place> fitting = fitting(pulled);
        return fitting.isEmpty() || random.nextInt(8) == 0
                ? model.places.get(random.nextInt(model.places.size()))
                : fitting.get(random.nextInt(fitting.size()));
    }

    /** A new one. */
    Place place(boolean atomic) {
        Place place = new Place(Scene.ROOT.resolve("place" + model.places.size()), atomic);
        model.places.add(place);
        return place;
    }

    // ------------------------------------------------------------------ to a directory

    private void stream(BackupKind kind, Place place) {
        boolean there = live.disk.kind(place.path) == Storage.Kind.DIRECTORY;
        Set<QuireError> refusals =
                kind.hasPages() ? model.refusals(kind, place) : model.refusalsBehind(place, there, false);
        if (place.stored != null && place.atomic && kind.hasPages() && refusals.isEmpty() && knownToBeSure(place)) {
            judge.judge(live.disk, place);
        }
        int cancelAt = random.nextInt(10) == 0 ? random.nextInt(12) : Integer.MAX_VALUE;
        boolean[] cancelled = new boolean[1];
        QuireException refusal = Faults.of(() -> Backup.run(
                live.instance,
                BackupRequest.of(kind)
                        .to(place.path)
                        .atomic(place.atomic)
                        .createPathIfNotExist(kind.hasPages())
                        .progress(meanwhile(cancelAt, cancelled))
                        .conclude()));
        if (cancelled[0] && refusal != null && refusal.error() == QuireError.BACKUP_ABORT_BY_CALLER) {
            tally.add("cancelled");
            log.add("  cancelled");
            lookedAt(place, true);
        } else {
            concluded(kind, place, refusals, refusal);
        }
    }

    private static boolean knownToBeSure(Place place) {
        return place.stored.members().stream().allMatch(Member::sure);
    }

    /** Others commit while it runs, and somebody may want it to end. */
    private Progress meanwhile(int cancelAt, boolean[] cancelled) {
        int[] calls = new int[1];
        return new Progress() {

            @Override
            public void advance(Phase phase, long done, long total) {
                calls[0]++;
                between(phase != Phase.WAIT);
            }

            @Override
            public boolean isCancelled() {
                cancelled[0] = calls[0] >= cancelAt;
                return cancelled[0];
            }
        };
    }

    private void between(boolean creating) {
        int what = random.nextInt(24);
        if (what < 3) {
            live.commit();
            if (random.nextBoolean()) { // what is copied later is newer
                live.checkpoint();
            }
        } else if (what == 3 && creating && random.nextInt(4) == 0) {
            log.add("  " + live.create("meanwhile" + live.disk.operationCount() + "x" + log.size(), 4096));
            known.add(Map.copyOf(model.known));
        }
    }

    private void concluded(BackupKind kind, Place place, Set<QuireError> refusals, QuireException refusal) {
        log.add("  " + (refusal == null ? "done" : refusal.error().toString()) + ", expected " + refusals);
        if (refusals.isEmpty()) {
            if (refusal != null) {
                throw refusal;
            }
            taken(place, kind);
        } else {
            assertTrue(
                    refusal != null && refusals.contains(refusal.error()),
                    () -> "refused with " + refusal + " expected=" + refusals);
            tally.add("refused");
            tally.add(refusal.error().name());
            if (!model.circular || kind.hasPages()) {
                lookedAt(place, model.wasCircular());
            }
        }
    }

    /**
     * Whoever comes to a place makes known what was published there; {@code perhaps} not, when he was sent away before,
     * or the log of circular logging has forgotten what was intended.
     */
    private void lookedAt(Place place, boolean perhaps) {
        Map<String, Known> late = model.late(place);
        boolean isSo = !perhaps || HistoryModel.headers(live.instance).equals(late);
        if (!late.equals(model.known) && isSo) {
            tally.add("made up for");
            known.add(Map.copyOf(late));
            model.known = late;
        }
    }

    /** Takes the manifest of the newest one of that kind into the model. */
    private void taken(Place place, BackupKind kind) {
        lookedAt(place, false);
        Set<String> before = place.stored == null ? Set.of() : place.stored.ids();
        List<Manifest> now = BackupSet.read(live.disk, place.path).members().stream()
                .filter(each -> !before.contains(each.id()))
                .toList();
        assertEquals(1, now.size(), () -> "taken and not there: " + place);
        Manifest one = now.get(0);
        assertEquals(kind, one.kind());
        model.taken(
                place,
                new Member(one.id(), kind, one.generationHigh(), one.end(), model.births(one.generationHigh()), true));
        known.add(Map.copyOf(model.known));
        tally.add(kind.word());
        tally.add(place.atomic ? "atomic" : "plain");
    }

    // ------------------------------------------------------------------ pulled

    /** Ends the caller of an external backup somewhere between two calls. */
    private static final class GivenUp extends RuntimeException {

        private static final long serialVersionUID = 1;

        GivenUp() {
            super(null, null, false, false);
        }
    }

    private void pull(BackupKind kind, Place place) {
        Set<QuireError> refusals = kind.hasPages() ? Set.of() : model.refusalsBehind(place, true, true);
        ExternalBackup[] begun = new ExternalBackup[1];
        QuireException refusal = Faults.of(() -> {
            ExternalRequest request = ExternalRequest.of(kind);
            if (kind.buildsOnAnother() && place.stored != null) {
                live.disk.forceDirectory(place.path);
                if (place.atomic) { // where it is looked for may still be to be ended what a crash has interrupted
                    new AtomicPlace(live.disk, place.path, "0".repeat(16)).settle();
                }
                request = request.behind(BackupSet.read(live.disk, place.path));
            }
            begun[0] = ExternalBackup.begin(live.instance, request);
        });
        if (refusal != null || !refusals.isEmpty()) {
            concluded(kind, place, refusals, refusal);
            return;
        }
        lookedAt(place, false);
        boolean truncating = kind.isTruncating() && random.nextInt(4) != 0;
        under = truncating ? kind : kind.withoutTruncation();
        end(begun[0], kind, place, truncating);
    }

    private void end(ExternalBackup backup, BackupKind kind, Place place, boolean truncating) {
        int calls = random.nextInt(5) == 0 ? random.nextInt(20) : Integer.MAX_VALUE;
        int[] left = {calls};
        Puller puller = new Puller(live.disk, () -> {
            between(true);
            if (left[0]-- <= 0) {
                throw new GivenUp();
            }
        });
        Path directory = place.atomic ? place.path.resolve(AtomicPlace.NEW) : place.path;
        boolean stored = false;
        try {
            puller.pull(backup, kind, directory, truncating);
            stored = true;
        } catch (GivenUp e) {
            log.add("  given up");
        }
        if (stored && random.nextInt(8) != 0) {
            int lowestBefore = LogTruncation.oldest(live.instance.engine());
            List<String> info = backup.truncateInfo();
            BackupReport report = backup.end(ExternalBackup.End.NORMAL);
            assertEquals(info.size(), report.released(), "log went that was not said to go");
            assertEquals(lowestBefore + info.size(), LogTruncation.oldest(live.instance.engine()));
            taken(place, under);
            tally.add("external");
            return;
        }
        tally.add("given up");
        if (stored) {
            Path manifest = directory.resolve(backup.manifest().name());
            withdrawn = directory;
            live.disk.rename(manifest, directory.resolve(backup.mark()));
            live.disk.forceDirectory(directory);
        }
        abandon(backup);
    }

    private void abandon(ExternalBackup backup) {
        switch (random.nextInt(3)) {
            case 0 ->
                assertEquals(
                        QuireError.BACKUP_ABORT_BY_CALLER,
                        Faults.of(() -> backup.end(ExternalBackup.End.ABORT)).error());
            case 1 -> backup.close();
            default -> {
                Path none = Scene.ROOT.resolve("none");
                assertEquals(
                        QuireError.BACKUP_IN_PROGRESS,
                        Faults.of(() -> Backup.full(live.instance, none, Progress.NONE))
                                .error());
                assertEquals(Storage.Kind.NONE, live.disk.kind(none));
                abandoned = backup;
                abandonedBy = live.instance;
                live.pause();
                log.add("  abandoned");
            }
        }
    }
}

package dev.quire.backup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quire.Instance;
import dev.quire.backup.HistoryModel.Moment;
import dev.quire.backup.HistoryModel.Place;
import dev.quire.io.Progress;
import dev.quire.io.QuireError;
import dev.quire.io.QuireException;
import dev.quire.io.log.Lsn;
import dev.quire.io.sim.CrashPolicy;
import dev.quire.io.sim.SimDisk;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Collectors;

/** Restores a set to every commit that it must give back, and compares with the model; each on a disk of its own. */
final class HistoryJudge {

    private static final Path BACK = Scene.ROOT.resolve("judged");

    private final SplittableRandom random;
    private final HistoryTally tally;
    private SimDisk disk;
    private Place place;
    private long mark;
    private long from;
    private long end;
    private List<Moment> inside;

    HistoryJudge(SplittableRandom random, HistoryTally tally) {
        this.random = random;
        this.tally = tally;
    }

    void judge(SimDisk there, Place judged) {
        disk = there;
        place = judged;
        assertEquals(
                List.of(),
                BackupVerification.verify(disk, place.path, Progress.NONE).faults(),
                place::toString);
        BackupSet set = BackupSet.read(disk, place.path);
        assertEquals(
                place.stored.ids(),
                set.members().stream().map(Manifest::id).collect(Collectors.toSet()),
                place::toString);
        mark = set.full().mark();
        from = set.full().consistentFrom();
        List<Manifest> taken = set.toTheEnd();
        end = taken.get(taken.size() - 1).end();
        inside = place.stored.stream().moments.stream()
                .filter(each -> each.position() > from && each.position() <= end)
                .toList();
        everyCommit();
        outside();
        sample();
        tally.add("judged");
    }

    private void everyCommit() {
        holds(draft().untilLsn(from), at(from), "its consistentFrom");
        for (Moment each : inside) {
            if (foreign(each.position()).isEmpty()) {
                holds(draft().untilLsn(each.position()), each.contents(), Lsn.toString(each.position()));
            } else {
                inPart(each);
            }
        }
        if (foreign(end).isEmpty() && (inside.isEmpty() || random.nextInt(4) == 0)) {
            holds(draft(), at(end), "its end");
        }
    }

    private Set<String> foreign(long position) {
        return place.stored.stream().foreign(mark, position);
    }

    /** What was attached behind the full has no copy; everything else comes back. */
    private void inPart(Moment moment) {
        refused(draft().untilLsn(moment.position()), QuireError.ATTACHED_DATABASE_MISMATCH);
        Contents rest = moment.contents();
        RestoreRequest.Draft draft = draft().untilLsn(moment.position());
        for (String name : moment.contents().names()) {
            if (foreign(moment.position()).contains(name)) {
                rest = rest.without(name);
            } else {
                draft.only(name);
            }
        }
        holds(draft, rest, "all that it has a copy of");
        tally.add("attached behind");
    }

    private void outside() {
        String refusal = refused(draft().untilLsn(from - 1), QuireError.ENDING_RESTORE_LOG_TOO_LOW);
        assertTrue(refusal.contains(Lsn.toString(from)) && refusal.contains(Lsn.toString(end)), refusal);
        refused(draft().untilLsn(end + 1), QuireError.ENDING_RESTORE_LOG_TOO_LOW);
        refused(draft().untilGeneration(Lsn.generation(end) + 1), QuireError.ENDING_RESTORE_LOG_TOO_LOW);
        if (Lsn.generation(from) > 1) {
            refused(draft().untilGeneration(Lsn.generation(from) - 1), QuireError.ENDING_RESTORE_LOG_TOO_LOW);
        }
    }

    private void sample() {
        List<Moment> commits = inside.stream()
                .filter(each -> each.timeMs() > 0 && foreign(each.position()).isEmpty())
                .toList();
        Moment one = commits.isEmpty() ? null : commits.get(random.nextInt(commits.size()));
        Moment last = commits.isEmpty() ? null : commits.get(commits.size() - 1);
        switch (random.nextInt(5)) {
            case 0 -> {
                if (one != null) {
                    int later = one.equals(last) ? 0 : random.nextInt(10);
                    holds(draft().untilTime(Instant.ofEpochMilli(one.timeMs() + later)), one.contents(), "a time");
                    tally.add("to a time");
                }
            }
            case 1, 2 -> {
                for (Moment each : commits) {
                    if (!each.point().isEmpty()) {
                        holds(draft().untilName(each.point()), each.contents(), each.point());
                        tally.add("to a name");
                        return;
                    }
                }
            }
            case 3 -> {
                int low = Lsn.generation(from);
                int generation = low + random.nextInt(Lsn.generation(end) - low + 1);
                long behind = Math.max(from, Lsn.of(generation + 1, 0) - 1);
                Contents expected = at(behind);
                if (!foreign(behind).isEmpty()) {
                    return;
                }
                holds(draft().untilGeneration(generation), expected, "generation " + generation);
                tally.add("to a generation");
            }
            default -> {
                List<String> names = new ArrayList<>(at(end).names());
                names.removeAll(foreign(end));
                String name = names.get(random.nextInt(names.size()));
                Contents expected = at(end).only(name).renamed(name, "renamed");
                holds(draft().only(name).rename(name, "renamed"), expected, "only " + name);
                tally.add("in part");
            }
        }
    }

    private Contents at(long position) {
        return place.stored.stream().at(position);
    }

    private RestoreRequest.Draft draft() {
        return RestoreRequest.of(place.path);
    }

    private void holds(RestoreRequest.Draft draft, Contents expected, String what) {
        holds(disk, draft, expected, place + " to " + what);
        tally.add("restored");
    }

    /** What a request gives back must be exactly this. */
    static void holds(SimDisk disk, RestoreRequest.Draft draft, Contents expected, String what) {
        SimDisk image = image(disk);
        Restore.run(image, draft.to(BACK).conclude(), false, Scene.signatures(9));
        Instance back = Scene.open(image, BACK, 9);
        try {
            assertEquals(expected.digest(), Contents.of(back).digest(), () -> what + " gives back something else");
        } finally {
            back.halt();
        }
    }

    private String refused(RestoreRequest.Draft draft, QuireError error) {
        SimDisk image = image(disk);
        QuireException e = assertThrows(
                QuireException.class,
                () -> Restore.run(image, draft.to(BACK).conclude(), false, Scene.signatures(9)),
                place::toString);
        assertEquals(error, e.error(), e::toString);
        tally.add("out of range");
        return e.getMessage();
    }

    private static SimDisk image(SimDisk disk) {
        SimDisk image = disk.crashImage(disk.operationCount(), CrashPolicy.ALL, 0);
        image.recordTrace(false);
        return image;
    }
}

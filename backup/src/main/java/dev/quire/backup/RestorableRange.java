package dev.quire.backup;

import dev.quire.durable.StopPoint;
import dev.quire.durable.StopSearch;
import dev.quire.io.CorruptionException;
import dev.quire.io.NotFoundException;
import dev.quire.io.Storage;
import dev.quire.io.StorageFaultException;
import dev.quire.io.log.Lsn;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * From where to where a restore can go, for people who asked for more: in positions and in times. The last time is that
 * of a commit in log that nobody has read who looked for a place before it, and is left out where it cannot be read.
 */
final class RestorableRange {

    private final Storage storage;
    private final BackupSet set;
    private final List<TakenGeneration> behind;
    private final long end;
    private final LogSteps steps;

    /** Of a set, and of log {@code behind} it; all that ends at {@code end}. */
    RestorableRange(Storage storage, BackupSet set, List<TakenGeneration> behind, long end, LogSteps steps) {
        this.storage = storage;
        this.set = set;
        this.behind = behind;
        this.end = end;
        this.steps = steps;
    }

    /** Both ends; {@code lastTimeMs} is that of the last commit if the whole was read, or 0. */
    String text(long firstTimeMs, long lastTimeMs) {
        long last = lastTimeMs == 0 ? readLastTimeMs() : lastTimeMs;
        return "from " + Lsn.toString(set.full().consistentFrom()) + ", " + time(firstTimeMs) + ", to "
                + Lsn.toString(end) + (last == 0 ? "" : ", " + time(last));
    }

    static String time(long ms) {
        return Instant.ofEpochMilli(ms).toString();
    }

    private long readLastTimeMs() {
        Manifest full = set.full();
        StopSearch whole =
                new StopSearch(StopPoint.END, full.redoStart(), full.consistentFrom(), full.createdMs(), List.of());
        LogReplayCheck log = new LogReplayCheck(storage, full, Long.MAX_VALUE, whole, steps);
        List<TakenGeneration> all = new ArrayList<>();
        set.toTheEnd().forEach(member -> all.addAll(TakenGeneration.of(set.directory(), member)));
        all.addAll(behind);
        steps.ahead(RestoreScan.bytes(all));
        try {
            for (TakenGeneration each : all) {
                each.read(steps, () -> log.add(each, each.file(), steps::read));
            }
        } catch (CorruptionException | NotFoundException | StorageFaultException e) {
            steps.check();
            return 0; // what lies behind the point may be damaged, and does not matter
        }
        steps.end();
        return whole.lastTimeMs();
    }
}

package dev.quire.backup;

import dev.quire.io.QuireException;
import dev.quire.io.Storage;
import dev.quire.io.sim.Fault;
import dev.quire.io.sim.SimDisk;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** Lets one operation after the other fail, each in a run of its own, and collects what went wrong with that. */
final class Faults {

    /** The faults that an instance can notice. */
    static final List<Fault> NOTICED =
            List.of(Fault.EIO_WRITE, Fault.SHORT_WRITE, Fault.NO_SPACE, Fault.FAILED_FORCE, Fault.EIO_READ);

    private static final int FAILURES_MAX = 3;

    private final List<String> failures = new ArrayList<>();
    private int runs;

    /** One run against a disk; operations and reads count from the moment at which it calls {@link #arm}. */
    interface Run {
        String play(SimDisk disk, Runnable arm);
    }

    int runs() {
        return runs;
    }

    List<String> failures() {
        return failures;
    }

    /** Every {@code stride}-th operation of the run fails with {@code fault}; ends when the run is over before. */
    void sweep(Fault fault, int stride, Run run, Supplier<SimDisk> disks) {
        for (int at = 0; ; at += stride) {
            SimDisk disk = disks.get();
            int index = at;
            String failure;
            try {
                failure = run.play(disk, () -> {
                    disk.resetTrace();
                    disk.failAt(index, fault, false);
                });
            } catch (RuntimeException | Error e) {
                failure = CrashJudge.text(e);
            }
            int count = fault == Fault.EIO_READ ? disk.readCount() : disk.operationCount();
            runs += disk.faultsHit() > 0 ? 1 : 0;
            if (failure != null && failures.size() < FAILURES_MAX) {
                failures.add(fault + " at #" + index + ": " + failure);
            }
            if (at >= count) {
                return;
            }
        }
    }

    /** The fault of {@code task}, null if it did its work; anything but a fault of the expected type is thrown. */
    static QuireException of(Runnable task) {
        try {
            task.run();
            return null;
        } catch (QuireException e) {
            return e;
        }
    }

    /** Whether a backup that was taken all the same tells what it could not clear away behind itself. */
    static boolean isTold(BackupReport report) {
        return report != null
                && report.events().stream().anyMatch(each -> each.text().contains("left behind: "));
    }

    /** Names in a directory that are there although nothing may be, or an empty list. */
    static List<String> names(SimDisk disk, Path directory) {
        return disk.kind(directory) == Storage.Kind.NONE ? List.of() : disk.list(directory);
    }
}

package dev.quire;

import dev.quire.io.CorruptionException;
import dev.quire.io.QuireException;
import dev.quire.io.sim.SimDisk;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Changes bits of files at rest, one byte after the other, each on a disk of its own, and opens, reads and checks what
 * that leaves: the fault is told, of the right kind and with the right name, or what is read is what was written.
 */
final class DamageSweep {

    /** What is due when a byte was changed. */
    enum Due {
        /** The instance does not open: a corruption that names the file. */
        REFUSED,
        /** It opens; reading is refused, and check names the page. */
        REPORTED,
        /** Nothing depends on the byte; nobody is told. */
        HARMLESS,
        /** Another copy has it; who opened the instance is told which file. */
        MENDED,
        /** Either; never anything else. */
        EITHER
    }

    private static final int FAILURES_MAX = 5;

    private final SimDisk base;
    private final long digest;
    private final List<String> failures = new ArrayList<>();
    private Path named;
    private int changed;
    private int told;

    /** {@code base} is a disk whose instance, opened, holds what {@code digest} stands for. */
    DamageSweep(SimDisk base, long digest) {
        this.base = base;
        this.digest = digest;
    }

    /** What a fault must name, if it is not the file that was changed. */
    DamageSweep naming(Path file) {
        named = file;
        return this;
    }

    List<String> failures() {
        return failures;
    }

    /** Bytes that were changed. */
    int changed() {
        return changed;
    }

    /** Of these, how many somebody was told of. */
    int told() {
        return told;
    }

    /** Bytes [from, to) of a file, every {@code stride}-th; {@code page} is what a fault must name, -1 for none. */
    DamageSweep bytes(Path file, long from, long to, int stride, int page, Due due) {
        for (long at = from; at < to; at += stride) {
            flip(file, page, due, at);
        }
        return this;
    }

    /** One byte in two places at once, as in both copies of a header. */
    DamageSweep flip(Path file, int page, Due due, long... places) {
        SimDisk disk = base.processCrashImage(base.operationCount());
        disk.recordTrace(false);
        int mask = mask(places[0]);
        for (long at : places) {
            disk.corrupt(file, at, mask);
        }
        changed++;
        String fault;
        try {
            fault = judge(disk, named == null ? file : named, page, due);
        } catch (RuntimeException | Error e) {
            fault = "not a fault of ours: " + CrashJudge.text(e);
        }
        if (fault != null && failures.size() < FAILURES_MAX) {
            failures.add(file.getFileName() + " at " + places[0] + " mask " + mask + ", " + due + " is due: " + fault);
        }
        return this;
    }

    /** One bit, another one at the next byte; now and then all of them. */
    private static int mask(long at) {
        return at % 11 == 10 ? 0xFF : 1 << (at * 5 + at / 8) % 8;
    }

    private String judge(SimDisk disk, Path file, int page, Due due) {
        Instance instance;
        try {
            instance = SimInstances.open(disk, 1_000 + changed);
        } catch (QuireException e) {
            told++;
            return due == Due.REFUSED || due == Due.EITHER
                    ? named(e, file, page)
                    : "does not open: " + CrashJudge.text(e);
        }
        try {
            boolean noted = instance.recovery().mended().stream()
                    .anyMatch(each -> each.file().equals(file));
            if (noted != (due == Due.MENDED)) {
                return "mended: " + instance.recovery().mended();
            }
            told += noted ? 1 : 0;
            return due == Due.REFUSED ? "was believed" : read(instance, file, page, due);
        } finally {
            instance.halt();
        }
    }

    private String read(Instance instance, Path file, int page, Due due) {
        QuireException fault = null;
        try {
            long found = StateDigest.of(instance);
            if (found != digest) {
                return "other data were read";
            }
        } catch (QuireException e) {
            fault = e;
        }
        CheckReport report = instance.check();
        if (due == Due.HARMLESS || due == Due.MENDED || due == Due.EITHER && fault == null && report.isSound()) {
            return fault == null && report.isSound()
                    ? null
                    : "is told of: " + (fault == null ? report.faults() : CrashJudge.text(fault));
        }
        if (fault == null) {
            return "was read without a fault; check said " + report.faults();
        }
        told++;
        boolean listed = report.faults().stream().anyMatch(each -> each.page() == page || each.page() < 0);
        return listed ? named(fault, file, page) : "check does not name the page: " + report.faults();
    }

    private static String named(QuireException fault, Path file, int page) {
        if (!(fault instanceof CorruptionException)) {
            return "is no corruption: " + CrashJudge.text(fault);
        }
        boolean right = fault.file().filter(file::equals).isPresent()
                && (page < 0
                        || Pattern.compile("page " + page + "\\b")
                                .matcher(fault.getMessage())
                                .find());
        return right ? null : "names another place: " + fault.getMessage();
    }
}

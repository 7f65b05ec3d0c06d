package dev.quire;

import dev.quire.io.MutableBytesView;
import dev.quire.io.QuireException;
import dev.quire.io.sim.CrashPolicy;
import dev.quire.io.sim.SimDisk;
import java.util.List;

/**
 * Opens what a crash has left and says what is wrong with it, or null: it must open, hold exactly one of the states the
 * scenario went through, none older than what was acknowledged, be sound, take another commit, and keep it.
 */
final class CrashJudge {

    private final List<ScenarioRun.Moment> moments;
    private long seed = 1_000;

    CrashJudge(List<ScenarioRun.Moment> moments) {
        this.moments = moments;
    }

    /** {@code crash} is the operation of the scenario that was under way. */
    String judge(SimDisk image, int crash, boolean thorough) {
        int acknowledged = acknowledgedAt(crash);
        Instance instance;
        try {
            instance = SimInstances.open(image, ++seed);
        } catch (QuireException e) {
            return acknowledged < 0 ? null : "does not open: " + text(e);
        } catch (RuntimeException | Error e) {
            return "does not open: " + text(e);
        }
        try {
            String found = holds(instance, acknowledged, crash);
            return found != null || !thorough ? found : goesOn(image, instance);
        } catch (RuntimeException | Error e) {
            return "cannot be read: " + text(e);
        } finally {
            instance.halt();
        }
    }

    private int acknowledgedAt(int crash) {
        int last = -1;
        for (int i = 0; i < moments.size(); i++) {
            last = moments.get(i).acknowledged() <= crash ? i : last;
        }
        return last;
    }

    private String holds(Instance instance, int acknowledged, int crash) {
        long digest = StateDigest.of(instance);
        if (acknowledged < 0 && instance.databases().isEmpty()) {
            return sound(instance);
        }
        String found = "no state that ever was";
        for (int i = moments.size() - 1; i >= 0; i--) {
            ScenarioRun.Moment moment = moments.get(i);
            if (moment.digest() == digest) {
                if (i >= acknowledged && moment.begun() <= crash) {
                    return sound(instance);
                }
                found = "state " + i + " (" + moment.what() + ", begun #" + moment.begun() + ")";
            }
        }
        return "holds " + found + ", acknowledged was " + acknowledged + " of " + moments.size();
    }

    private static String sound(Instance instance) {
        CheckReport report = instance.check();
        return report.isSound() ? null : "is not sound: " + report.faults();
    }

    /** One more commit, then an orderly end or a power cut that leaves what was forced, and another look. */
    private String goesOn(SimDisk image, Instance instance) {
        long digest = commitOneMore(instance, ++seed);
        if (seed % 2 == 0) {
            instance.close();
        } else {
            instance.halt();
        }
        return holds(image.crashImage(image.operationCount(), CrashPolicy.NONE, 0), digest);
    }

    /** Commits something that no scenario does; returns the state after it. */
    static long commitOneMore(Instance instance, long mark) {
        Database database = instance.databases().isEmpty()
                ? instance.createDatabase("later")
                : instance.databases().get(0);
        try (WriteTransaction tx = instance.beginWrite()) {
            tx.openOrCreateTable(database, "later").put(StateModel.bytes("mark"), StateModel.noise(mark, 3_000));
            tx.rawPages(database).allocate(new MutableBytesView());
            tx.commit();
        }
        return StateDigest.of(instance);
    }

    /** What is wrong with an image that must hold exactly this state. */
    String holds(SimDisk image, long digest) {
        Instance instance = SimInstances.open(image, ++seed);
        try {
            return StateDigest.of(instance) == digest ? sound(instance) : "lost the commit after recovery";
        } finally {
            instance.halt();
        }
    }

    static String text(Throwable e) {
        StringBuilder text = new StringBuilder(String.valueOf(e));
        StackTraceElement[] stack = e.getStackTrace();
        for (int i = 0; i < Math.min(10, stack.length); i++) {
            text.append("\n      ").append(stack[i]);
        }
        return e.getCause() == null ? text.toString() : text + "\n    cause " + text(e.getCause());
    }
}

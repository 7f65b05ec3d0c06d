package dev.quire;

import dev.quire.io.QuireException;
import dev.quire.io.StorageFullException;
import dev.quire.io.sim.CrashPolicy;
import dev.quire.io.sim.Fault;
import dev.quire.io.sim.SimDisk;
import dev.quire.io.sim.SimOperation;
import java.util.ArrayList;
import java.util.List;

/**
 * Lets an operation of a scenario fail, once or from there on, and looks at what the engine makes of it: the failure
 * must be typed, nothing acknowledged before or after may be lost, and a disk that is merely full must leave the
 * instance usable.
 */
final class ErrorSweep {

    private static final List<Fault> KINDS =
            List.of(Fault.EIO_WRITE, Fault.SHORT_WRITE, Fault.NO_SPACE, Fault.FAILED_FORCE);
    private static final CrashPolicy[] LEFT = {CrashPolicy.NONE, CrashPolicy.ALL, CrashPolicy.RANDOM_OPS};

    /** What no failed force has dropped is found by recovery as after any crash: looked at rarely. */
    private static final int START_AGAIN_STRIDE = 7;

    private final String name;
    private final ScenarioRun.Script script;
    private final List<SimOperation> operations;
    private final int reads;
    private final List<String> failures = new ArrayList<>();
    private int points;
    private int refusals;
    private int full;

    ErrorSweep(String name, ScenarioRun.Script script) {
        this.name = name;
        this.script = script;
        ScenarioRun undisturbed = ScenarioRun.of(script);
        this.operations = undisturbed.disk.operations();
        this.reads = undisturbed.disk.readCount();
    }

    /** Faults that happened. */
    int points() {
        return points;
    }

    /** Faults that somebody was told of. */
    int refusals() {
        return refusals;
    }

    /** Faults that were a full disk, with nothing written. */
    int full() {
        return full;
    }

    List<String> failures() {
        return failures;
    }

    /**
     * Every kind of fault that can happen to it at every single operation; at every {@code stride}-th one, each kind
     * at others, also from there on. Reads likewise.
     */
    ErrorSweep sweep(int stride) {
        for (int at = 0; at < operations.size(); at++) {
            for (Fault kind : KINDS) {
                if (kind.appliesTo(operations.get(at).type())) {
                    fail(at, kind, false);
                }
                if ((at + kind.ordinal()) % stride == 0) {
                    fail(at, kind, true);
                }
            }
        }
        for (int at = 0; at < reads; at++) {
            fail(at, Fault.EIO_READ, false);
            if (at % stride == 0) {
                fail(at, Fault.EIO_READ, true);
            }
        }
        return this;
    }

    private void fail(int at, Fault kind, boolean forever) {
        ScenarioRun run = ScenarioRun.failing(script, disk -> disk.failAt(at, kind, forever));
        if (run.disk.faultsHit() > 0) {
            points++;
            String fault = judge(run, at, kind, forever);
            if (fault != null && failures.size() < 4) {
                failures.add(name + ", " + kind + (forever ? " from " : " at ")
                        + (kind == Fault.EIO_READ ? "read #" + at : run.disk.describe(at)) + ", while: " + run.doing()
                        + ", told " + run.failure() + ": " + fault);
            }
        }
    }

    private String judge(ScenarioRun run, int at, Fault kind, boolean forever) {
        if (run.failure() != null && !(run.failure() instanceof QuireException)) {
            return "not typed: " + CrashJudge.text(run.failure());
        }
        refusals += run.failure() == null ? 0 : 1;
        boolean nothingAppended =
                run.failure() instanceof StorageFullException && run.doing().equals("commit");
        full += nothingAppended ? 1 : 0;
        CrashJudge judge = new CrashJudge(run.moments());
        Instance instance = run.instance();
        long digest = 0;
        boolean went = false;
        if (kind == Fault.EIO_READ) {
            run.disk.clearFaults(); // or the commit that follows could succeed and not be looked at
        }
        if (instance != null) {
            try {
                digest = CrashJudge.commitOneMore(instance, at);
                went = true;
                instance.close();
            } catch (QuireException e) {
                if (nothingAppended && !forever && !went) {
                    return "unusable although nothing was appended: " + CrashJudge.text(e);
                }
                end(instance);
            } catch (RuntimeException e) {
                return "not typed afterwards: " + CrashJudge.text(e);
            }
        }
        SimDisk disk = run.disk;
        disk.clearFaults();
        SimDisk left = disk.crashImage(disk.operationCount(), LEFT[at % LEFT.length], at);
        left.recordTrace(false);
        try {
            String fault = went ? judge.holds(left, digest) : judge.judge(left, disk.operationCount(), false);
            boolean dropped = kind == Fault.FAILED_FORCE || at % START_AGAIN_STRIDE == 0;
            return fault == null && !went && dropped ? startAgain(run, judge, at) : fault;
        } catch (QuireException e) {
            return CrashJudge.text(e);
        }
    }

    /**
     * Only the process ends; what a failed force has dropped can still be read, and a later power cut takes it: also
     * commits of unknown outcome, so that it is not said which state is found, only that it stays.
     */
    private static String startAgain(ScenarioRun run, CrashJudge judge, int at) {
        SimDisk disk = run.disk.processCrashImage(run.disk.operationCount());
        disk.recordTrace(false);
        Instance instance;
        try {
            instance = SimInstances.open(disk, 900 + at);
        } catch (QuireException e) {
            return run.moments().get(0).acknowledged() == Integer.MAX_VALUE
                    ? null
                    : "started again: " + CrashJudge.text(e);
        }
        long digest = CrashJudge.commitOneMore(instance, -at);
        instance.halt();
        String fault = judge.holds(disk.crashImage(disk.operationCount(), CrashPolicy.NONE, at), digest);
        return fault == null ? null : "started again, then power cut: " + fault;
    }

    /** A failed instance must still let go of everything. */
    private static void end(Instance instance) {
        try {
            instance.close();
        } catch (QuireException e) {
            instance.halt();
        }
    }
}

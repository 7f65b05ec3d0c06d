package dev.quire;

import dev.quire.io.Storage;
import dev.quire.io.sim.CrashPolicy;
import dev.quire.io.sim.SimDisk;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/** Crashes a scenario at its operations, counts the points, and collects what went wrong. */
final class CrashSweep {

    private final String name;
    private final ScenarioRun run;
    private final CrashJudge judge;
    private final List<String> failures = new ArrayList<>();
    private UnaryOperator<Storage> recovering = UnaryOperator.identity();
    private int failuresMax = 3;
    private int points;

    CrashSweep(String name, ScenarioRun run) {
        this.name = name;
        this.run = run;
        this.judge = new CrashJudge(run.moments());
    }

    /** Stands before the disk in a recovery that is crashed itself. */
    CrashSweep recovering(UnaryOperator<Storage> wrapped) {
        recovering = wrapped;
        return this;
    }

    /** Stops at the first failure. */
    CrashSweep untilFailure() {
        failuresMax = 1;
        return this;
    }

    int points() {
        return points;
    }

    List<String> failures() {
        return failures;
    }

    /** A power cut at every {@code stride}-th operation under every policy. */
    CrashSweep powerCuts(int stride, int seeds, boolean thorough) {
        for (int at = 0; at <= run.disk.operationCount() && goesOn(); at += stride) {
            for (CrashPolicy policy : CrashPolicy.values()) {
                for (long seed = 0; seed < (hasChoice(policy) ? seeds : 1); seed++) {
                    SimDisk image = run.disk.crashImage(at, policy, seed);
                    image.recordTrace(false);
                    judge(image, at, thorough && (at + policy.ordinal()) % 2 == 0, policy + " seed " + seed);
                }
            }
        }
        return this;
    }

    /** The process ends, recovery runs, perhaps not to its end, and then the power goes. */
    CrashSweep processThenPower(int stride) {
        for (int at = 0; at <= run.disk.operationCount() && goesOn(); at += stride) {
            SimDisk image = at % 2 == 0 || at == run.disk.operationCount()
                    ? run.disk.processCrashImage(at)
                    : run.disk.processCrashImage(at, at);
            int recovered = recover(image);
            for (CrashPolicy policy : List.of(CrashPolicy.NONE, CrashPolicy.TORN_SECTORS, CrashPolicy.RANDOM_OPS)) {
                int second = (at * 7 + policy.ordinal() * 13) % (recovered + 1);
                judge(
                        image.crashImage(second, policy, at),
                        at,
                        false,
                        "process, then " + policy + " at " + image.describe(second));
            }
            powerAfterCommit(image, at);
        }
        return this;
    }

    /** What recovery built on must be on the medium by the time that the next commit is acknowledged. */
    private void powerAfterCommit(SimDisk image, int at) {
        points++;
        String fault;
        try {
            Instance instance = SimInstances.open(recovering.apply(image), 600);
            long digest = CrashJudge.commitOneMore(instance, at);
            instance.halt();
            fault = judge.holds(image.crashImage(image.operationCount(), CrashPolicy.NONE, 0), digest);
        } catch (RuntimeException e) {
            fault = CrashJudge.text(e);
        }
        note(fault, at, "process, commit, then NONE");
    }

    /** A power cut, and another one while recovery is at work, at {@code cuts} places of it. */
    CrashSweep powerTwice(int stride, CrashPolicy first, int cuts) {
        return powerTwice(stride, first, cuts, List.of(CrashPolicy.values()));
    }

    CrashSweep powerTwice(int stride, CrashPolicy first, int cuts, List<CrashPolicy> policies) {
        for (int at = 0; at <= run.disk.operationCount() && goesOn(); at += stride) {
            SimDisk image = run.disk.crashImage(at, first, at);
            recover(image);
            int end = image.operationCount();
            for (int cut = 0; cut < cuts; cut++) {
                int second = (int) ((long) end * cut / cuts + (at + cut) % Math.max(1, end / cuts));
                CrashPolicy policy = policies.get((at + cut) % policies.size());
                judge(
                        image.crashImage(Math.min(second, end), policy, cut),
                        at,
                        cut == 0,
                        first + ", then " + policy + " at " + image.describe(Math.min(second, end)));
            }
        }
        return this;
    }

    /** Opens and leaves it as a second crash finds it; returns how many operations that took. Judged later. */
    private int recover(SimDisk image) {
        try {
            SimInstances.open(recovering.apply(image), 500).halt();
        } catch (RuntimeException e) {
            return image.operationCount();
        }
        return image.operationCount();
    }

    private void judge(SimDisk image, int at, boolean thorough, String how) {
        if (!goesOn()) {
            return;
        }
        points++;
        note(judge.judge(image, at, thorough), at, how);
    }

    private void note(String fault, int at, String how) {
        if (fault != null && failures.size() < failuresMax) {
            failures.add(name + ", crash at " + run.disk.describe(at) + ", " + how + ": " + fault);
        }
    }

    private boolean goesOn() {
        return failures.size() < failuresMax;
    }

    private static boolean hasChoice(CrashPolicy policy) {
        return switch (policy) {
            case PREFIX, RANDOM_OPS, ALL_BUT_ONE, TORN_SECTORS, STALE_SPACE -> true;
            default -> false;
        };
    }
}

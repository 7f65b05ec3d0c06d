package dev.quire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.quire.MutantStorage.Call;
import java.util.List;
import java.util.function.BiPredicate;
import java.util.function.Consumer;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Breaks the protocol on purpose, one step at a time: the crash sweep must see each. */
class ProtocolMutantTest {

    private static final String LOG = ".qlog";
    private static final String DATABASE = ".qdb";
    private static final String GUARD = "quire.guard";
    private static final String SLOTS = "quire.chk";

    private record Mutant(
            String name, ScenarioRun.Script script, BiPredicate<Call, String> omits, Consumer<CrashSweep> sweep) {}

    private static List<Mutant> mutants() {
        return List.of(
                cut(
                        "I1 pages written before their log is forced",
                        CrashScenarios::checkpoints,
                        force(LOG).and((call, name) -> MutantStorage.within("checkpoint"))),
                cut(
                        "I2 commits acknowledged before the log is forced",
                        CrashScenarios::rawPages,
                        force(LOG).and((call, name) -> MutantStorage.within("commit"))),
                cut(
                        "I3 redo start moved before pages are forced",
                        CrashScenarios::checkpoints,
                        force(DATABASE).and((call, name) -> MutantStorage.within("PageWriteback"))),
                cut(
                        "I3 redo start moved without pages written",
                        CrashScenarios::checkpoints,
                        write(DATABASE).and((call, name) -> MutantStorage.within("flushGuarded"))),
                cut(
                        "I4 log recycled before the slot is forced",
                        CrashScenarios::recycledLog,
                        force(SLOTS).and((call, name) -> MutantStorage.within("Checkpointer"))),
                cut(
                        "pages written before the guard is forced",
                        CrashScenarios::guardHalfReused,
                        force(GUARD).and((call, name) -> MutantStorage.within("PageWriteback"))),
                cut(
                        "pages written without a guard",
                        CrashScenarios::checkpoints,
                        write(GUARD).and((call, name) -> MutantStorage.within("PageWriteback"))),
                cut("names in the instance not forced", CrashScenarios::databases, forceDirectory("here")),
                cut("names of generations not forced", CrashScenarios::logRoll, forceDirectory("log")),
                cut("the directory itself not forced", CrashScenarios::rawPages, forceDirectory("sim")),
                new Mutant(
                        "recovery believes the cache",
                        CrashScenarios::extentsAndPages,
                        (call, name) -> false,
                        s -> s.recovering(
                                        disk -> new MutantStorage(disk, ProtocolMutantTest::forgetsToForceWhatItFound))
                                .processThenPower(1)));
    }

    private static boolean forgetsToForceWhatItFound(Call call, String name) {
        return name.endsWith(LOG) && (MutantStorage.within("forceAll") || MutantStorage.within("rewrite"));
    }

    private static Mutant cut(String name, ScenarioRun.Script script, BiPredicate<Call, String> omits) {
        return new Mutant(name, script, omits, sweep -> sweep.powerCuts(1, 2, false));
    }

    private static BiPredicate<Call, String> force(String ending) {
        return (call, name) -> call == Call.FORCE && name.endsWith(ending);
    }

    private static BiPredicate<Call, String> write(String ending) {
        return (call, name) -> call == Call.WRITE && name.endsWith(ending);
    }

    private static BiPredicate<Call, String> forceDirectory(String directory) {
        return (call, name) -> call == Call.FORCE_DIRECTORY && name.equals(directory);
    }

    @TestFactory
    List<DynamicTest> everyBrokenProtocolMustBeSeen() {
        return mutants().stream()
                .map(mutant -> DynamicTest.dynamicTest(mutant.name(), () -> mustBeSeen(mutant)))
                .toList();
    }

    private static void mustBeSeen(Mutant mutant) {
        ScenarioRun run;
        try {
            run = ScenarioRun.of(mutant.script(), disk -> new MutantStorage(disk, mutant.omits()));
        } catch (IllegalArgumentException e) {
            // Seen without a crash: the allocation map that was not written says that a page in use is free.
            System.out.println(mutant.name() + ": at work " + e.getMessage());
            return;
        }
        CrashSweep sweep = new CrashSweep(mutant.name(), run).untilFailure();
        mutant.sweep().accept(sweep);
        System.out.println(mutant.name() + ": points=" + sweep.points() + " "
                + sweep.failures().stream()
                        .findFirst()
                        .map(text -> text.lines().findFirst().orElse(""))
                        .orElse("NOT SEEN"));
        assertFalse(sweep.failures().isEmpty(), () -> mutant.name() + " was not seen in " + sweep.points() + " points");
    }

    @Test
    void aStorageThatLeavesNothingOutMustPass() {
        ScenarioRun run =
                ScenarioRun.of(CrashScenarios::rawPages, disk -> new MutantStorage(disk, (call, name) -> false));
        CrashSweep sweep = new CrashSweep("whole", run).powerCuts(3, 1, false);
        assertEquals(List.of(), sweep.failures());
    }

    @Test
    void aModelThatDiffersMustBeSeen() {
        assertThrows(
                IllegalStateException.class,
                () -> ScenarioRun.of(run -> {
                    run.open();
                    run.create("db");
                    run.commit(step -> {});
                }));
    }
}

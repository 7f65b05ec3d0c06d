package dev.quire;

import dev.quire.io.Storage;
import dev.quire.io.sim.SimDisk;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/**
 * A scenario while it runs for the first time, undisturbed: drives an instance and notes, for every state that it goes
 * through, at which operation of the disk the way there began and at which it was acknowledged.
 */
final class ScenarioRun {

    /** A state between two commits; {@code acknowledged} is {@link Integer#MAX_VALUE} while no force has covered it. */
    record Moment(long digest, int begun, int acknowledged, String what) {}

    /** What to run. */
    interface Script {
        void play(ScenarioRun run);
    }

    final SimDisk disk = SimInstances.disk();
    private final Storage storage;
    private final List<Moment> moments = new ArrayList<>();
    private StateModel model = new StateModel();
    private Instance instance;
    private long opened;
    private RuntimeException failure;
    private String doing = "nothing";

    private ScenarioRun(UnaryOperator<Storage> wrapped) {
        this.storage = wrapped.apply(disk);
    }

    /** Plays it to its end. */
    static ScenarioRun of(Script script) {
        return of(script, UnaryOperator.identity());
    }

    /** The same; {@code wrapped} stands before the disk in this run, but not in what comes after a crash. */
    static ScenarioRun of(Script script, UnaryOperator<Storage> wrapped) {
        ScenarioRun run = new ScenarioRun(wrapped);
        script.play(run);
        if (run.instance != null) {
            run.instance.halt();
        }
        return run;
    }

    /** Plays it on a disk that was prepared to fail, as far as it gets; the instance is left as it is then. */
    static ScenarioRun failing(Script script, Consumer<SimDisk> faults) {
        ScenarioRun run = new ScenarioRun(UnaryOperator.identity());
        faults.accept(run.disk);
        try {
            script.play(run);
        } catch (RuntimeException e) {
            run.failure = e;
        }
        return run;
    }

    /** What ended a run that failed. */
    RuntimeException failure() {
        return failure;
    }

    /** What the run was doing when it failed. */
    String doing() {
        return doing;
    }

    List<Moment> moments() {
        return moments;
    }

    Instance instance() {
        return instance;
    }

    StateModel model() {
        return model;
    }

    void open() {
        open(config -> {});
    }

    void open(Consumer<InstanceConfig> change) {
        InstanceConfig config = SimInstances.config(storage, SimInstances.HERE, ++opened);
        change.accept(config);
        instance = null;
        attempt("open", true, model, () -> instance = config.open());
    }

    void close() {
        doing = "close";
        instance.close();
        instance = null;
    }

    void halt() {
        instance.halt();
        instance = null;
    }

    void create(String database) {
        StateModel next = model.copy();
        next.databases.put(database, new StateModel.OfDatabase());
        attempt("create", true, next, () -> instance.createDatabase(database));
    }

    void drop(String database) {
        attempt("drop", true, without(database), () -> instance.drop(database));
    }

    StateModel.OfDatabase detach(String database) {
        StateModel.OfDatabase gone = model.database(database);
        attempt("detach", true, without(database), () -> instance.detach(database));
        return gone;
    }

    private StateModel without(String database) {
        StateModel next = model.copy();
        next.databases.remove(database);
        return next;
    }

    void attach(String database, StateModel.OfDatabase content) {
        StateModel next = model.copy();
        next.databases.put(database, content);
        attempt("attach", true, next, () -> instance.attach(database));
    }

    /** Makes a database in an instance of its own and moves its file here, to be attached. */
    StateModel.OfDatabase importFile(String database, Consumer<Step> content) {
        Path elsewhere = SimInstances.ROOT.resolve("elsewhere");
        StateModel other = new StateModel();
        try (Instance source = SimInstances.config(storage, elsewhere, 77).open()) {
            source.createDatabase(database);
            other.databases.put(database, new StateModel.OfDatabase());
            try (WriteTransaction tx = source.beginWrite()) {
                content.accept(new Step(source, tx, other));
                tx.commit();
            }
            source.detach(database);
        }
        String file = database + ".qdb";
        disk.rename(elsewhere.resolve(file), SimInstances.HERE.resolve(file));
        disk.forceDirectory(elsewhere);
        disk.forceDirectory(SimInstances.HERE);
        return other.database(database);
    }

    void commit(Consumer<Step> step) {
        commit(step, Durability.DURABLE);
    }

    void lazy(Consumer<Step> step) {
        commit(step, Durability.LAZY);
    }

    private void commit(Consumer<Step> step, Durability durability) {
        doing = "change";
        StateModel next = model.copy();
        try (WriteTransaction tx = instance.beginWrite()) {
            step.accept(new Step(instance, tx, next));
            if (next.digest() == model.digest()) {
                throw new IllegalStateException("a commit that changes nothing shows nothing");
            }
            attempt("commit", durability == Durability.DURABLE, next, () -> tx.commit(durability));
        }
    }

    void abort(Consumer<Step> step) {
        doing = "abort";
        try (WriteTransaction tx = instance.beginWrite()) {
            step.accept(new Step(instance, tx, model.copy()));
        }
    }

    void checkpoint() {
        doing = "checkpoint";
        instance.checkpoint();
        acknowledge();
    }

    void roll() {
        doing = "roll";
        instance.engine().log().roll();
        acknowledge();
    }

    /** From the moment it begins the state may be found after a crash; from its end on, if durable, it must be. */
    private void attempt(String what, boolean durable, StateModel next, Runnable change) {
        doing = what;
        moments.add(new Moment(next.digest(), disk.operationCount(), Integer.MAX_VALUE, what));
        change.run();
        model = next;
        if (durable) {
            acknowledge();
        }
    }

    /** Everything up to here is durable. */
    private void acknowledge() {
        int now = disk.operationCount();
        moments.replaceAll(each -> each.acknowledged() == Integer.MAX_VALUE
                ? new Moment(each.digest(), each.begun(), now, each.what())
                : each);
    }
}

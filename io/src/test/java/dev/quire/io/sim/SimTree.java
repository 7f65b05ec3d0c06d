package dev.quire.io.sim;

import java.util.ArrayList;
import java.util.List;

/** The names of a disk: as everybody sees them, on the medium, and the changes in between, at each operation. */
final class SimTree {

    private final History<SimNames> live;
    private final History<SimNames> durable;
    private final List<NameOperation> operations = new ArrayList<>();

    SimTree(SimNames live, SimNames durable, List<NameOperation> pending) {
        this.live = new History<>(live);
        this.durable = new History<>(durable);
        operations.addAll(pending);
    }

    SimNames live() {
        return live.latest();
    }

    SimNames liveBefore(int index) {
        return live.before(index);
    }

    SimNames durableBefore(int index) {
        return durable.before(index);
    }

    /** Changes no force covers when operation {@code crash} is under way, in order. */
    List<NameOperation> pending(int crash, boolean inFlight) {
        return operations.stream()
                .filter(operation -> operation.index() < crash || inFlight && operation.index() == crash)
                .filter(operation -> operation.isPendingAt(crash))
                .toList();
    }

    void apply(NameOperation operation) {
        operations.add(operation);
        live.add(operation.index(), operation.applyTo(live()));
    }

    void force(int index, int directory) {
        List<NameOperation> pending = pending(NameOperation.NEVER, false);
        pending.forEach(operation -> operation.settle(index, directory));
        for (int later = pending.size() - 1; later > 0; later--) {
            NameOperation settled = pending.get(later);
            if (!settled.isPendingAt(NameOperation.NEVER)) {
                pending.subList(0, later).stream()
                        .filter(settled::needs)
                        .forEach(earlier -> earlier.settleWhole(index));
            }
        }
        SimNames names = durable.latest();
        for (NameOperation operation : pending) {
            names = operation.isPendingAt(NameOperation.NEVER) ? names : operation.applyTo(names);
        }
        durable.add(index, names);
    }

    /** What is pending in the directory is lost, although it can still be seen. */
    void lose(int index, int directory) {
        pending(NameOperation.NEVER, false).stream()
                .filter(operation -> operation.concerns(directory))
                .forEach(operation -> operation.lose(index));
    }

    /** A name on the medium at once: no operation. */
    void plant(int lastIndex, int directory, String name, int node) {
        live.add(lastIndex, live().with(directory, name, node));
        durable.add(lastIndex, durable.latest().with(directory, name, node));
    }

    SimTree carriedOver(int index) {
        return new SimTree(
                liveBefore(index),
                durableBefore(index),
                pending(index, false).stream()
                        .map(operation -> operation.carriedOver(index))
                        .toList());
    }

    void forgetPast() {
        operations.removeIf(operation -> !operation.isPendingAt(NameOperation.NEVER));
        live.forgetAllButLatest();
        durable.forgetAllButLatest();
    }
}

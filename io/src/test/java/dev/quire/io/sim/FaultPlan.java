package dev.quire.io.sim;

import java.util.ArrayList;
import java.util.List;

/** Which operations are to go wrong. */
final class FaultPlan {

    private record Planned(int index, Fault fault, boolean forever) {
        boolean coversIndex(int operation) {
            return forever ? operation >= index : operation == index;
        }
    }

    private final List<Planned> plan = new ArrayList<>();
    private int hits;

    void add(int index, Fault fault, boolean forever) {
        plan.add(new Planned(index, fault, forever));
    }

    void clear() {
        plan.clear();
    }

    int hits() {
        return hits;
    }

    /** Null if nothing is to go wrong. */
    Fault of(SimOperation operation) {
        for (Planned planned : plan) {
            if (planned.coversIndex(operation.index()) && planned.fault.appliesTo(operation.type())) {
                hits++;
                return planned.fault;
            }
        }
        return null;
    }

    boolean failsRead(int read) {
        boolean fails = plan.stream().anyMatch(planned -> planned.fault == Fault.EIO_READ && planned.coversIndex(read));
        hits += fails ? 1 : 0;
        return fails;
    }
}

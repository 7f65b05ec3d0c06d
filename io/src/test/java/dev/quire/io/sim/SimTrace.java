package dev.quire.io.sim;

import dev.quire.io.sim.SimOperation.Type;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What was done to a disk, and what is to go wrong. Guarded by the disk's lock; the counts can be read without. */
final class SimTrace {

    private record BadRange(int node, long from, long to) {}

    private final List<SimOperation> operations = new ArrayList<>();
    private final List<BadRange> badRanges = new ArrayList<>();
    private final FaultPlan faults = new FaultPlan();
    private volatile int count;
    private volatile int readCount;
    private boolean recording = true;

    int count() {
        return count;
    }

    int readCount() {
        return readCount;
    }

    FaultPlan faults() {
        return faults;
    }

    List<SimOperation> operations() {
        if (!recording) {
            throw new IllegalStateException("the trace is not recorded");
        }
        return operations;
    }

    boolean isRecording() {
        return recording;
    }

    void record(boolean record) {
        if (record && !recording && count > 0) {
            throw new IllegalStateException("a trace has to be recorded from its first operation: resetTrace first");
        }
        recording = record;
        operations.clear();
    }

    void reset() {
        count = 0;
        readCount = 0;
        operations.clear();
        faults.clear();
    }

    SimOperation begin(Type type, Path path, Path other, long position, long length) {
        SimOperation operation = new SimOperation(count, type, path, other, position, length);
        if (recording) {
            operations.add(operation);
        }
        count = count + 1;
        return operation;
    }

    /** Whether the next read fails, here. */
    boolean beginReadFails(int node, long position, long length) {
        int read = readCount;
        readCount = read + 1;
        return faults.failsRead(read)
                || badRanges.stream()
                        .anyMatch(bad -> bad.node == node && position < bad.to && position + length > bad.from);
    }

    void addBadRange(int node, long position, long length) {
        badRanges.add(new BadRange(node, position, position + length));
    }

    void checkCrashPoint(int operation) {
        int first = recording ? 0 : count;
        if (operation < first || operation > count) {
            throw new IllegalArgumentException("operation=" + operation + " first=" + first + " count=" + count);
        }
    }
}

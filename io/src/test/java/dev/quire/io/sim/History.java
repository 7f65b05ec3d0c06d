package dev.quire.io.sim;

import java.util.ArrayList;
import java.util.List;

/** What a value was after each operation that changed it. It had its first value since ever. */
final class History<T> {

    private record Entry<T>(int index, T value) {}

    private final List<Entry<T>> entries = new ArrayList<>();

    History(T first) {
        reset(first);
    }

    void reset(T first) {
        entries.clear();
        entries.add(new Entry<>(Integer.MIN_VALUE, first));
    }

    /** The value from the end of operation {@code index} on; of several for one operation the last counts. */
    void add(int index, T value) {
        entries.add(new Entry<>(index, value));
    }

    T latest() {
        return entries.get(entries.size() - 1).value;
    }

    /** The value when operation {@code index} begins. */
    T before(int index) {
        return entryBefore(index).value;
    }

    /** The operation that gave it the value it has when operation {@code index} begins. */
    int indexBefore(int index) {
        return entryBefore(index).index;
    }

    private Entry<T> entryBefore(int index) {
        int low = 0;
        int high = entries.size() - 1;
        while (low < high) {
            int middle = (low + high + 1) >>> 1;
            if (entries.get(middle).index < index) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return entries.get(low);
    }

    void forgetAllButLatest() {
        if (entries.size() > 1) {
            entries.subList(0, entries.size() - 1).clear();
        }
    }
}

package dev.quire.backup;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;

/** Which bytes or pages of a file are done with. What is added twice counts once. Any thread. */
final class DoneRanges {

    private final TreeMap<Long, Long> ends = new TreeMap<>();
    private final ReentrantLock lock = new ReentrantLock();

    /** Those of {@code [from, to)} are. */
    void add(long from, long to) {
        lock.lock();
        try {
            long start = from;
            long end = to;
            for (Map.Entry<Long, Long> near = ends.floorEntry(end);
                    near != null && near.getValue() >= start;
                    near = ends.floorEntry(end)) {
                start = Math.min(start, near.getKey());
                end = Math.max(end, near.getValue());
                ends.remove(near.getKey());
            }
            if (end > start) {
                ends.put(start, end);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Whether all of {@code [0, stop)} are. */
    boolean cover(long stop) {
        lock.lock();
        try {
            Map.Entry<Long, Long> first = ends.firstEntry();
            return stop == 0 || first != null && first.getKey() == 0 && first.getValue() >= stop;
        } finally {
            lock.unlock();
        }
    }

    /** The first at or behind {@code from} that is; {@link Long#MAX_VALUE} if there is none. */
    long nextCovered(long from) {
        lock.lock();
        try {
            if (nextUncovered(from) > from) {
                return from;
            }
            Long next = ends.ceilingKey(from);
            return next == null ? Long.MAX_VALUE : next;
        } finally {
            lock.unlock();
        }
    }

    /** The first at or behind {@code from} that is not. */
    long nextUncovered(long from) {
        lock.lock();
        try {
            Map.Entry<Long, Long> around = ends.floorEntry(from);
            return around == null ? from : Math.max(from, around.getValue());
        } finally {
            lock.unlock();
        }
    }
}

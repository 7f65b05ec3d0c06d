package dev.quire.backup;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;

/** Which bytes of a file were handed over. What is read twice counts once. Any thread. */
final class ReadRanges {

    private final TreeMap<Long, Long> ends = new TreeMap<>();
    private final ReentrantLock lock = new ReentrantLock();

    /** The bytes of {@code [from, to)} were. */
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

    /** Whether all of {@code [0, bytes)} were. */
    boolean cover(long bytes) {
        lock.lock();
        try {
            Map.Entry<Long, Long> first = ends.firstEntry();
            return bytes == 0 || first != null && first.getKey() == 0 && first.getValue() >= bytes;
        } finally {
            lock.unlock();
        }
    }
}

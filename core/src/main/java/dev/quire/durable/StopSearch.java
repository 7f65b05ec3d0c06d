package dev.quire.durable;

import dev.quire.io.log.LogLayout;
import dev.quire.io.log.Lsn;
import dev.quire.io.log.RecordHandler;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Finds the place in the log of a backup at which a restore has to stop. It is shown the records in order, up to the
 * end or until the place {@linkplain #isDecided is decided}, and knows then which databases were attached there.
 *
 * <p>The state at {@code consistentFrom} is the earliest there is. A place before it that has the same last commit is
 * that state; any other place before it is too early.
 */
public final class StopSearch implements RecordHandler {

    /** So many restore points are remembered, the last ones. */
    public static final int POINTS_MAX = 1_000;

    private final StopPoint stop;
    private final long redoStart;
    private final long consistentFrom;
    private final Map<Integer, Attachment> attachments = new TreeMap<>();
    private final Set<Integer> known = new HashSet<>();
    private final Deque<NamedPoint> points = new ArrayDeque<>();
    private long firstTimeMs;
    private long lastTimeMs;
    private long floor;
    private long cut;
    private long cutTimeMs;
    private long passedAt;

    /**
     * Of log behind {@code redoStart}, and maybe before.
     *
     * @param beginMs when the backup began: every commit before its first record was made by then
     * @param attached the databases as of the redo start
     */
    public StopSearch(
            StopPoint stop, long redoStart, long consistentFrom, long beginMs, Iterable<Attachment> attached) {
        this.stop = stop;
        this.redoStart = redoStart;
        this.consistentFrom = consistentFrom;
        this.firstTimeMs = beginMs;
        attached.forEach(each -> {
            attachments.put(each.id(), each);
            known.add(each.id());
        });
    }

    @Override
    public void record(long lsn, int type, ByteBuffer buffer, int offset, int length) {
        RecordLayout.check(lsn, type, length);
        long end = LogLayout.recordEnd(lsn, length);
        switch (type) {
            case RecordLayout.COMMIT -> commit(end, buffer, offset, length);
            case RecordLayout.CREATE, RecordLayout.ATTACH, RecordLayout.DETACH, RecordLayout.DROP -> {
                if (stop.kind() != StopPoint.Kind.TIME && stop.kind() != StopPoint.Kind.NAME) {
                    reach(end, cutTimeMs);
                }
                if (lsn >= redoStart) {
                    attachment(lsn, type, buffer, offset, length);
                }
            }
            default -> {
                // changes no state that a restore could stop at
            }
        }
    }

    private void commit(long end, ByteBuffer buffer, int offset, int length) {
        long time = buffer.getLong(offset + RecordLayout.COMMIT_TIME_OFFSET);
        byte[] name = new byte[length - RecordLayout.COMMIT_NAME_OFFSET];
        buffer.get(offset + RecordLayout.COMMIT_NAME_OFFSET, name);
        NamedPoint point = new NamedPoint(new String(name, StandardCharsets.UTF_8), end, time);
        if (name.length > 0 && Label.isOne(point.name())) {
            points.addLast(point);
            if (points.size() > POINTS_MAX) {
                points.removeFirst();
            }
        }
        if (end <= consistentFrom) {
            floor = end;
            firstTimeMs = time;
        }
        lastTimeMs = time;
        if (stop.kind() == StopPoint.Kind.TIME && time > stop.value()) {
            pass(end);
        }
        if (stop.kind() != StopPoint.Kind.NAME || point.name().equals(stop.name())) {
            reach(end, time);
        }
    }

    /** The state behind a record is one to stop at, if the place was not passed. */
    private void reach(long end, long time) {
        boolean behind = switch (stop.kind()) {
            case LSN -> end > stop.value();
            case GENERATION -> Lsn.generation(end) > stop.value();
            default -> false;
        };
        if (behind) {
            pass(end);
        }
        if (passedAt == 0) {
            cut = end;
            cutTimeMs = time;
        }
    }

    private void pass(long end) {
        passedAt = passedAt == 0 ? end : passedAt;
    }

    private void attachment(long lsn, int type, ByteBuffer buffer, int offset, int length) {
        if (type == RecordLayout.CREATE || type == RecordLayout.ATTACH) {
            Attachment attachment = Attachment.ofRecord(lsn, buffer, offset, length);
            attachments.put(attachment.id(), attachment);
            if (type == RecordLayout.CREATE) {
                known.add(attachment.id());
            }
        } else {
            attachments.computeIfPresent(buffer.getInt(offset), (id, attached) -> attached.endingAt(lsn));
        }
    }

    /** Whether what is still to come of the log changes nothing. */
    public boolean isDecided() {
        return passedAt > consistentFrom;
    }

    /** Whether it was found at all; only a name may not be. */
    public boolean isFound() {
        return stop.kind() != StopPoint.Kind.NAME || cut > 0;
    }

    /** Whether it lies before everything that can be restored. */
    public boolean isTooEarly() {
        return switch (stop.kind()) {
            case END -> false;
            case LSN -> stop.value() < consistentFrom;
            case GENERATION -> stop.value() < Lsn.generation(consistentFrom);
            case NAME -> cut < floor;
            case TIME -> cut < floor || cut == 0 && stop.value() < firstTimeMs;
        };
    }

    /** From where on records do not count: {@link Long#MAX_VALUE} if all do. */
    public long limit() {
        return stop.kind() == StopPoint.Kind.END ? Long.MAX_VALUE : Math.max(cut, consistentFrom);
    }

    /** Behind the last record that counts. */
    public long reached() {
        return Math.max(cut, consistentFrom);
    }

    /** Time of the last commit that counts; 0 if the log has none. */
    public long reachedTimeMs() {
        return cutTimeMs;
    }

    /** Time of the last commit before everything that can be restored, or when the backup began. */
    public long firstTimeMs() {
        return firstTimeMs;
    }

    /** Time of the last commit that was shown; 0 if there was none. */
    public long lastTimeMs() {
        return lastTimeMs;
    }

    /** The restore points, the last {@value #POINTS_MAX} of them. */
    public List<NamedPoint> points() {
        return List.copyOf(points);
    }

    /** Every database that the log knows behind its redo start, also those that come later or go. */
    public List<Attachment> all() {
        return List.copyOf(attachments.values());
    }

    /** The databases that are attached where a restore stops. */
    public List<Attachment> attached() {
        List<Attachment> attached = new ArrayList<>();
        for (Attachment each : attachments.values()) {
            if (each.from() < limit() && each.until() >= limit()) {
                attached.add(each);
            }
        }
        return attached;
    }

    /** Whether log and copies are all there is of a database; not of one that was attached from elsewhere since. */
    public boolean isWhole(Attachment attachment) {
        return known.contains(attachment.id());
    }
}

package dev.quire.durable;

import dev.quire.io.log.LogScout;
import dev.quire.io.page.PageLayout;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.agrona.collections.Int2ObjectHashMap;

/**
 * The first reading of the log: where the last whole transaction ends, which stretches are void, which databases come
 * and go, and how far each one's dbtime and pages go. Written by the thread that reads; {@link #isVoid} alone may be
 * asked by another meanwhile, about what is decided.
 */
final class RedoSurvey implements LogScout {

    private static final long PAGES_MAX = PageLayout.FILE_BYTES_MAX / PageLayout.PAGE_BYTES_MIN;
    private static final long[] NOTHING = {};

    private final Int2ObjectHashMap<Attachment> attachments = new Int2ObjectHashMap<>();
    private final List<Attachment> created = new ArrayList<>();
    private final List<Attachment> attachedFromElsewhere = new ArrayList<>();
    private final Int2ObjectHashMap<Reach> reaches = new Int2ObjectHashMap<>();
    private final long start;
    private final ReplayScope scope;
    private Reach reach = new Reach(0);
    /** Pairs of positions: from the first void record to the first good one. */
    private volatile long[] voids = NOTHING;

    private long pending;
    private long lastTime;
    private long commits;

    /** How far the log goes in one database. */
    private static final class Reach {
        final int id;
        long dbtime;
        long pageEnd;

        Reach(int id) {
            this.id = id;
        }

        void raise(long toDbtime, long toPageEnd) {
            dbtime = Math.max(dbtime, toDbtime);
            pageEnd = Math.max(pageEnd, toPageEnd);
        }
    }

    /** Of the log behind {@code start}, where {@code known} are attached; nothing is found yet. */
    RedoSurvey(List<Attachment> known, long start, ReplayScope scope) {
        this.start = start;
        this.scope = scope;
        known.forEach(attachment -> attachments.put(attachment.id(), attachment));
    }

    /**
     * Takes note of a record.
     *
     * @throws dev.quire.io.CorruptionException {@code LOG_FILE_CORRUPT} if it cannot be ours
     */
    @Override
    public void record(long lsn, int type, ByteBuffer buffer, int offset, int length) {
        if (lsn < start || !scope.counts(lsn)) {
            return;
        }
        RecordLayout.check(lsn, type, length);
        switch (type) {
            case RecordLayout.PAGE_DELTA, RecordLayout.PAGE_IMAGE -> page(lsn, type, buffer, offset);
            case RecordLayout.COMMIT -> commit(buffer, offset);
            case RecordLayout.CREATE, RecordLayout.ATTACH -> attach(lsn, type, buffer, offset, length);
            case RecordLayout.DETACH, RecordLayout.DROP -> detach(lsn, buffer.getInt(offset));
            default -> boundary(lsn);
        }
    }

    /** Records without their commit are not decided: it may still come. */
    @Override
    public long decided(long read) {
        return pending == 0 ? read : pending;
    }

    /** Time of the last commit. */
    long lastTime() {
        return lastTime;
    }

    long commits() {
        return commits;
    }

    /** Databases attached at the end. */
    List<Attachment> atEnd() {
        return attachments.values().stream()
                .filter(a -> a.until() == Long.MAX_VALUE)
                .toList();
    }

    /** Every database that the log names, also those that are gone by the end. */
    List<Attachment> all() {
        return List.copyOf(attachments.values());
    }

    /** Those whose file was made behind the redo start, so that a restore may lack it. */
    boolean wasCreated(Attachment attachment) {
        return created.contains(attachment);
    }

    /** The highest dbtime that the log gives a page of a database. */
    long dbtime(int id) {
        Reach found = reaches.get(id);
        return found == null ? 0 : found.dbtime;
    }

    /** The page behind the highest that the log names in a database, 0 if it names none. */
    long pageEnd(int id) {
        Reach found = reaches.get(id);
        return found == null ? 0 : found.pageEnd;
    }

    /** Whether a record belongs to no transaction that counts. */
    boolean isVoid(long lsn) {
        if (!scope.counts(lsn)) {
            return true;
        }
        long[] pairs = voids;
        for (int i = 0; i < pairs.length; i += 2) {
            if (lsn >= pairs[i] && lsn < pairs[i + 1]) {
                return true;
            }
        }
        return false;
    }

    /** Those that came from elsewhere behind the redo start, so that their header may not say so yet. */
    boolean wasAttached(Attachment attachment) {
        return attachedFromElsewhere.contains(attachment);
    }

    private void page(long lsn, int type, ByteBuffer buffer, int offset) {
        pending = pending == 0 ? lsn : pending;
        int pages = 1;
        if (type == RecordLayout.PAGE_IMAGE) {
            pages = buffer.getShort(offset + RecordLayout.PAGES_OFFSET) & 0xFFFF;
        }
        long page = buffer.getLong(offset + RecordLayout.PAGE_OFFSET);
        long pageEnd = page < 0 || page > PAGES_MAX ? 0 : page + pages; // redo refuses what is no page
        reach(buffer.getInt(offset + RecordLayout.DATABASE_OFFSET))
                .raise(buffer.getLong(offset + RecordLayout.AFTER_OFFSET), pageEnd);
    }

    private void commit(ByteBuffer buffer, int offset) {
        bound(buffer.getLong(offset + RecordLayout.COMMIT_FIRST_OFFSET));
        lastTime = Math.max(lastTime, buffer.getLong(offset + RecordLayout.COMMIT_TIME_OFFSET));
        commits++;
    }

    /** A record that stands for itself: pages before it without a commit are void. */
    private void boundary(long lsn) {
        bound(lsn);
    }

    /** What is pending and stands before {@code good} is void; nothing is pending any more. */
    private void bound(long good) {
        if (pending != 0 && pending < good) {
            long[] more = Arrays.copyOf(voids, voids.length + 2);
            more[voids.length] = pending;
            more[voids.length + 1] = good;
            voids = more;
        }
        pending = 0;
    }

    private void attach(long lsn, int type, ByteBuffer buffer, int offset, int length) {
        boundary(lsn);
        Attachment attachment = scope.of(Attachment.ofRecord(lsn, buffer, offset, length));
        if (attachment == null) {
            return;
        }
        attachments.put(attachment.id(), attachment);
        reach(attachment.id()).raise(buffer.getLong(offset + RecordLayout.ATTACH_DBTIME_OFFSET), 0);
        (type == RecordLayout.CREATE ? created : attachedFromElsewhere).add(attachment);
    }

    private void detach(long lsn, int id) {
        boundary(lsn);
        end(id, lsn);
    }

    private void end(int id, long lsn) {
        Attachment attachment = attachments.get(id);
        if (attachment != null) {
            attachments.put(id, attachment.endingAt(lsn));
        }
    }

    private Reach reach(int id) {
        if (reach.id != id || reaches.isEmpty()) {
            reach = reaches.computeIfAbsent(id, Reach::new);
        }
        return reach;
    }
}

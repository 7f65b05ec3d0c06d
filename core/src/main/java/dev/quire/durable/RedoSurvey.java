package dev.quire.durable;

import dev.quire.io.CorruptionException;
import dev.quire.io.QuireError;
import dev.quire.io.log.Lsn;
import dev.quire.io.log.RecordHandler;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.agrona.collections.Int2ObjectHashMap;
import org.agrona.collections.LongArrayList;

/**
 * The first reading of the log: where the last whole transaction ends, which stretches are void, which databases come
 * and go, and how far each one's dbtime goes. The second reading then knows what lies ahead of every record.
 */
final class RedoSurvey implements RecordHandler {

    private static final int NAME_BYTES_MAX = 64;

    private final Int2ObjectHashMap<Attachment> attachments = new Int2ObjectHashMap<>();
    private final List<Attachment> created = new ArrayList<>();
    private final List<Attachment> attachedFromElsewhere = new ArrayList<>();
    private final Int2ObjectHashMap<long[]> dbtimes = new Int2ObjectHashMap<>();
    /** Pairs of positions: from the first void record to the first good one. */
    private final LongArrayList voids = new LongArrayList();

    private long pending;
    private long lastCommit;
    private long lastTime;
    private long commits;
    private boolean closed;

    RedoSurvey(List<Attachment> known, long start) {
        known.forEach(attachment -> attachments.put(attachment.id(), attachment));
        lastCommit = start;
    }

    @Override
    public void record(long lsn, int type, ByteBuffer buffer, int offset, int length) {
        closed = false;
        switch (type) {
            case RecordLayout.PAGE_DELTA, RecordLayout.PAGE_IMAGE -> page(lsn, buffer, offset);
            case RecordLayout.COMMIT -> commit(lsn, buffer, offset);
            case RecordLayout.CREATE, RecordLayout.ATTACH -> attach(lsn, type, buffer, offset);
            case RecordLayout.DETACH, RecordLayout.DROP -> detach(lsn, buffer.getInt(offset));
            case RecordLayout.CLOSE -> {
                boundary(lsn);
                closed = true;
            }
            default -> boundary(lsn);
        }
    }

    /** Position of the last commit record; what stands behind it is void. */
    long lastCommit() {
        return lastCommit;
    }

    /** Time of the last commit. */
    long lastTime() {
        return lastTime;
    }

    long commits() {
        return commits;
    }

    /** Whether the log ends with an orderly close. */
    boolean closed() {
        return closed;
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
        long[] highest = dbtimes.get(id);
        return highest == null ? 0 : highest[0];
    }

    /** Whether a record belongs to no transaction. */
    boolean isVoid(long lsn) {
        for (int i = 0; i < voids.size(); i += 2) {
            if (lsn >= voids.getLong(i) && lsn < voids.getLong(i + 1)) {
                return true;
            }
        }
        // A redo start lies behind a commit, and the first record of a transaction may stand exactly there.
        return pending != 0 && lsn >= pending;
    }

    /** Those that came from elsewhere behind the redo start, so that their header may not say so yet. */
    boolean wasAttached(Attachment attachment) {
        return attachedFromElsewhere.contains(attachment);
    }

    private void page(long lsn, ByteBuffer buffer, int offset) {
        pending = pending == 0 ? lsn : pending;
        raise(buffer.getInt(offset + RecordLayout.DATABASE_OFFSET), buffer.getLong(offset + RecordLayout.AFTER_OFFSET));
    }

    private void commit(long lsn, ByteBuffer buffer, int offset) {
        long first = buffer.getLong(offset + RecordLayout.COMMIT_FIRST_OFFSET);
        if (pending != 0 && pending < first) {
            voids.addLong(pending);
            voids.addLong(first);
        }
        pending = 0;
        lastCommit = lsn;
        lastTime = Math.max(lastTime, buffer.getLong(offset + RecordLayout.COMMIT_TIME_OFFSET));
        commits++;
    }

    /** A record that stands for itself: pages before it without a commit are void. */
    private void boundary(long lsn) {
        if (pending != 0) {
            voids.addLong(pending);
            voids.addLong(lsn);
            pending = 0;
        }
        lastCommit = lsn;
    }

    private void attach(long lsn, int type, ByteBuffer buffer, int offset) {
        boundary(lsn);
        Attachment attachment = new Attachment(
                buffer.getInt(offset + RecordLayout.ATTACH_ID_OFFSET),
                name(lsn, buffer, offset),
                buffer.getLong(offset + RecordLayout.ATTACH_SIGNATURE_OFFSET),
                buffer.getInt(offset + RecordLayout.ATTACH_PAGE_SIZE_OFFSET),
                lsn,
                Long.MAX_VALUE);
        attachments.put(attachment.id(), attachment);
        raise(attachment.id(), buffer.getLong(offset + RecordLayout.ATTACH_DBTIME_OFFSET));
        (type == RecordLayout.CREATE ? created : attachedFromElsewhere).add(attachment);
    }

    private static String name(long lsn, ByteBuffer buffer, int offset) {
        int length = buffer.getInt(offset + RecordLayout.ATTACH_NAME_LENGTH_OFFSET);
        byte[] bytes = new byte[Math.max(0, Math.min(length, NAME_BYTES_MAX))];
        buffer.get(offset + RecordLayout.ATTACH_NAME_OFFSET, bytes);
        String name = new String(bytes, StandardCharsets.UTF_8);
        if (length > NAME_BYTES_MAX || !Names.isDatabaseName(name)) {
            throw new CorruptionException(
                    QuireError.LOG_FILE_CORRUPT,
                    null,
                    "record at " + Lsn.toString(lsn) + " names a database as no database may be named",
                    null);
        }
        return name;
    }

    private void detach(long lsn, int id) {
        boundary(lsn);
        Attachment attachment = attachments.get(id);
        if (attachment != null) {
            attachments.put(id, attachment.endingAt(lsn));
        }
    }

    private void raise(int id, long dbtime) {
        long[] highest = dbtimes.computeIfAbsent(id, key -> new long[1]);
        highest[0] = Math.max(highest[0], dbtime);
    }
}

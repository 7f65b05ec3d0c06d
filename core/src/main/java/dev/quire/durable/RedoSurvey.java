package dev.quire.durable;

import dev.quire.io.CorruptionException;
import dev.quire.io.QuireError;
import dev.quire.io.log.Lsn;
import dev.quire.io.log.RecordHandler;
import dev.quire.io.page.PageLayout;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.agrona.collections.Int2ObjectHashMap;
import org.agrona.collections.LongArrayList;

/**
 * The first reading of the log: where the last whole transaction ends, which stretches are void, which databases come
 * and go, and how far each one's dbtime and pages go. The second reading then knows what lies ahead of every record.
 *
 * <p>Generations are read several at once, each into a survey of its own ({@link #of}); {@link #append} then puts
 * together what they found, in order. A part does not know what was pending when it began, so it keeps what its first
 * boundary says until somebody does.
 */
final class RedoSurvey implements RecordHandler {

    private static final int NAME_BYTES_MAX = 64;
    private static final long PAGES_MAX = PageLayout.FILE_BYTES_MAX / PageLayout.PAGE_BYTES_MIN;

    private final Int2ObjectHashMap<Attachment> attachments = new Int2ObjectHashMap<>();
    private final List<Attachment> created = new ArrayList<>();
    private final List<Attachment> attachedFromElsewhere = new ArrayList<>();
    /** Pairs of number and position: detached, and attached before this part. */
    private final LongArrayList detached = new LongArrayList();

    private final Int2ObjectHashMap<Reach> reaches = new Int2ObjectHashMap<>();
    /** Pairs of positions: from the first void record to the first good one. */
    private final LongArrayList voids = new LongArrayList();

    private final long start;
    private Reach reach = new Reach(0);
    private boolean bounded;
    private long leading;
    private long leadingEnd;
    private long pending;
    private long lastCommit;
    private long lastTime;
    private long commits;
    private boolean any;
    private boolean closed;
    private boolean inPieces;
    private CorruptionException fault;

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

    private RedoSurvey(long start) {
        this.start = start;
    }

    /** Of the whole log behind {@code start}, where {@code known} are attached; nothing is found yet. */
    RedoSurvey(List<Attachment> known, long start) {
        this(start);
        known.forEach(attachment -> attachments.put(attachment.id(), attachment));
        lastCommit = start;
        bounded = true;
    }

    /** Of a part of that log, which {@link #append} will make use of. */
    static RedoSurvey of(long start) {
        return new RedoSurvey(start);
    }

    @Override
    public void record(long lsn, int type, ByteBuffer buffer, int offset, int length) {
        if (lsn < start || fault != null) {
            return;
        }
        any = true;
        closed = false;
        switch (type) {
            case RecordLayout.PAGE_DELTA, RecordLayout.PAGE_IMAGE -> page(lsn, type, buffer, offset);
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

    /**
     * Goes on with what was found in the part of the log just behind.
     *
     * @throws CorruptionException if that part holds a record that cannot be ours
     */
    void append(RedoSurvey part) {
        if (part.fault != null) {
            throw part.fault;
        }
        if (pending == 0) {
            pending = part.bounded ? part.leading : part.pending;
        }
        if (part.bounded) {
            bound(part.leadingEnd);
            voids.addAll(part.voids);
            pending = part.pending;
            lastCommit = part.lastCommit;
        }
        lastTime = Math.max(lastTime, part.lastTime);
        commits += part.commits;
        closed = part.any ? part.closed : closed;
        inPieces |= part.inPieces;
        part.reaches.values().forEach(other -> reach(other.id).raise(other.dbtime, other.pageEnd));
        for (int i = 0; i < part.detached.size(); i += 2) {
            end((int) part.detached.getLong(i), part.detached.getLong(i + 1));
        }
        attachments.putAll(part.attachments);
        created.addAll(part.created);
        attachedFromElsewhere.addAll(part.attachedFromElsewhere);
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
        Reach found = reaches.get(id);
        return found == null ? 0 : found.dbtime;
    }

    /** The page behind the highest that the log names in a database, 0 if it names none. */
    long pageEnd(int id) {
        Reach found = reaches.get(id);
        return found == null ? 0 : found.pageEnd;
    }

    /** Whether an image spans several records or several pages, so that pages do not stand each for itself. */
    boolean inPieces() {
        return inPieces;
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

    private void page(long lsn, int type, ByteBuffer buffer, int offset) {
        pending = pending == 0 ? lsn : pending;
        int pages = 1;
        if (type == RecordLayout.PAGE_IMAGE) {
            pages = buffer.getShort(offset + RecordLayout.PAGES_OFFSET) & 0xFFFF;
            inPieces |= pages != 1 || buffer.getInt(offset + RecordLayout.PIECE_OFFSET) != 0;
        }
        long page = buffer.getLong(offset + RecordLayout.PAGE_OFFSET);
        long pageEnd = page < 0 || page > PAGES_MAX ? 0 : page + pages; // redo refuses what is no page
        reach(buffer.getInt(offset + RecordLayout.DATABASE_OFFSET))
                .raise(buffer.getLong(offset + RecordLayout.AFTER_OFFSET), pageEnd);
    }

    private void commit(long lsn, ByteBuffer buffer, int offset) {
        bound(buffer.getLong(offset + RecordLayout.COMMIT_FIRST_OFFSET));
        lastCommit = lsn;
        lastTime = Math.max(lastTime, buffer.getLong(offset + RecordLayout.COMMIT_TIME_OFFSET));
        commits++;
    }

    /** A record that stands for itself: pages before it without a commit are void. */
    private void boundary(long lsn) {
        bound(lsn);
        lastCommit = lsn;
    }

    /** What is pending and stands before {@code good} is void; nothing is pending any more. */
    private void bound(long good) {
        if (!bounded) {
            bounded = true;
            leading = pending;
            leadingEnd = good;
        } else if (pending != 0 && pending < good) {
            voids.addLong(pending);
            voids.addLong(good);
        }
        pending = 0;
    }

    private void attach(long lsn, int type, ByteBuffer buffer, int offset) {
        boundary(lsn);
        String name = name(buffer, offset);
        int pageSize = buffer.getInt(offset + RecordLayout.ATTACH_PAGE_SIZE_OFFSET);
        if (name == null || !PageLayout.isPageSize(pageSize)) {
            String wrong = name == null ? "named as no database may be" : "of pageSize=" + pageSize;
            String what = "record at " + Lsn.toString(lsn) + " has a database " + wrong;
            fault = new CorruptionException(QuireError.LOG_FILE_CORRUPT, null, what, null);
            return;
        }
        Attachment attachment = new Attachment(
                buffer.getInt(offset + RecordLayout.ATTACH_ID_OFFSET),
                name,
                buffer.getLong(offset + RecordLayout.ATTACH_SIGNATURE_OFFSET),
                pageSize,
                lsn,
                Long.MAX_VALUE);
        attachments.put(attachment.id(), attachment);
        reach(attachment.id()).raise(buffer.getLong(offset + RecordLayout.ATTACH_DBTIME_OFFSET), 0);
        (type == RecordLayout.CREATE ? created : attachedFromElsewhere).add(attachment);
    }

    /** The name in a record, null if no database may have it. */
    private static String name(ByteBuffer buffer, int offset) {
        int length = buffer.getInt(offset + RecordLayout.ATTACH_NAME_LENGTH_OFFSET);
        byte[] bytes = new byte[Math.max(0, Math.min(length, NAME_BYTES_MAX))];
        buffer.get(offset + RecordLayout.ATTACH_NAME_OFFSET, bytes);
        String name = new String(bytes, StandardCharsets.UTF_8);
        return length > NAME_BYTES_MAX || !Names.isDatabaseName(name) ? null : name;
    }

    private void detach(long lsn, int id) {
        boundary(lsn);
        if (attachments.containsKey(id)) {
            end(id, lsn);
        } else {
            detached.addLong(id);
            detached.addLong(lsn);
        }
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

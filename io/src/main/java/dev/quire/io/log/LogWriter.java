package dev.quire.io.log;

import dev.quire.io.CorruptionException;
import dev.quire.io.QuireError;
import dev.quire.io.QuireException;
import dev.quire.io.StorageFullException;
import dev.quire.io.UnavailableException;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;

/**
 * Writes a log stream: appends records, forces them for whoever waits, goes from generation to generation. One writer
 * per stream. Any thread may call anything, also a virtual one; no call can be interrupted, the interrupt status is
 * kept.
 *
 * <p>After the first failed write or force every append, reservation and wait that is not satisfied already ends in
 * {@link UnavailableException} {@code LOG_WRITE_FAIL}, for good: nothing is tried again.
 */
public final class LogWriter implements AutoCloseable {

    private final LogSettings settings;
    private final LogHealth health;
    private final LogTail tail;
    private final GenerationStock stock;
    private final LogHead head;
    private final GroupForce group;
    private final int recordBytesMax;
    private final AtomicBoolean closed = new AtomicBoolean();

    private LogWriter(
            LogSettings settings,
            LogWitness witness,
            GenerationInfo previous,
            boolean closedCleanly,
            ZerosAhead zeros,
            LongSupplier clock) {
        this.settings = settings;
        recordBytesMax = LogLayout.recordBytesMax(settings.generationBytes());
        health = new LogHealth(witness);
        tail = new LogTail(settings.generationBytes());
        stock = new GenerationStock(settings, health, previous.generation(), closedCleanly, zeros);
        head = new LogHead(settings, witness, tail, stock, previous, clock);
        group = new GroupForce(head, health, settings.background());
        group.start();
    }

    /**
     * Starts a new stream with generation 1.
     *
     * @throws QuireException {@code FILE_ALREADY_EXISTS} if the directory holds generations of whatever stream
     * @throws StorageFullException {@code LOG_DISK_FULL} if there is no room for the first generation
     */
    public static LogWriter create(LogSettings settings, LogWitness witness) {
        if (LogFiles.list(settings.storage(), settings.directory()).length > 0) {
            String message = "a new log stream needs a directory without log generations";
            throw new QuireException(QuireError.FILE_ALREADY_EXISTS, settings.directory(), message, null);
        }
        return start(settings, witness, GenerationInfo.NONE, false, clock(settings));
    }

    /**
     * Goes on behind a stream that was surveyed and made durable, with the generation after its last, after whatever
     * end. Files that were made ready ahead are made anew, unless they say that their names are durable.
     *
     * @throws CorruptionException {@code BAD_LOG_SIGNATURE} if a generation of another stream stands in the way
     * @throws StorageFullException {@code LOG_DISK_FULL} if there is no room for the next generation
     */
    public static LogWriter resume(LogSettings settings, LogWitness witness, LogSurvey end) {
        return resume(settings, witness, end, false);
    }

    /**
     * Goes on behind a stream that was surveyed and made durable, with the generation after its last: never behind a
     * torn end. Generations of another size than the settings name stay as they are.
     *
     * @param closedCleanly whether {@link #close} has returned with {@link #failure} null, and a durable mark says so:
     *     then what was made ready ahead is used
     * @throws CorruptionException {@code BAD_LOG_SIGNATURE} if a generation of another stream stands in the way
     * @throws StorageFullException {@code LOG_DISK_FULL} if there is no room for the next generation
     */
    public static LogWriter resume(LogSettings settings, LogWitness witness, LogSurvey end, boolean closedCleanly) {
        return start(settings, witness, end.last(), closedCleanly, clock(settings));
    }

    /**
     * The same in two steps: the files of generations that have not started are tidied and the next one is made ready
     * on another thread from now on, while the caller still does something else; {@link #begin} starts it. What proves
     * where the surveyed log ends must not be in such a file alone: it is durable behind {@link LogSurvey#rewrite} and
     * a mark that names the end as forced. Without threads of its own the log does nothing before {@link #begin}.
     *
     * @param zeros for that generation, begun earlier still; may be null
     */
    public static LogWriter prepare(
            LogSettings settings, LogWitness witness, LogSurvey end, boolean closedCleanly, ZerosAhead zeros) {
        return ahead(settings, witness, end.last(), closedCleanly, zeros, clock(settings));
    }

    /**
     * Goes on behind a stream that was closed cleanly and not touched since, without reading it: {@code last} is what
     * {@link #closedAt} said, kept in the durable mark.
     *
     * @throws CorruptionException {@code BAD_LOG_SIGNATURE} if a generation of another stream stands in the way
     * @throws StorageFullException {@code LOG_DISK_FULL} if there is no room for the next generation
     */
    public static LogWriter resume(LogSettings settings, LogWitness witness, GenerationInfo last) {
        return start(settings, witness, last, true, clock(settings));
    }

    /** Without threads of its own the log counts generations instead of time, so that disks can be compared. */
    private static LongSupplier clock(LogSettings settings) {
        return settings.background() ? System::currentTimeMillis : new LogicalClock();
    }

    static LogWriter start(
            LogSettings settings,
            LogWitness witness,
            GenerationInfo previous,
            boolean closedCleanly,
            LongSupplier clock) {
        LogWriter log = ahead(settings, witness, previous, closedCleanly, null, clock);
        log.begin();
        return log;
    }

    private static LogWriter ahead(
            LogSettings settings,
            LogWitness witness,
            GenerationInfo previous,
            boolean closedCleanly,
            ZerosAhead zeros,
            LongSupplier clock) {
        Objects.requireNonNull(witness, "witness");
        LogWriter log = new LogWriter(settings, witness, previous, closedCleanly, zeros, clock);
        log.stock.buildAhead();
        return log;
    }

    /**
     * Starts the generation that {@link #prepare} makes ready; nothing is appended before.
     *
     * @throws QuireException as {@link #resume} does; the log is closed then
     */
    public void begin() {
        try {
            roll(false);
        } catch (RuntimeException e) {
            close();
            throw failure() == null ? e : failure();
        }
    }

    /** Most bytes of one record. At least 70,000 for generations of 1 MiB or more. */
    public int recordBytesMax() {
        return recordBytesMax;
    }

    /**
     * Makes sure that so many records can be appended, whatever else happens, without needing room on the disk;
     * replaces the announcement before. Some room at the end is never given away: the engine's own small records use it
     * without announcing themselves.
     *
     * @param payloadBytes of all records together
     * @throws StorageFullException {@code LOG_DISK_FULL} if there is no room; nothing has changed
     */
    public void reserve(long payloadBytes, int records) {
        if (payloadBytes < 0 || records < 0) {
            throw new IllegalArgumentException("payloadBytes=" + payloadBytes + " records=" + records);
        }
        checkOpen();
        group.refuseLeader();
        int ahead = tail.reserve(payloadBytes, records);
        while (ahead > stock.ready()) {
            stock.require(ahead);
            ahead = tail.generationsAhead();
        }
    }

    /**
     * Copies {@code length} bytes of {@code source} from {@code offset} into the log, whatever the position of the
     * source. Not durable before {@link #await}.
     *
     * @param type the caller's own, 0 to {@link LogLayout#TYPE_MAX}
     * @return the LSN of the record, above that of every earlier one
     * @throws StorageFullException {@code LOG_DISK_FULL} if it was not announced and there is no room; nothing is
     *     appended
     */
    public long append(int type, ByteBuffer source, int offset, int length) {
        checkRecord(type, length);
        Objects.checkFromIndexSize(offset, length, source.limit());
        for (; ; ) {
            checkOpen();
            long lsn = tail.append(type, source, offset, length);
            if (lsn >= 0) {
                return lsn;
            }
            group.refuseLeader();
            if (lsn == LogTail.NO_BUFFER) {
                group.dispatch();
                tail.awaitBuffer();
            } else {
                rollFor(length);
            }
        }
    }

    private void checkRecord(int type, int length) {
        if (type < 0 || type > LogLayout.TYPE_MAX || length < 0 || length > recordBytesMax) {
            throw new IllegalArgumentException(
                    "type=" + type + " length=" + length + " recordBytesMax=" + recordBytesMax);
        }
    }

    private void checkOpen() {
        health.check();
        if (closed.get()) {
            throw new UnavailableException(QuireError.TERM_IN_PROGRESS, settings.directory(), "log is closed", null);
        }
    }

    /** Just behind the last appended record: awaiting it means that all of them are durable. */
    public long appended() {
        return tail.appended();
    }

    /** Everything below is durable. A record is, if its LSN is below. */
    public long forced() {
        return head.forced();
    }

    /**
     * Returns when everything below {@code position} is durable; writes and forces in the calling thread when nobody
     * else is at it.
     *
     * @throws UnavailableException {@code LOG_WRITE_FAIL} if that will never be
     */
    public void await(long position) {
        if (position > tail.appended()) {
            throw new IllegalArgumentException(
                    "position=" + Lsn.toString(position) + " appended=" + Lsn.toString(tail.appended()));
        }
        group.await(position);
    }

    /** Makes everything durable that has been appended. */
    public void force() {
        await(appended());
    }

    /**
     * Closes the current generation, durably, and starts the next. {@link LogFiles#start} of the new one tells where
     * the old one closed.
     *
     * @return the number of the new generation
     * @throws StorageFullException {@code LOG_DISK_FULL} if there is no room for it; nothing has changed
     */
    public int roll() {
        checkOpen();
        group.refuseLeader();
        return roll(true);
    }

    private int roll(boolean keepReservation) {
        for (; ; ) {
            RollRequest request = tail.requestRoll(keepReservation);
            if (started(request, keepReservation)) {
                return request.started;
            }
        }
    }

    /** Goes to the next generation unless a record of {@code length} bytes finds room by now. */
    private void rollFor(int length) {
        RollRequest request = tail.requestRoom(length);
        while (request != null && !started(request, false)) {
            request = tail.requestRoom(length);
        }
    }

    /**
     * Waits until the request is answered; says whether the generation has started. If not, it was refused only for the
     * sake of what somebody else has reserved.
     */
    private boolean started(RollRequest request, boolean keepReservation) {
        group.dispatch();
        tail.awaitRoll(request);
        if (request.started > 0) {
            return true;
        }
        health.check();
        if (request.refused != null && (keepReservation || request.ahead == 0)) {
            throw request.refused;
        }
        return false;
    }

    /** The generation that records go to. */
    public int generation() {
        return head.generation();
    }

    /** Why the log ended, or null while it is healthy. */
    public QuireException failure() {
        return health.failure();
    }

    /**
     * Lets go of every generation below {@code belowGeneration}: two files at most are kept to be used again, the
     * others are deleted. Only the engine's one release function may call this, on a thread of the engine.
     *
     * @throws IllegalArgumentException if the current generation would go
     */
    public void release(int belowGeneration) {
        if (belowGeneration > generation()) {
            throw new IllegalArgumentException("belowGeneration=" + belowGeneration + " current=" + generation());
        }
        checkOpen();
        stock.release(belowGeneration);
    }

    /** How many times batches were forced. */
    long forces() {
        return head.forces();
    }

    /**
     * Forces what is appended, unless the log has failed, and ends its threads. Only after that, and only if
     * {@link #failure} is still null, may a mark be written that the log was closed cleanly.
     */
    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            try {
                if (health.sound()) {
                    force();
                }
            } finally {
                stock.close();
                group.close();
                head.close();
            }
        }
    }

    /** Ends the log as a crash would: what is not forced stays so, and whoever waits for it learns that. */
    public void abandon() {
        health.poison(new UnavailableException(QuireError.TERM_IN_PROGRESS, null, "the log was abandoned", null));
        close();
    }

    /**
     * The last generation as it was closed, for the mark of a clean close and for {@link #resume(LogSettings,
     * LogWitness, GenerationInfo)}.
     *
     * @throws IllegalStateException if the log is not closed or has failed
     */
    public GenerationInfo closedAt() {
        if (!closed.get() || !health.sound()) {
            throw new IllegalStateException("closed=" + closed.get() + " failure=" + failure());
        }
        return head.info();
    }
}

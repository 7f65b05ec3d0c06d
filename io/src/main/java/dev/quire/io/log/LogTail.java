package dev.quire.io.log;

import dev.quire.io.StorageFullException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The end of the log where records come in: a batch being filled, batches sealed and waiting for the leader, buffers
 * that are free. Copying a record is all that happens under its lock; nothing here touches a disk.
 */
final class LogTail {

    /** No buffer is free: the leader must write first. */
    static final long NO_BUFFER = -1;

    /** The generation has no room, or is being left. */
    static final long NO_ROOM = -2;

    /** One being filled, one on its way to the disk, one between them. */
    private static final int BUFFERS = 3;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final ArrayDeque<BatchBuffer> free = new ArrayDeque<>(BUFFERS + 1);
    private final ArrayDeque<BatchBuffer> sealed = new ArrayDeque<>(BUFFERS + 1);
    private final Reservation reservation;
    private final int generationBytes;
    private BatchBuffer open;
    private long next;
    private boolean leaving = true;
    private boolean starved;
    private volatile RollRequest roll;
    private volatile boolean work;
    private volatile long appended;

    LogTail(int generationBytes) {
        this.generationBytes = generationBytes;
        reservation = new Reservation(generationBytes);
        for (int i = 0; i < BUFFERS; i++) {
            free.add(new BatchBuffer(LogLayout.batchBytesMax(generationBytes)));
        }
    }

    /** Just behind the last record. */
    long appended() {
        return appended;
    }

    /** Whether somebody waits for a buffer or a generation, and so for a leader. */
    boolean hasWork() {
        return work;
    }

    /** Copies a record in and returns where it stands, or says what is missing. */
    long append(int type, ByteBuffer source, int offset, int length) {
        lock.lock();
        try {
            if (leaving) {
                return NO_ROOM;
            }
            if (open == null || !open.fits(length, room(open.lsn()))) {
                long missing = openFor(length);
                if (missing < 0) {
                    return missing;
                }
            }
            long lsn = open.add(type, source, offset, length);
            appended = open.end();
            reservation.use(length);
            return lsn;
        } finally {
            lock.unlock();
        }
    }

    private long openFor(int length) {
        sealOpen();
        if (free.isEmpty()) {
            starved = true;
            work = true;
            return NO_BUFFER;
        }
        BatchBuffer batch = free.peek();
        batch.open(next);
        if (!batch.fits(length, room(next))) {
            return NO_ROOM;
        }
        open = free.poll();
        return next;
    }

    private void sealOpen() {
        if (open != null) {
            next = open.next();
            sealed.add(open);
            open = null;
        }
    }

    private int room(long lsn) {
        return generationBytes - Lsn.offset(lsn);
    }

    /** Waits, if no buffer is free still, until the leader has written one or given up. */
    void awaitBuffer() {
        lock.lock();
        try {
            while (starved) {
                changed.awaitUninterruptibly();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Asks the leader for the next generation; joins whoever has asked already. */
    RollRequest requestRoll(boolean keepReservation) {
        lock.lock();
        try {
            return request(keepReservation);
        } finally {
            lock.unlock();
        }
    }

    /**
     * Asks for the next generation because a record of {@code length} bytes found no room; joins whoever has asked
     * already. Null if the next one was entered since: another switch would use up what was reserved.
     */
    RollRequest requestRoom(int length) {
        lock.lock();
        try {
            return roll == null && fits(length) ? null : request(false);
        } finally {
            lock.unlock();
        }
    }

    private boolean fits(int length) {
        if (leaving || open != null && open.fits(length, room(open.lsn()))) {
            return !leaving;
        }
        int bytes = LogLayout.sectorsUp(BatchLayout.HEADER_BYTES + RecordLayout.frameBytes(length));
        return bytes <= room(open == null ? next : open.next());
    }

    private RollRequest request(boolean keepReservation) {
        if (roll == null) {
            roll = new RollRequest(keepReservation ? reservation.generationsAheadOfFresh() : 0);
            work = true;
        }
        return roll;
    }

    /** Waits until the request is answered, or the leader has given up. */
    void awaitRoll(RollRequest request) {
        lock.lock();
        try {
            while (!request.done) {
                changed.awaitUninterruptibly();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Announces records; returns how many generations must stand ready for them. */
    int reserve(long payloadBytes, int records) {
        lock.lock();
        try {
            reservation.set(payloadBytes, records);
            return generationsAhead();
        } finally {
            lock.unlock();
        }
    }

    /** How many generations must stand ready for what is announced and not yet appended. */
    int generationsAhead() {
        lock.lock();
        try {
            long from = open == null ? next : open.next();
            return reservation.generationsAhead(leaving ? 0 : room(from));
        } finally {
            lock.unlock();
        }
    }

    // ---- for the leader ----

    /** The request to be served, or null. */
    RollRequest rollRequest() {
        return roll;
    }

    /** Seals what was appended so far and returns the position behind it. */
    long seal() {
        lock.lock();
        try {
            sealOpen();
            return next;
        } finally {
            lock.unlock();
        }
    }

    /** Seals and takes the open batch if it is all there is and no larger than {@code bytesMax}; otherwise null. */
    BatchBuffer sealAlone(int bytesMax) {
        lock.lock();
        try {
            if (open == null || !sealed.isEmpty() || work || open.bytes() > bytesMax) {
                return null;
            }
            sealOpen();
            return sealed.poll();
        } finally {
            lock.unlock();
        }
    }

    /** The oldest sealed batch that starts before {@code end}, or null. */
    BatchBuffer nextSealed(long end) {
        lock.lock();
        try {
            BatchBuffer batch = sealed.peek();
            return batch == null || batch.lsn() >= end ? null : sealed.poll();
        } finally {
            lock.unlock();
        }
    }

    /** Hands back a buffer that is written. */
    void recycle(BatchBuffer batch) {
        lock.lock();
        try {
            free.add(batch);
            if (starved) {
                starved = false;
                work = roll != null;
                changed.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    /** From here on nothing enters the current generation. */
    void leave() {
        lock.lock();
        try {
            leaving = true;
        } finally {
            lock.unlock();
        }
    }

    /** Records go behind {@code position} from now on; answers the request. */
    void enter(long position) {
        lock.lock();
        try {
            next = position;
            appended = position;
            leaving = false;
            roll.started = Lsn.generation(position);
            answer();
        } finally {
            lock.unlock();
        }
    }

    /** Answers the request: no room, and the log stays where it is. */
    void refuse(StorageFullException refused) {
        lock.lock();
        try {
            roll.refused = refused;
            answer();
        } finally {
            lock.unlock();
        }
    }

    /** The log has failed: nobody waits here any more. */
    void abandon() {
        lock.lock();
        try {
            starved = false;
            answer();
        } finally {
            lock.unlock();
        }
    }

    private void answer() {
        if (roll != null) {
            roll.done = true;
            roll = null;
        }
        work = starved;
        changed.signalAll();
    }
}

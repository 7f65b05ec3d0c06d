package dev.quire.io.log;

import dev.quire.io.StorageFullException;
import java.util.function.LongSupplier;

/**
 * The leader's work: writing sealed batches, forcing them, switching generations. One thread at a time, the one that
 * holds the leadership in {@link GroupForce}; only {@link #forced()} and {@link #hasWork()} may be asked by anybody.
 */
final class LogHead implements GroupForce.Work, AutoCloseable {

    /** Up to here a committer writes its own batch: copying more to an array costs more than handing over. */
    static final int ALONE_BYTES_MAX = 64 << 10;

    private final LogSettings settings;
    private final LogWitness witness;
    private final LogTail tail;
    private final GenerationStock stock;
    private final LongSupplier clock;
    private final BatchBuffer beginBatch;
    private final byte[] scratch = new byte[ALONE_BYTES_MAX];
    private OpenGeneration current;
    private GenerationInfo previous;
    private long written;
    private volatile long forced;
    private volatile int generation;
    private volatile long forces;

    /** {@code previous} is where the stream ended before; all of it must be forced. {@code clock} may run backwards. */
    LogHead(
            LogSettings settings,
            LogWitness witness,
            LogTail tail,
            GenerationStock stock,
            GenerationInfo previous,
            LongSupplier clock) {
        this.settings = settings;
        this.witness = witness;
        this.tail = tail;
        this.stock = stock;
        this.previous = previous;
        this.clock = clock;
        beginBatch = new BatchBuffer(LogLayout.beginBytesMax(settings.generationBytes()));
        written = previous.closingPosition();
        forced = written;
    }

    @Override
    public long forced() {
        return forced;
    }

    /** The generation that records go to; 0 before the first one has started. */
    int generation() {
        return generation;
    }

    /** How many times the disk was asked to force a batch. */
    long forces() {
        return forces;
    }

    @Override
    public boolean hasWork() {
        return tail.hasWork();
    }

    @Override
    public void abandon() {
        tail.abandon();
    }

    /** Writes and forces one small batch in one step, from any thread, if that is all there is; says whether it did. */
    @Override
    public boolean forceAlone() {
        if (written != forced) {
            return false;
        }
        BatchBuffer batch = tail.sealAlone(ALONE_BYTES_MAX);
        if (batch == null) {
            return false;
        }
        current.writeThrough(batch, scratch, forced);
        written = batch.next();
        tail.recycle(batch);
        advance(written);
        return true;
    }

    /** Does what is asked for: a switch, buffers, and a force if somebody waits for one. Through channels. */
    @Override
    public void turn(boolean wanted) {
        RollRequest request = tail.rollRequest();
        if (request != null) {
            roll(request);
        }
        write();
        if (wanted) {
            force();
        }
    }

    private void write() {
        long end = tail.seal();
        for (BatchBuffer batch = tail.nextSealed(end); batch != null; batch = tail.nextSealed(end)) {
            current.write(batch, forced);
            written = batch.next();
            tail.recycle(batch);
        }
    }

    private void force() {
        if (written != forced) {
            current.force();
            advance(written);
        }
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // only whoever leads the force comes here
    private void advance(long position) {
        forces++;
        // The witness first: whoever sees the new position need not wait any more, and must find the engine moved on.
        witness.forcedTo(position);
        forced = position;
    }

    /**
     * The order that recovery rests on: the old generation forced to its closing position, Begin alone written and
     * forced, the slot forced; only then may anything enter the new generation.
     */
    private void roll(RollRequest request) {
        try {
            stock.require(1 + request.ahead);
        } catch (StorageFullException full) {
            tail.refuse(full);
            return;
        }
        tail.leave();
        write();
        force();
        OpenGeneration left = current;
        if (left != null) {
            previous = left.info();
        }
        long position = begin();
        witness.generationStarted(previous.generation() + 1, position);
        generation = previous.generation() + 1;
        advance(position);
        tail.enter(position);
        if (left != null) {
            left.close();
        }
        stock.buildAhead();
    }

    private long begin() {
        int number = previous.generation() + 1;
        Begin begin = new Begin(Math.max(previous.createdMillis(), clock.getAsLong()), previous, witness.context());
        int contextBytesMax = LogLayout.contextBytesMax(settings.generationBytes());
        if (begin.context().length > contextBytesMax) {
            throw new IllegalStateException("contextBytes=" + begin.context().length + " max=" + contextBytesMax);
        }
        int chain =
                GenerationHeader.crc(GenerationHeader.encode(settings.signature(), number, settings.generationBytes()));
        current = new OpenGeneration(stock.take(number), settings.signature(), number, begin.createdMillis(), chain);
        var payload = begin.encode();
        beginBatch.open(Lsn.of(number, LogLayout.FIRST_BATCH_OFFSET));
        beginBatch.add(LogLayout.TYPE_BEGIN, payload, 0, payload.capacity());
        current.write(beginBatch, forced);
        current.force();
        written = beginBatch.next();
        return written;
    }

    /** The current generation up to what was written last. */
    GenerationInfo info() {
        return current.info();
    }

    @Override
    public void close() {
        if (current != null) {
            current.close();
        }
    }
}

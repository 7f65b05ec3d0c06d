package dev.quire.io.log;

import java.nio.ByteBuffer;

/** Generations one after the other, read into windows and verified. One thread at a time, one of the engine's. */
abstract class LogSource implements AutoCloseable {

    private GenerationReader reader;
    private BatchWalk walk;

    /** Opens the next generation, which has accepted its file header; null if there is none. */
    abstract GenerationReader next(ByteBuffer window);

    /** Whether no batch of the generation follows that counts, whatever its bytes are. */
    abstract boolean isClosed(BatchWalk batches);

    /** Verifies the next batch; false if what counts of the generation ends before it, also when asked again. */
    abstract boolean advance(GenerationReader generation, BatchWalk batches);

    /** The generation has ended: it is closed, or a batch does not verify. Then there may be more to look at in it. */
    abstract void ended(BatchWalk batches);

    /**
     * Fills a window that nobody has; says whether there was anything to fill it with. What the window before it holds
     * stays as it is, unless it is the same.
     */
    final boolean fill(LogWindow window) {
        window.clear();
        while (window.isEmpty()) {
            if (reader != null) {
                reader.move(walk.offset(), window.buffer());
            } else if (!open(window.buffer())) {
                return false;
            }
            fillFromGeneration(window);
        }
        return true;
    }

    private boolean open(ByteBuffer buffer) {
        reader = next(buffer);
        walk = reader == null ? null : new BatchWalk(reader);
        return reader != null;
    }

    /** Stops before a batch that is not at hand: to look at it would put other bytes in the place of the window's. */
    private void fillFromGeneration(LogWindow window) {
        boolean more = true;
        while (more && (window.isEmpty() || walk.isAtHand())) {
            more = !isClosed(walk) && advance(reader, walk);
            if (more) {
                window.add(walk, reader.generation());
            }
        }
        // What does not verify is looked at again through a window that holds nothing.
        if (isClosed(walk) || !more && window.isEmpty()) {
            ended(walk);
            close();
        }
    }

    @Override
    public final void close() {
        if (reader != null) {
            reader.close();
            reader = null;
        }
    }
}

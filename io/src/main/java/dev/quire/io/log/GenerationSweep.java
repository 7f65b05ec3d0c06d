package dev.quire.io.log;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntFunction;

/**
 * Walks through generations, several at once: since the chain of checksums of each begins with its own header, what
 * one of them is does not depend on the one before. What they are to one another is judged later, in order.
 */
final class GenerationSweep {

    private static final int THREADS_MAX = 4;

    private final LogSettings settings;
    private final IntFunction<RecordHandler> handlers;

    /**
     * What was found in one generation, or {@code thrown} instead.
     *
     * @param offset behind the last batch that verifies
     * @param fault what does not verify there, null if the walk went to the closing offset
     * @param forced the highest position that a batch says was forced; also those behind the fault, if that was asked
     */
    record Walked(int offset, int chain, LogFault fault, long forced, Throwable thrown) {

        /** Throws what was thrown. */
        void check() {
            if (thrown instanceof Error error) {
                throw error;
            }
            if (thrown != null) {
                throw (RuntimeException) thrown;
            }
        }
    }

    /** {@code handlers} gives for each generation who gets its records; null for nobody. */
    GenerationSweep(LogSettings settings, IntFunction<RecordHandler> handlers) {
        this.settings = settings;
        this.handlers = handlers;
    }

    /** Walks generation {@code first} to {@code closings[0]}, and so on; of the last the headers behind count, too. */
    List<Walked> walk(int first, int[] closings) {
        List<Walked> found = new ArrayList<>(Collections.nCopies(closings.length, null));
        AtomicInteger next = new AtomicInteger();
        Runnable worker = () -> {
            ByteBuffer window = GenerationReader.window(GenerationReader.WINDOW_BYTES);
            for (int i = next.getAndIncrement(); i < closings.length; i = next.getAndIncrement()) {
                found.set(i, walk(first + i, closings[i], i == closings.length - 1, window));
            }
        };
        int threads = settings.background() ? Math.min(THREADS_MAX, LogSurvey.processors()) : 1;
        LogThreads.together(Collections.nCopies(Math.max(1, Math.min(threads, closings.length)), worker), () -> {});
        return found;
    }

    private Walked walk(int generation, int closing, boolean last, ByteBuffer window) {
        Path file = LogFiles.path(settings.directory(), generation);
        try (GenerationReader reader = new GenerationReader(settings.storage(), file, window)) {
            LogFault fault = reader.open(settings.signature(), generation);
            if (fault != null) {
                throw fault.exception(file, generation, "");
            }
            BatchWalk walk = new BatchWalk(reader);
            RecordHandler handler = handlers.apply(generation);
            while (walk.offset() < closing && walk.advance()) {
                if (handler != null) {
                    walk.records(Lsn.NONE, Long.MAX_VALUE, handler);
                }
            }
            long forced = last ? Math.max(walk.forced(), walk.forcedBehind()) : walk.forced();
            return new Walked(walk.offset(), walk.chain(), walk.fault(), forced, null);
        } catch (RuntimeException | Error e) {
            return new Walked(0, 0, null, 0, e);
        }
    }
}

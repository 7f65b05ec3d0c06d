package dev.quire.io.log;

import dev.quire.io.CorruptionException;
import dev.quire.io.NotFoundException;
import dev.quire.io.QuireError;
import dev.quire.io.Storage;
import dev.quire.io.Storage.Kind;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntConsumer;

/**
 * Finds where a log ends, and tells its torn end from damage. K is the highest position that anything says was forced:
 * a checkpoint slot, a header of any batch even behind a fault, Begin of the next generation. The first batch that does
 * not verify stands at L. L below K is damage. L at or above K is the torn end, and all behind it is void: a power cut
 * may keep a later sector of an unforced batch and lose an earlier one, so valid bytes behind L prove nothing.
 */
final class EndOfLog extends LogSource {

    private static final byte[] NO_CONTEXT = {};

    private final LogSettings settings;
    private final Storage storage;
    private final int from;
    private final int highestStarted;

    /** Whether the first fault ends the log whatever is known: somebody has accepted the loss. */
    private final boolean lossAccepted;

    /** Told how many bytes were read, once for each of them. */
    private final IntConsumer walked;

    /** For Begin, and what may stand in its place. */
    private final ByteBuffer window = GenerationReader.window(GenerationReader.BEGIN_WINDOW_BYTES);

    private final List<Begin> begins = new ArrayList<>();
    private final List<GenerationInfo> generations = new ArrayList<>();
    private byte[] context = NO_CONTEXT;
    private long known;
    private long end;
    private boolean over;

    EndOfLog(
            LogSettings settings,
            int from,
            int highestStarted,
            long knownForced,
            boolean lossAccepted,
            IntConsumer walked) {
        this.settings = settings;
        this.storage = settings.storage();
        this.from = from;
        this.highestStarted = highestStarted;
        this.known = knownForced;
        this.lossAccepted = lossAccepted;
        this.walked = walked;
    }

    /**
     * Reads and verifies everything, and shows it to {@code scout} and {@code follower} meanwhile.
     *
     * @return up to where it was shown to the follower
     */
    long find(LogScout scout, long shownFrom, RecordHandler follower) {
        findStarted();
        lookBehind();
        LogRelay relay = new LogRelay(this, shownFrom, Long.MAX_VALUE, scout, follower);
        long shown = relay.run(LogSurvey.isOnTwoThreads(settings));
        if (lossAccepted) {
            known = end;
        } else if (end < known && begins.isEmpty()) {
            throw missing(from);
        }
        return shown;
    }

    private void findStarted() {
        for (Begin begin = started(from); begin != null; begin = started(from + begins.size())) {
            begins.add(new Begin(begin.createdMillis(), begin.previous(), NO_CONTEXT));
            context = begin.context();
        }
    }

    /** Begin of a generation that has started; null if it has not, which is damage when a slot names it. */
    private Begin started(int generation) {
        boolean due = generation <= highestStarted && !lossAccepted;
        Path file = LogFiles.path(settings.directory(), generation);
        if (storage.kind(file) != Kind.FILE) {
            if (due) {
                throw missing(generation);
            }
            return null;
        }
        try (GenerationReader reader = new GenerationReader(storage, file, window)) {
            LogFault fault = reader.open(settings.signature(), generation);
            if (fault == null) {
                BatchWalk walk = new BatchWalk(reader);
                Begin begin = walk.advance() ? walk.begin() : null;
                known = Math.max(known, walk.forcedAt(LogLayout.FIRST_BATCH_OFFSET));
                if (begin != null) {
                    return begin;
                }
                fault = walk.fault() != null ? walk.fault() : BatchWalk.noBegin();
            }
            if (due) {
                throw fault.exception(file, generation, "a checkpoint names this generation");
            }
            return null;
        }
    }

    private NotFoundException missing(int generation) {
        QuireError error = generation == from ? QuireError.REQUIRED_LOG_FILES_MISSING : QuireError.MISSING_LOG_FILE;
        String message = "generation " + generation + " is missing; generations " + from + " to " + highestStarted
                + " are expected, forced to " + Lsn.toString(known);
        return new NotFoundException(error, LogFiles.path(settings.directory(), generation), message, null);
    }

    /** A generation behind one that has not started cannot have started either, unless something is lost. */
    private void lookBehind() {
        for (int generation : LogFiles.list(storage, settings.directory())) {
            if (generation > from + begins.size() && !lossAccepted) {
                Path file = LogFiles.path(settings.directory(), generation);
                try (GenerationReader reader = new GenerationReader(storage, file, window)) {
                    if (reader.open(settings.signature(), generation) == null) {
                        known = Math.max(known, new BatchWalk(reader).forcedAt(LogLayout.FIRST_BATCH_OFFSET));
                    }
                }
            }
        }
    }

    @Override
    GenerationReader next(ByteBuffer buffer) {
        if (over || generations.size() == begins.size()) {
            return null;
        }
        int generation = from + generations.size();
        Path file = LogFiles.path(settings.directory(), generation);
        GenerationReader reader = new GenerationReader(storage, file, buffer);
        try {
            LogFiles.accept(reader, settings.signature(), generation);
            return reader;
        } catch (RuntimeException | Error e) {
            reader.close();
            throw e;
        }
    }

    /** Where the next generation says that the one being read was closed; null if that is the last. */
    private GenerationInfo expected() {
        boolean last = generations.size() == begins.size() - 1;
        return last ? null : begins.get(generations.size() + 1).previous();
    }

    @Override
    boolean isClosed(BatchWalk walk) {
        return expected() != null && walk.offset() >= expected().closingOffset();
    }

    @Override
    boolean advance(GenerationReader reader, BatchWalk walk) {
        int before = walk.offset();
        boolean more = walk.advance();
        walked.accept(walk.offset() - before);
        return more;
    }

    @Override
    void ended(BatchWalk walk) {
        int generation = from + generations.size();
        GenerationInfo expected = expected();
        GenerationInfo info = new GenerationInfo(
                generation, walk.offset(), begins.get(generations.size()).createdMillis(), walk.chain());
        if (expected == null) {
            known = Math.max(known, Math.max(walk.forced(), walk.forcedBehind(walked)));
        }
        generations.add(info);
        end = info.closingPosition();
        if (lossAccepted) {
            over = !info.equals(expected);
        } else {
            judge(LogFiles.path(settings.directory(), generation), info, walk.fault(), expected);
        }
    }

    private void judge(Path file, GenerationInfo found, LogFault fault, GenerationInfo expected) {
        if (fault != null && (expected != null || end < known)) {
            String because = "the log is known to be forced to " + Lsn.toString(known);
            throw fault.exception(file, found.generation(), because);
        }
        if (expected != null && !found.equals(expected)) {
            String message = "generation " + found.generation() + " is not the one that the next follows: expected "
                    + expected + ", found " + found;
            throw new CorruptionException(QuireError.INVALID_LOG_SEQUENCE, file, message, null);
        }
    }

    List<GenerationInfo> generations() {
        return List.copyOf(generations);
    }

    /** The highest generation that was found started. */
    int started() {
        return from + begins.size() - 1;
    }

    /** Context of the last Begin. */
    byte[] context() {
        return context;
    }

    /** K. */
    long known() {
        return known;
    }

    /** Behind the last batch that counts; {@link Lsn#NONE} if no generation has started. */
    long end() {
        return end;
    }
}

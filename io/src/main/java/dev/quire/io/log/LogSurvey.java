package dev.quire.io.log;

import dev.quire.io.CorruptionException;
import dev.quire.io.NotFoundException;
import dev.quire.io.QuireError;
import dev.quire.io.Storage.Access;
import dev.quire.io.StoreFile;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.function.IntConsumer;

/**
 * A log stream, or the part of one, that nobody writes: verified from end to end, and then read. Immutable; for threads
 * of the engine, several at once.
 */
public final class LogSurvey {

    private static final IntConsumer UNCOUNTED = bytes -> {};

    private final LogSettings settings;
    private final List<GenerationInfo> generations;
    private final byte[] context;
    private final long forcedKnown;
    private final long end;
    private final long shown;

    private LogSurvey(LogSettings settings, EndOfLog found, long shown) {
        this.settings = settings;
        this.shown = shown;
        generations = found.generations();
        context = found.context();
        forcedKnown = found.known();
        end = found.end();
    }

    /**
     * Verifies every batch from the start of generation {@code fromGeneration} to the end of the log. Recovery calls
     * {@link LogFiles#forceAll} before: what it builds on must not stand in a cache alone.
     *
     * @param highestStarted the highest generation that any checkpoint slot names, 0 if none does: such a one must be
     *     there with a valid Begin, a higher one without has merely not started
     * @param knownForced the highest forced position in any slot, {@link Lsn#NONE} if there is none
     * @throws CorruptionException {@code LOG_FILE_CORRUPT} if something does not verify that is known to have been
     *     forced; {@code BAD_LOG_SIGNATURE}, {@code LOG_GENERATION_MISMATCH}, {@code BAD_LOG_VERSION},
     *     {@code LOG_FILE_SIZE_MISMATCH} or {@code INVALID_LOG_SEQUENCE} if it is a file of another kind
     * @throws NotFoundException {@code REQUIRED_LOG_FILES_MISSING} if {@code fromGeneration} is missing,
     *     {@code MISSING_LOG_FILE} for one behind it
     */
    public static LogSurvey of(LogSettings settings, int fromGeneration, int highestStarted, long knownForced) {
        return of(settings, fromGeneration, highestStarted, knownForced, LogScout.NONE, Lsn.NONE, null);
    }

    /**
     * The same, and shows the records from position {@code shownFrom} on meanwhile, in order: to {@code scout} on the
     * calling thread, and to {@code follower} those of which the scout has decided, on a thread of his own; see
     * {@link #shown}. What they were shown counts only if the survey does not fail. What one of them throws ends it.
     *
     * @param follower null for nobody
     */
    public static LogSurvey of(
            LogSettings settings,
            int fromGeneration,
            int highestStarted,
            long knownForced,
            LogScout scout,
            long shownFrom,
            RecordHandler follower) {
        if (fromGeneration < 1 || highestStarted < 0 || knownForced < 0) {
            throw new IllegalArgumentException("fromGeneration=" + fromGeneration + " highestStarted=" + highestStarted
                    + " knownForced=" + knownForced);
        }
        EndOfLog end = new EndOfLog(settings, fromGeneration, highestStarted, knownForced, false, UNCOUNTED);
        return new LogSurvey(settings, end, end.find(scout, shownFrom, follower));
    }

    /**
     * As {@link #of(LogSettings, int, int, long)}, of a log that somebody may be writing meanwhile. What the slots say
     * must have been read before. Whoever writes may go on between the reading and the look at what stands behind; what
     * is known to be forced by then verifies when it is read again, or it is damaged.
     *
     * @param walked told how many bytes were read; may take its time, and what it throws ends the survey
     */
    public static LogSurvey ofLive(
            LogSettings settings, int fromGeneration, int highestStarted, long knownForced, IntConsumer walked) {
        EndOfLog first = new EndOfLog(settings, fromGeneration, highestStarted, knownForced, false, walked);
        try {
            return new LogSurvey(settings, first, first.find(LogScout.NONE, Lsn.NONE, null));
        } catch (CorruptionException e) {
            LogSurvey again = upToFault(settings, fromGeneration, walked);
            boolean isAll = !again.empty() && again.generation() >= Math.max(highestStarted, first.started());
            if (!isAll || again.end < first.known()) {
                throw e;
            }
            return again;
        }
    }

    /**
     * The log as far as it can be read, whatever is known to have been behind: for a caller who has accepted that the
     * rest is lost, and who starts a new stream after it.
     */
    public static LogSurvey upToFault(LogSettings settings, int fromGeneration) {
        return upToFault(settings, fromGeneration, UNCOUNTED);
    }

    /** The same; {@code walked} is told how many bytes were read, and may take its time. */
    public static LogSurvey upToFault(LogSettings settings, int fromGeneration, IntConsumer walked) {
        return upToFault(settings, fromGeneration, LogScout.NONE, Lsn.NONE, walked);
    }

    /** The same, and shows the records from position {@code shownFrom} on to {@code scout} meanwhile. */
    public static LogSurvey upToFault(LogSettings settings, int fromGeneration, LogScout scout, long shownFrom) {
        return upToFault(settings, fromGeneration, scout, shownFrom, UNCOUNTED);
    }

    private static LogSurvey upToFault(
            LogSettings settings, int fromGeneration, LogScout scout, long shownFrom, IntConsumer walked) {
        if (fromGeneration < 1) {
            throw new IllegalArgumentException("fromGeneration=" + fromGeneration);
        }
        EndOfLog end = new EndOfLog(settings, fromGeneration, 0, Lsn.NONE, true, walked);
        return new LogSurvey(settings, end, end.find(scout, shownFrom, null));
    }

    /** Where the log ends: behind the last batch that counts. {@link Lsn#NONE} if {@link #empty()}. */
    public long end() {
        return end;
    }

    /** The last generation that has started, 0 if none has. */
    public int generation() {
        return Lsn.generation(end);
    }

    /** Whether no generation has started: a crash came before the first Begin. */
    public boolean empty() {
        return generations.isEmpty();
    }

    /** K: everything below was forced. What lies between here and the end may never have been acknowledged. */
    public long forcedKnown() {
        return forcedKnown;
    }

    /** Below which position the follower was shown every record; {@link Lsn#NONE} if there was none. */
    public long shown() {
        return shown;
    }

    /** The generations from the first asked for to the last started, in order. */
    public List<GenerationInfo> generations() {
        return generations;
    }

    /** The engine's bytes in the last Begin; empty if there is none. */
    public byte[] context() {
        return context.clone();
    }

    /** Where the stream goes on. */
    GenerationInfo last() {
        return empty() ? GenerationInfo.NONE : generations.get(generations.size() - 1);
    }

    /**
     * Hands on the records with {@code from <= lsn < to}, in order, each verified once more; on a thread of its own,
     * while the caller's reads ahead, if the log may have threads.
     *
     * @throws CorruptionException {@code LOG_READ_VERIFY_FAILURE} if the bytes are not those that were surveyed
     */
    public void read(long from, long to, RecordHandler handler) {
        if (from >= to) {
            return;
        }
        List<GenerationInfo> within = generations.stream()
                .filter(info -> info.closingPosition() > from && Lsn.of(info.generation(), 0) < to)
                .toList();
        if (!within.isEmpty()) {
            LogSource source = new SurveyedLog(settings, within, to);
            new LogRelay(source, from, to, LogScout.NONE, handler).run(isOnTwoThreads(settings));
        }
    }

    /** Whether who follows a reading has a thread of his own: if the log may have some, and they can run at once. */
    static boolean isOnTwoThreads(LogSettings settings) {
        return settings.background() && Runtime.getRuntime().availableProcessors() > 1;
    }

    /**
     * Writes the log from {@link #forcedKnown()} to its end again, byte for byte, and forces it. Whether those bytes
     * are on the medium is not known: if an earlier process failed to force them, the kernel holds them for clean, and
     * a force alone would do nothing and succeed.
     */
    public void rewrite() {
        for (GenerationInfo info : generations) {
            if (info.closingPosition() > forcedKnown) {
                int known = Lsn.generation(forcedKnown) == info.generation() ? Lsn.offset(forcedKnown) : 0;
                int from = Math.max(LogLayout.FIRST_BATCH_OFFSET, known & -LogLayout.SECTOR_BYTES);
                rewrite(info, from);
            }
        }
    }

    private void rewrite(GenerationInfo info, int from) {
        try (StoreFile file = settings.storage().open(path(info), Access.WRITE)) {
            byte[] piece = new byte[Math.min(StoreFile.WRITE_PIECE_BYTES, info.closingOffset() - from)];
            for (int at = from; at < info.closingOffset(); at += piece.length) {
                int length = Math.min(piece.length, info.closingOffset() - at);
                int read = file.read(piece, 0, length, at);
                if (read < length) {
                    throw new LogFault(QuireError.LOG_READ_VERIFY_FAILURE, at + read, "the file has become shorter")
                            .exception(file.path(), info.generation(), "");
                }
                file.write(ByteBuffer.wrap(piece, 0, length), at);
            }
            file.force();
        }
    }

    private Path path(GenerationInfo info) {
        return LogFiles.path(settings.directory(), info.generation());
    }
}

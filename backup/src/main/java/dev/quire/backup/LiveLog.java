package dev.quire.backup;

import dev.quire.durable.CheckpointFile;
import dev.quire.durable.CheckpointSlot;
import dev.quire.durable.Names;
import dev.quire.durable.StopPoint;
import dev.quire.io.CorruptionException;
import dev.quire.io.NotFoundException;
import dev.quire.io.QuireError;
import dev.quire.io.QuireException;
import dev.quire.io.Storage;
import dev.quire.io.log.GenerationInfo;
import dev.quire.io.log.GenerationStart;
import dev.quire.io.log.LogFiles;
import dev.quire.io.log.LogSettings;
import dev.quire.io.log.LogSurvey;
import dev.quire.io.log.Lsn;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The log of an instance behind the last generation that a backup has: which of it is there, and where it ends. The
 * instance may be running, crashed or closed; nothing of it is locked or written.
 *
 * <p>What is closed never changes, and of what is being written neither does what verifies. So a part that was found
 * good stays good, until the instance lets go of it.
 */
final class LiveLog {

    private final Storage storage;
    private final Path log;
    private final Path checkpoint;
    private final boolean background;
    private final LogSteps steps;
    private final List<TakenGeneration> generations = new ArrayList<>();
    private QuireException fault;
    private long end;

    LiveLog(Storage storage, Path given, boolean background, LogSteps steps) {
        this.storage = storage;
        this.steps = steps;
        this.background = background;
        boolean isInstance = storage.kind(given.resolve(Names.CHECKPOINT)) == Storage.Kind.FILE;
        this.log = isInstance ? given.resolve(Names.LOG) : given;
        this.checkpoint = isInstance ? given.resolve(Names.CHECKPOINT) : given.resolveSibling(Names.CHECKPOINT);
    }

    /**
     * Finds what follows {@code last}.
     *
     * @throws NotFoundException {@code FILE_NOT_FOUND} if there is no log
     * @throws CorruptionException {@code EXISTING_LOG_FILE_HAS_BAD_SIGNATURE}, {@code
     *     EXISTING_LOG_FILE_IS_NOT_CONTIGUOUS} if it is the log of something else; {@code MISSING_CURRENT_LOG_FILES} if
     *     the point lies behind a gap. Other faults are {@link #fault}
     */
    void find(Manifest member, Manifest.CopiedGeneration last, RestoreRequest request) {
        end = Lsn.of(last.generation(), last.closingOffset());
        // Before the log is looked at: what has started or is forced by now must be there then.
        List<CheckpointSlot> slots = storage.kind(checkpoint) == Storage.Kind.FILE ? slots() : List.of();
        int[] there = storage.kind(log) == Storage.Kind.DIRECTORY ? LogFiles.list(storage, log) : new int[0];
        if (there.length == 0) {
            throw new NotFoundException(QuireError.FILE_NOT_FOUND, log, "there is no log here", null);
        }
        int highest = 0;
        long forced = Lsn.NONE;
        for (CheckpointSlot slot : slots) {
            checkSignature(checkpoint, slot.signature(), member.logSignature());
            highest = Math.max(highest, slot.generation());
            forced = Math.max(forced, slot.forced());
        }
        int from = last.generation() + 1;
        highest = Math.max(highest, checkBeginnings(there, member.logSignature(), last, from));
        if (!request.acceptLoss()) {
            checkGaps(there, from, highest, request.stop());
        }
        if (highest >= from) {
            survey(
                    new LogSettings(storage, log, member.logSignature(), member.generationBytes(), background),
                    from,
                    highest,
                    forced);
        }
    }

    /** Of a time nobody knows, before the log was read, on which side of a gap it lies. */
    private void checkGaps(int[] there, int from, int highest, StopPoint stop) {
        int missing = from;
        while (Arrays.binarySearch(there, missing) >= 0) {
            missing++;
        }
        boolean behind = switch (stop.kind()) {
            case END, NAME -> true;
            case LSN -> stop.value() > Lsn.of(missing, 0);
            case GENERATION -> stop.value() >= missing;
            case TIME -> false;
        };
        if (missing <= highest && behind) {
            throw missing(LogFiles.path(log, missing), null);
        }
    }

    /** Without one, nothing says how far the log was forced, and what is lost of it cannot be told from its end. */
    private List<CheckpointSlot> slots() {
        List<CheckpointSlot> slots = CheckpointFile.slots(storage, checkpoint);
        if (slots.isEmpty()) { // somebody may write it
            slots = CheckpointFile.slots(storage, checkpoint);
        }
        if (slots.isEmpty()) {
            fault = new CorruptionException(
                    QuireError.LOG_CORRUPT_DURING_HARD_RECOVERY,
                    checkpoint,
                    "holds no whole slot: nobody knows how far the log went",
                    null);
        }
        return slots;
    }

    /** Judges what every generation says of itself; returns the highest that has started. */
    private int checkBeginnings(int[] there, long signature, Manifest.CopiedGeneration last, int from) {
        int started = 0;
        CorruptionException parted = null;
        for (int generation : there) {
            steps.check();
            Path file = LogFiles.path(log, generation);
            GenerationStart start;
            try {
                start = LogFiles.start(storage, file);
            } catch (QuireException e) {
                continue; // not started, gone meanwhile, or damaged: the survey knows
            }
            if (start.generation() != generation && storage.kind(file) == Storage.Kind.NONE) {
                continue; // let go meanwhile, and in another use
            }
            checkSignature(file, start.signature(), signature);
            if (generation == from && !last.isOf(start.previous())) {
                parted = new CorruptionException(
                        QuireError.EXISTING_LOG_FILE_IS_NOT_CONTIGUOUS,
                        file,
                        "follows " + start.previous() + ", and the last backup ends with " + last,
                        null);
            }
            started = Math.max(started, generation);
        }
        if (parted != null) { // log of another stream is told first
            throw parted;
        }
        return started;
    }

    private static void checkSignature(Path file, long found, long expected) {
        if (found != expected) {
            throw new CorruptionException(
                    QuireError.EXISTING_LOG_FILE_HAS_BAD_SIGNATURE,
                    file,
                    String.format(
                            "is of another log stream than the backup: signature %016x, expected %016x",
                            found, expected),
                    null);
        }
    }

    private void survey(LogSettings settings, int from, int started, long forced) {
        LogSurvey survey;
        try {
            steps.ahead(bytes(settings, from, started));
            survey = LogSurvey.ofLive(settings, from, started, forced, steps::read);
        } catch (NotFoundException e) {
            survey = upToFault(settings, from, started);
            fault = missing(e.file().orElse(log), e);
        } catch (CorruptionException e) {
            survey = upToFault(settings, from, started);
            fault = new CorruptionException(
                    QuireError.LOG_CORRUPT_DURING_HARD_RECOVERY, e.file().orElse(log), e.getMessage(), e);
        }
        steps.end();
        for (GenerationInfo info : survey.generations()) {
            generations.add(new TakenGeneration(
                    new Manifest.CopiedGeneration(info.generation(), info.closingOffset(), info.chain()),
                    LogFiles.path(log, info.generation()),
                    false));
            end = info.closingPosition();
        }
    }

    private LogSurvey upToFault(LogSettings settings, int from, int started) {
        steps.ahead(bytes(settings, from, started)); // throws what was no fault of the log, but the caller's progress
        return LogSurvey.upToFault(settings, from, steps::read);
    }

    private static long bytes(LogSettings settings, int from, int started) {
        return (started - from + 1L) * settings.generationBytes();
    }

    /** A generation is not there, or not any more. */
    static CorruptionException missing(Path file, QuireException e) {
        return new CorruptionException(
                QuireError.MISSING_CURRENT_LOG_FILES,
                file,
                "is missing; a running instance may have let it go, after a backup or with circular logging",
                e);
    }

    /** In order, up to where they can be read. */
    List<TakenGeneration> generations() {
        return generations;
    }

    /** Behind the last of them. */
    long end() {
        return end;
    }

    /** Why that is not the end of the log; null if it is. */
    QuireException fault() {
        return fault;
    }
}

package dev.quire.backup;

import dev.quire.io.CorruptionException;
import dev.quire.io.QuireError;
import dev.quire.io.Storage;
import dev.quire.io.log.GenerationInfo;
import dev.quire.io.log.GenerationStart;
import dev.quire.io.log.LogFiles;
import dev.quire.io.log.RecordHandler;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.function.IntConsumer;

/**
 * Verifies the generations of a restore where they arrived: each by itself, and that they follow one another. What a
 * full lacks, its own log must have, not that of an incremental: a set of which a part is damaged is damaged.
 */
final class LogReplayCheck {

    private final Storage storage;
    private final Manifest manifest;
    private final long limit;
    private final RecordHandler reader;
    private final LogSteps steps;
    private final ImagedPages imaged = new ImagedPages();
    private GenerationInfo last;
    private long bytes;

    /** Of log that counts up to {@code limit}; shows every record to {@code reader} as well. */
    LogReplayCheck(Storage storage, Manifest manifest, long limit, RecordHandler reader, LogSteps steps) {
        this.steps = steps;
        this.storage = storage;
        this.manifest = manifest;
        this.limit = Math.min(limit, manifest.end());
        this.reader = reader;
    }

    /**
     * Verifies the next one, as it stands in {@code file}; the file that it came from is named if it is damaged.
     *
     * @param walked told how many bytes of it were read
     * @throws CorruptionException {@code LOG_CORRUPT_DURING_HARD_RESTORE}; {@code LOG_CORRUPT_DURING_HARD_RECOVERY} or
     *     {@code MISSING_CURRENT_LOG_FILES} if it is of no backup; {@code GIVEN_LOG_FILE_IS_NOT_CONTIGUOUS}
     */
    void add(TakenGeneration taken, Path file, IntConsumer walked) {
        Manifest.CopiedGeneration generation = taken.generation();
        Path of = taken.file();
        GenerationInfo info;
        GenerationStart start;
        try {
            info = LogFiles.verify(
                    storage,
                    file,
                    manifest.logSignature(),
                    generation.generation(),
                    generation.closingOffset(),
                    this::record,
                    walked);
            start = LogFiles.start(storage, file, manifest.logSignature(), generation.generation());
        } catch (CorruptionException e) {
            throw damaged(taken, e);
        }
        if (info.chain() != generation.chain() || last != null && !last.equals(start.previous())) {
            throw new CorruptionException(
                    QuireError.GIVEN_LOG_FILE_IS_NOT_CONTIGUOUS,
                    of,
                    "generation " + generation.generation() + " does not continue the one before it",
                    null);
        }
        last = info;
        bytes += generation.closingOffset();
    }

    /** Shown before its generation is known to be sound: if it is not, nothing of all this counts. */
    private void record(long lsn, int type, ByteBuffer buffer, int offset, int length) {
        if (lsn >= manifest.redoStart() && lsn < limit) {
            imaged.note(type, buffer, offset);
        }
        reader.record(lsn, type, buffer, offset, length);
    }

    /** A file that an instance lets go of gets another use, and nothing of it verifies any more. */
    private CorruptionException damaged(TakenGeneration taken, CorruptionException e) {
        steps.check();
        Path of = taken.file();
        if (taken.ofSet()) {
            return new CorruptionException(QuireError.LOG_CORRUPT_DURING_HARD_RESTORE, of, e.getMessage(), e);
        }
        return storage.kind(of) == Storage.Kind.FILE
                ? new CorruptionException(QuireError.LOG_CORRUPT_DURING_HARD_RECOVERY, of, e.getMessage(), e)
                : LiveLog.missing(of, e);
    }

    ImagedPages imaged() {
        return imaged;
    }

    long bytes() {
        return bytes;
    }
}

package dev.quire.backup;

import dev.quire.io.CorruptionException;
import dev.quire.io.QuireError;
import dev.quire.io.Storage;
import dev.quire.io.log.GenerationInfo;
import dev.quire.io.log.GenerationStart;
import dev.quire.io.log.LogFiles;
import java.nio.file.Path;

/**
 * Verifies the generations of a restore where they arrived: each by itself, and that they follow one another. What a
 * full lacks, its own log must have, not that of an incremental: a set of which a part is damaged is damaged.
 */
final class LogReplayCheck {

    private final Storage storage;
    private final Manifest manifest;
    private final ImagedPages imaged = new ImagedPages();
    private GenerationInfo last;
    private long bytes;

    LogReplayCheck(Storage storage, Manifest manifest) {
        this.storage = storage;
        this.manifest = manifest;
    }

    /** Verifies the next one, which came from the file {@code of} the backup: that is named if it is damaged. */
    void add(Manifest.CopiedGeneration generation, Path file, Path of) {
        GenerationInfo info;
        try {
            info = LogFiles.verify(
                    storage, file, manifest.logSignature(), generation.generation(), generation.closingOffset());
        } catch (CorruptionException e) {
            throw new CorruptionException(QuireError.LOG_CORRUPT_DURING_HARD_RESTORE, of, e.getMessage(), e);
        }
        GenerationStart start = LogFiles.start(storage, file, manifest.logSignature(), generation.generation());
        if (info.chain() != generation.chain() || last != null && !last.equals(start.previous())) {
            throw new CorruptionException(
                    QuireError.GIVEN_LOG_FILE_IS_NOT_CONTIGUOUS,
                    of,
                    "generation " + generation.generation() + " does not continue the one before it",
                    null);
        }
        LogFiles.read(storage, file, manifest.logSignature(), info, (lsn, type, buffer, offset, length) -> {
            if (lsn >= manifest.redoStart() && lsn < manifest.end()) {
                imaged.note(type, buffer, offset);
            }
        });
        last = info;
        bytes += generation.closingOffset();
    }

    ImagedPages imaged() {
        return imaged;
    }

    long bytes() {
        return bytes;
    }
}

package dev.quire.durable;

import dev.quire.io.CorruptionException;
import dev.quire.io.NotFoundException;
import dev.quire.io.QuireError;
import dev.quire.io.QuireException;
import dev.quire.io.Storage;
import dev.quire.io.log.GenerationStart;
import dev.quire.io.log.LogFiles;
import java.nio.file.Path;
import java.util.Arrays;

/** Whether the log on the disk goes on, without a hole, from where the last backup of a chain ended. */
final class LogHistory {

    private final Storage storage;
    private final Path directory;
    private final long signature;

    LogHistory(Storage storage, Path directory, long signature) {
        this.storage = storage;
        this.directory = directory;
        this.signature = signature;
    }

    /**
     * Looks at the generations from {@code low} to {@code high}.
     *
     * @throws QuireException {@code INVALID_BACKUP} if logging was circular in one of them; {@code
     *     MISSING_FILE_TO_BACKUP} if one is missing; {@code LOG_READ_VERIFY_FAILURE} if one does not verify
     */
    void check(int low, int high) {
        int[] there = LogFiles.list(storage, directory);
        for (int generation : there) {
            if (generation >= low && generation <= high && BeginContext.isCircular(context(generation))) {
                throw new QuireException(
                        QuireError.INVALID_BACKUP,
                        LogFiles.path(directory, generation),
                        "logging was circular since the last full or incremental backup, in generation " + generation
                                + ": take a full backup first",
                        null);
            }
        }
        for (int generation = low; generation <= high; generation++) {
            if (Arrays.binarySearch(there, generation) < 0) {
                throw new NotFoundException(
                        QuireError.MISSING_FILE_TO_BACKUP,
                        LogFiles.path(directory, generation),
                        "is missing, and no full or incremental backup has it: take a full backup first",
                        null);
            }
        }
    }

    private byte[] context(int generation) {
        Path file = LogFiles.path(directory, generation);
        try {
            GenerationStart start = LogFiles.start(storage, file, signature, generation);
            return start.context();
        } catch (CorruptionException e) {
            throw new CorruptionException(QuireError.LOG_READ_VERIFY_FAILURE, file, e.getMessage(), e);
        }
    }
}

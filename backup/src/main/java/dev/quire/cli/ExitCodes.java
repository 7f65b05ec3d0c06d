package dev.quire.cli;

import dev.quire.io.CancelledException;
import dev.quire.io.CorruptionException;
import dev.quire.io.InUseException;
import dev.quire.io.NotFoundException;
import dev.quire.io.QuireError;
import dev.quire.io.QuireException;
import dev.quire.io.StorageFullException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.Map;

/** What the process says when it ends. Scripts rely on these numbers: none ever changes its meaning. */
final class ExitCodes {

    /** Done, and nothing is wrong. */
    static final int OK = 0;

    /** Any error that has no number of its own below. */
    static final int ERROR = 1;

    /** The command line could not be understood; nothing was done. */
    static final int USAGE = 2;

    /** Something is not what was written; a file that an instance or a backup must have, and that is gone, as well. */
    static final int CORRUPT = 4;

    /** What the command line names is not there: an instance, database, table, key, backup or file. */
    static final int NOT_FOUND = 5;

    /** Somebody else uses it. */
    static final int IN_USE = 6;

    /** No room on the disk. */
    static final int NO_SPACE = 8;

    /** Ended by the user; as a shell counts an interrupt. */
    static final int CANCELLED = 130;

    /** Ended by SIGTERM, after the same clean-up: the virtual machine says so, whatever the command returns. */
    static final int TERMINATED = 143;

    /** Errors whose kind decides nothing, or something else than the error's name. */
    private static final Map<QuireError, Integer> BY_ERROR = Map.ofEntries(
            Map.entry(QuireError.BAD_LOG_VERSION, ERROR),
            Map.entry(QuireError.INVALID_DATABASE_VERSION, ERROR),
            Map.entry(QuireError.BACKUP_ABORT_BY_SERVER, ERROR),
            Map.entry(QuireError.REQUIRED_LOG_FILES_MISSING, CORRUPT),
            Map.entry(QuireError.COMMITTED_LOG_FILES_MISSING, CORRUPT),
            Map.entry(QuireError.MISSING_LOG_FILE, CORRUPT),
            Map.entry(QuireError.MISSING_CURRENT_LOG_FILES, CORRUPT),
            Map.entry(QuireError.MISSING_PREVIOUS_LOG_FILE, CORRUPT),
            Map.entry(QuireError.MISSING_RESTORE_LOG_FILES, CORRUPT),
            Map.entry(QuireError.MISSING_FILE_TO_BACKUP, CORRUPT),
            Map.entry(QuireError.ATTACHED_DATABASE_MISMATCH, CORRUPT),
            Map.entry(QuireError.FILE_NOT_FOUND, NOT_FOUND),
            Map.entry(QuireError.CHECKPOINT_FILE_NOT_FOUND, NOT_FOUND),
            Map.entry(QuireError.DATABASE_NOT_FOUND, NOT_FOUND),
            Map.entry(QuireError.OBJECT_NOT_FOUND, NOT_FOUND),
            Map.entry(QuireError.RECORD_NOT_FOUND, NOT_FOUND),
            Map.entry(QuireError.BACKUP_IN_PROGRESS, IN_USE),
            Map.entry(QuireError.RESTORE_IN_PROGRESS, IN_USE),
            Map.entry(QuireError.DISK_FULL, NO_SPACE),
            Map.entry(QuireError.LOG_DISK_FULL, NO_SPACE));

    private static final int CAUSES_MAX = 16;

    private ExitCodes() {}

    /** The number for what was thrown. A full disk counts wherever it stands among the causes. */
    static int of(Throwable thrown) {
        Throwable cause = thrown;
        for (int i = 0; i < CAUSES_MAX && cause != null; i++) {
            if (cause instanceof StorageFullException || saysFull(cause)) {
                return NO_SPACE;
            }
            cause = cause.getCause();
        }
        if (thrown instanceof QuireException quire) {
            int byError = BY_ERROR.getOrDefault(quire.error(), byKind(quire));
            // Whoever calls it damage knows that the file had to be there.
            return quire instanceof CorruptionException && byError == NOT_FOUND ? CORRUPT : byError;
        }
        return thrown instanceof NoSuchFileException ? NOT_FOUND : ERROR;
    }

    private static int byKind(QuireException thrown) {
        if (thrown instanceof CorruptionException) {
            return CORRUPT;
        }
        if (thrown instanceof NotFoundException) {
            return NOT_FOUND;
        }
        if (thrown instanceof InUseException) {
            return IN_USE;
        }
        return thrown instanceof CancelledException ? CANCELLED : ERROR;
    }

    /** What standard output and other files that are not Quire's raise. */
    private static boolean saysFull(Throwable thrown) {
        String message = thrown instanceof FileSystemException fault ? fault.getReason() : thrown.getMessage();
        return thrown instanceof java.io.IOException && message != null && message.contains("No space left");
    }
}

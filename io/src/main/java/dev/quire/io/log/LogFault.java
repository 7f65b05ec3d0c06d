package dev.quire.io.log;

import dev.quire.io.CorruptionException;
import dev.quire.io.QuireError;
import java.nio.file.Path;

/**
 * What does not verify, and where. Not an exception yet: whether it is damage or the torn end of the log depends on
 * what is known to be forced.
 */
record LogFault(QuireError error, int offset, String what) {

    /** Two values that should be equal. */
    static LogFault differs(int offset, String what, long expected, long found) {
        String text = what + ": expected 0x" + Long.toHexString(expected) + ", found 0x" + Long.toHexString(found);
        return new LogFault(QuireError.LOG_FILE_CORRUPT, offset, text);
    }

    /** The same under a more precise name. */
    LogFault as(QuireError precise) {
        return new LogFault(precise, offset, what);
    }

    /** To be thrown; {@code because} says how we know that it is damage. */
    CorruptionException exception(Path file, int generation, String because) {
        String message = "generation " + generation + " offset 0x" + Integer.toHexString(offset) + ": " + what
                + (because.isEmpty() ? "" : "; " + because);
        return new CorruptionException(error, file, message, null);
    }
}

package dev.quire.backup;

import dev.quire.io.LimitException;
import dev.quire.io.QuireError;
import java.nio.file.Path;
import java.util.function.Supplier;

/** What is done when a process has no memory left for the buffers of a long operation: it ends, and says so. */
final class OutOfMemory {

    private OutOfMemory() {}

    /** Runs {@code task}; when there is no memory for it, on the heap or outside, that has a name. */
    static <T> T named(Path what, Supplier<T> task) {
        try {
            return task.get();
        } catch (OutOfMemoryError e) {
            throw new LimitException(
                    QuireError.OUT_OF_MEMORY,
                    what,
                    "the process has too little memory, on the heap or outside: " + e.getMessage(),
                    e);
        }
    }
}

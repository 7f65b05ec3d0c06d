package dev.quire.backup;

import dev.quire.io.NotFoundException;
import java.nio.file.Path;

/**
 * A generation of the log that a restore takes.
 *
 * @param generation what it must be
 * @param file where it is
 * @param ofSet whether a backup has it; otherwise it is that of an instance, which may let it go at any time
 */
record TakenGeneration(Manifest.CopiedGeneration generation, Path file, boolean ofSet) {

    /** Does something with the file, which an instance may have let go of meanwhile. */
    void read(LogSteps steps, Runnable step) {
        try {
            step.run();
        } catch (NotFoundException e) {
            steps.check();
            throw ofSet ? e : LiveLog.missing(file, e);
        }
    }

    int number() {
        return generation.generation();
    }
}

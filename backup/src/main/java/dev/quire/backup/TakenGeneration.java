package dev.quire.backup;

import dev.quire.io.NotFoundException;
import java.nio.file.Path;
import java.util.List;

/**
 * A generation of the log that a restore takes.
 *
 * @param generation what it must be
 * @param file where it is
 * @param ofSet whether a backup has it; otherwise it is that of an instance, which may let it go at any time
 */
record TakenGeneration(Manifest.CopiedGeneration generation, Path file, boolean ofSet) {

    /** Those that a backup has in that directory. */
    static List<TakenGeneration> of(Path directory, Manifest member) {
        return member.generations().stream()
                .map(each -> new TakenGeneration(each, member.generationFile(directory, each.generation()), true))
                .toList();
    }

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

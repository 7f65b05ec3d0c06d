package dev.quire.io.log;

import dev.quire.io.Storage;
import java.nio.file.Path;
import java.util.Objects;

/**
 * Where a log stream lives and how it is written.
 *
 * @param storage the disk
 * @param directory an existing directory that holds this stream and nothing else that ends as its files do
 * @param signature tells this stream from every other; mixed into every checksum, so that files of two streams never
 *     mix
 * @param generationBytes size of a generation file made from now on: {@link LogLayout#GENERATION_BYTES_MIN} to
 *     {@link LogLayout#GENERATION_BYTES_MAX}, a multiple of 4096. Generations already there keep their own size.
 * @param background whether the log has threads of its own. Without, everything happens on the caller's thread in an
 *     order that depends on the calls alone, with a clock that counts generations: that is for tests that compare
 *     disks.
 */
public record LogSettings(Storage storage, Path directory, long signature, int generationBytes, boolean background) {

    /** Checks the size. */
    public LogSettings {
        Objects.requireNonNull(storage, "storage");
        Objects.requireNonNull(directory, "directory");
        LogLayout.checkGenerationBytes(generationBytes);
    }
}

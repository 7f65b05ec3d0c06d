package dev.quire.durable;

import dev.quire.io.CorruptionException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;

/**
 * Damage that cost nothing, because what was damaged is kept twice and the other copy was good; it is written anew. A
 * crash leaves such a copy when it tears the write of one; after an orderly end it is the medium that is going bad.
 *
 * @param file in which it was found
 * @param what was wrong with which copy
 */
public record Mended(Path file, String what) {

    /** Takes note of damage in {@code file}; what is found twice is noted once. */
    static Consumer<CorruptionException> into(List<Mended> all, Path file) {
        return damage -> {
            Mended found = new Mended(file, damage.getMessage());
            if (!all.contains(found)) {
                all.add(found);
            }
        };
    }
}

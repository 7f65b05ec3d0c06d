package dev.quire;

import dev.quire.io.Storage;
import dev.quire.io.sim.SimDisk;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/** Instances on a simulated disk: small, without threads, and the same at every run. */
final class SimInstances {

    /** The directory above all of them. */
    static final Path ROOT = Path.of("/sim").toAbsolutePath();

    /** Where the instance is that is looked at. */
    static final Path HERE = ROOT.resolve("here");

    static final int GENERATION_BYTES = 1 << 20;

    private SimInstances() {}

    static SimDisk disk() {
        return new SimDisk(ROOT);
    }

    static InstanceConfig config(Storage storage, Path directory, long seed) {
        return Instance.configure(directory)
                .storage(storage)
                .background(false)
                .pageBytes(4096)
                .memoryBytes(8 << 20)
                .logGenerationBytes(GENERATION_BYTES)
                .guardHalfBytes(256 << 10)
                .clock(counter(seed))
                .random(signatures(seed));
    }

    static Instance open(Storage storage, long seed) {
        return config(storage, HERE, seed).open();
    }

    private static LongSupplier counter(long seed) {
        AtomicLong next = new AtomicLong(1_000_000 * seed);
        return next::incrementAndGet;
    }

    private static LongSupplier signatures(long seed) {
        AtomicLong next = new AtomicLong(seed << 32);
        return () -> {
            long x = next.incrementAndGet() * 0x9E3779B97F4A7C15L;
            x = (x ^ x >>> 30) * 0xBF58476D1CE4E5B9L;
            return x ^ x >>> 31;
        };
    }
}

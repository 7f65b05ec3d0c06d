package dev.quire.io;

import dev.quire.io.sim.SimDisk;
import java.nio.file.Path;

/** The contract, on the simulated disk. */
class SimStorageTest extends StorageContract {

    private static final Path DIRECTORY = Path.of("/sim/data");

    private final SimDisk disk = new SimDisk(DIRECTORY);

    @Override
    Storage storage() {
        return disk;
    }

    @Override
    Path directory() {
        return DIRECTORY;
    }
}

package dev.quire.backup;

import dev.quire.durable.Names;
import dev.quire.io.Storage;
import java.nio.file.Path;

/** The directory in which a restore works; what a killed one left there is cleared away by the next. */
final class Stage {

    private Stage() {}

    /** Deletes the directory with the files that a restore makes in it, if it is there. */
    static void clear(Storage storage, Path stage) {
        if (storage.kind(stage) != Storage.Kind.DIRECTORY) {
            return;
        }
        Path log = stage.resolve(Names.LOG);
        if (storage.kind(log) == Storage.Kind.DIRECTORY) {
            storage.list(log).forEach(name -> storage.delete(log.resolve(name)));
            storage.delete(log);
        }
        storage.list(stage).forEach(name -> storage.delete(stage.resolve(name)));
        storage.delete(stage);
        storage.forceDirectory(stage.getParent());
    }
}

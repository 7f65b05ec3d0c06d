package dev.quire.cli;

import dev.quire.Instance;
import dev.quire.InstanceConfig;
import dev.quire.durable.BeginContext;
import dev.quire.durable.Mended;
import dev.quire.durable.Names;
import dev.quire.durable.RestoredFiles;
import dev.quire.io.CorruptionException;
import dev.quire.io.FileStorage;
import dev.quire.io.NotFoundException;
import dev.quire.io.QuireError;
import dev.quire.io.QuireException;
import dev.quire.io.Storage;
import dev.quire.io.log.LogFiles;
import java.nio.file.Path;
import java.util.List;

/** Configures what is there, and makes nothing: a path that is mistyped is an error and not a new instance. */
final class Instances {

    private Instances() {}

    /** Damaged copies that were found beside good ones. */
    static List<Report> mended(List<Mended> all) {
        return all.stream()
                .map(each -> new Report().add("file", each.file().toString()).add("what", each.what()))
                .toList();
    }

    /**
     * A configuration for an instance that must exist.
     *
     * @throws NotFoundException {@code FILE_NOT_FOUND} if there is no such directory, {@code CHECKPOINT_FILE_NOT_FOUND}
     *     if there is no instance in it
     * @throws CorruptionException {@code CHECKPOINT_FILE_NOT_FOUND} if there was one
     */
    static InstanceConfig existing(Path path) {
        Path directory = Command.absolute(path);
        Storage storage = FileStorage.instance();
        RestoredFiles.checkNoRestore(storage, directory);
        Storage.Kind kind = storage.kind(directory);
        if (kind == Storage.Kind.NONE) {
            throw new NotFoundException(QuireError.FILE_NOT_FOUND, directory, "there is no such instance", null);
        }
        if (kind != Storage.Kind.DIRECTORY) {
            throw new QuireException(QuireError.INVALID_PATH, directory, "is not the directory of an instance", null);
        }
        if (storage.kind(directory.resolve(Names.CHECKPOINT)) == Storage.Kind.NONE) {
            if (storage.kind(directory.resolve(Names.GUARD)) == Storage.Kind.FILE) {
                throw new CorruptionException(
                        QuireError.CHECKPOINT_FILE_NOT_FOUND,
                        directory,
                        "there was an instance in this directory, and it has lost its " + Names.CHECKPOINT,
                        null);
            }
            throw new NotFoundException(
                    QuireError.CHECKPOINT_FILE_NOT_FOUND,
                    directory,
                    "there is no instance in this directory: it has no " + Names.CHECKPOINT,
                    null);
        }
        return newOrExisting(directory);
    }

    /** A configuration for an instance, which opening makes if it does not exist. */
    static InstanceConfig newOrExisting(Path path) {
        Path directory = Command.absolute(path);
        return Instance.configure(directory).circularLogging(isCircular(directory));
    }

    /** Whether log goes without a backup, as far as the log says. */
    static boolean isCircular(Path path) {
        return wasCircular(FileStorage.instance(), Command.absolute(path).resolve(Names.LOG));
    }

    /**
     * How the last generation of the log was begun: a command between two backups of a chain must not let go what the
     * next one needs. It does not say that somebody opened the instance otherwise and began none since. What cannot be
     * read here is judged when the instance is opened.
     */
    private static boolean wasCircular(Storage storage, Path log) {
        if (storage.kind(log) != Storage.Kind.DIRECTORY) {
            return true;
        }
        int[] generations = LogFiles.list(storage, log);
        for (int i = generations.length - 1; i >= 0; i--) {
            try {
                return BeginContext.mayBeCircular(LogFiles.start(storage, LogFiles.path(log, generations[i]))
                        .context());
            } catch (QuireException e) {
                // Built ahead and not started, or damaged: the one before says it as well.
                continue;
            }
        }
        return true;
    }
}

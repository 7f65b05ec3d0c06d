package dev.quire.durable;

import dev.quire.io.CorruptionException;
import dev.quire.io.NotFoundException;
import dev.quire.io.QuireError;
import dev.quire.io.QuireException;
import dev.quire.io.Storage;
import dev.quire.io.StoreFile;
import dev.quire.io.log.LogFiles;
import dev.quire.io.log.LogSettings;
import dev.quire.io.page.DatabaseHeader;
import java.nio.file.Path;
import java.util.List;

/**
 * The files of an instance from nothing: what is made in which order, and what may be cleared away of an attempt that a
 * crash ended. The checkpoint file gets its name last; before that there is no instance.
 */
final class Startup {

    /** The first generation, and the one that may have been made ready while the instance was being made. */
    private static final int GENERATIONS_AHEAD = 2;

    private Startup() {}

    static LogSettings logSettings(EngineSettings settings, CheckpointSlot slot) {
        return new LogSettings(
                settings.storage(),
                settings.directory().resolve(Names.LOG),
                slot.signature(),
                slot.generationBytes(),
                settings.background());
    }

    static boolean exists(EngineSettings settings) {
        return settings.storage().kind(settings.directory().resolve(Names.CHECKPOINT)) != Storage.Kind.NONE;
    }

    /**
     * Makes the directory, in an existing one, if it is not there. Its name is forced: a directory that is found may
     * have been made, or restored, by a process that ended before its name was on the medium. One that was made and
     * whose name could not be forced goes again: the next force would succeed over a name that is lost.
     *
     * @throws QuireException {@code RESTORE_IN_PROGRESS} while a restore is at it
     */
    static void directory(EngineSettings settings) {
        Storage storage = settings.storage();
        Path directory = settings.directory();
        RestoredFiles.checkNoRestore(storage, directory);
        Storage.Kind kind = storage.kind(directory);
        if (kind == Storage.Kind.NONE) {
            if (directory.getParent() == null || storage.kind(directory.getParent()) != Storage.Kind.DIRECTORY) {
                throw new NotFoundException(
                        QuireError.INVALID_PATH, directory, "the directory above the instance does not exist", null);
            }
            storage.createDirectory(directory);
            forceName(storage, directory);
        } else if (kind != Storage.Kind.DIRECTORY) {
            throw new QuireException(QuireError.INVALID_PATH, directory, "is not a directory", null);
        } else if (directory.getParent() != null) {
            storage.forceDirectory(directory.getParent());
        }
    }

    /** Makes a new name durable, or takes it back: a later force that succeeds would prove nothing. Engine threads. */
    static void forceName(Storage storage, Path made) {
        try {
            storage.forceDirectory(made.getParent());
        } catch (RuntimeException | Error e) {
            try {
                storage.delete(made);
            } catch (QuireException again) {
                e.addSuppressed(again);
            }
            throw e;
        }
    }

    /**
     * Clears what an unfinished creation left. The directory of the log is made anew, for the force of its name may
     * have failed.
     *
     * @throws QuireException {@code CHECKPOINT_FILE_NOT_FOUND} if there is more than that: databases, or a log that
     *     went beyond its first generation; {@code INVALID_PATH} if the directory of the log is somebody else's
     */
    static void clearUnfinished(EngineSettings settings) {
        Storage storage = settings.storage();
        Path directory = settings.directory();
        Path log = directory.resolve(Names.LOG);
        boolean hasLog = storage.kind(log) == Storage.Kind.DIRECTORY;
        List<String> generations = hasLog ? storage.list(log) : List.of();
        boolean used = storage.list(directory).stream().anyMatch(name -> name.endsWith(Names.DATABASE_EXTENSION))
                || generations.stream().anyMatch(name -> LogFiles.generation(name) > GENERATIONS_AHEAD);
        if (used) {
            throw new QuireException(
                    QuireError.CHECKPOINT_FILE_NOT_FOUND,
                    directory.resolve(Names.CHECKPOINT),
                    "the checkpoint file is missing, but databases or logs are there",
                    null);
        }
        for (String name : generations) {
            if (!LogFiles.isOfLog(name)) {
                throw new QuireException(QuireError.INVALID_PATH, log, "is in use: holds " + name, null);
            }
        }
        generations.forEach(name -> storage.delete(log.resolve(name)));
        if (hasLog) {
            storage.delete(log);
        }
        for (String name : List.of(Names.GUARD, Names.CHECKPOINT + Names.TEMPORARY_EXTENSION)) {
            if (storage.kind(directory.resolve(name)) == Storage.Kind.FILE) {
                storage.delete(directory.resolve(name));
            }
        }
        storage.createDirectory(log);
        storage.forceDirectory(log);
        storage.forceDirectory(directory);
    }

    static CheckpointSlot firstSlot(EngineSettings settings) {
        long signature = settings.random().getAsLong();
        return new CheckpointSlot(
                1, signature, 0, 0, 0, false, !settings.logging(), 1, settings.generationBytes(), 0, List.of());
    }

    /**
     * A stream ends only when everything is in the files.
     *
     * @throws QuireException {@code DATABASE_DIRTY_SHUTDOWN}
     */
    static void checkClean(CheckpointSlot slot, Path directory) {
        if (!slot.clean()) {
            throw new QuireException(QuireError.DATABASE_DIRTY_SHUTDOWN, directory, "was not closed in order", null);
        }
    }

    /**
     * An instance that has a log has a directory for it.
     *
     * @throws NotFoundException {@code REQUIRED_LOG_FILES_MISSING}
     */
    static void checkLog(EngineSettings settings) {
        Path log = settings.directory().resolve(Names.LOG);
        if (settings.storage().kind(log) == Storage.Kind.NONE) {
            throw new NotFoundException(
                    QuireError.REQUIRED_LOG_FILES_MISSING, log, "the directory of the log is missing", null);
        }
    }

    /** Deletes every generation: they belong to a stream that ended. Files of others stay. */
    static void clearLog(EngineSettings settings) {
        Path log = settings.directory().resolve(Names.LOG);
        if (settings.storage().kind(log) == Storage.Kind.NONE) {
            settings.storage().createDirectory(log);
            settings.storage().forceDirectory(settings.directory());
        }
        settings.storage().list(log).stream()
                .filter(LogFiles::isOfLog)
                .forEach(name -> settings.storage().delete(log.resolve(name)));
        settings.storage().forceDirectory(log);
    }

    /**
     * Makes the file of a database part of the stream with this signature; it may be so already.
     *
     * @throws dev.quire.io.CorruptionException {@code ATTACHED_DATABASE_MISMATCH} if it is another database, {@code
     *     DATABASE_DIRTY_SHUTDOWN} if it was not closed
     */
    static void adopt(EngineSettings settings, Attachment attachment, long signature, List<Mended> mended) {
        Storage storage = settings.storage();
        Path path = Names.database(settings.directory(), attachment.name());
        DatabaseHeader found = DatabaseHeader.read(storage, path, Mended.into(mended, path));
        boolean ours = found.logSignature() == signature;
        if (found.signature() != attachment.signature()) {
            throw new CorruptionException(QuireError.ATTACHED_DATABASE_MISMATCH, path, "is another database", null);
        }
        if (!ours && found.state() != DatabaseHeader.State.CLEAN) {
            throw new CorruptionException(
                    QuireError.DATABASE_DIRTY_SHUTDOWN, path, "was not closed in order: " + found.state(), null);
        }
        try (StoreFile file = storage.open(path, Storage.Access.WRITE)) {
            Databases.adopted(found, attachment.id(), signature, DatabaseHeader.State.CLEAN)
                    .writeTo(file);
        }
    }
}

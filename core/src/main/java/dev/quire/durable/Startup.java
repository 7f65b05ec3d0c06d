package dev.quire.durable;

import dev.quire.io.NotFoundException;
import dev.quire.io.QuireError;
import dev.quire.io.QuireException;
import dev.quire.io.Storage;
import dev.quire.io.StoreFile;
import dev.quire.io.log.LogSettings;
import dev.quire.io.page.DatabaseHeader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The files of an instance from nothing: what is made in which order, and what may be cleared away of an attempt that a
 * crash ended. The checkpoint file gets its name last; before that there is no instance.
 */
final class Startup {

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

    /** Makes the directory, in an existing one, if it is not there. */
    static void directory(EngineSettings settings) {
        Storage storage = settings.storage();
        Path directory = settings.directory();
        Storage.Kind kind = storage.kind(directory);
        if (kind == Storage.Kind.NONE) {
            if (directory.getParent() == null || storage.kind(directory.getParent()) != Storage.Kind.DIRECTORY) {
                throw new NotFoundException(
                        QuireError.INVALID_PATH, directory, "the directory above the instance does not exist", null);
            }
            storage.createDirectory(directory);
            storage.forceDirectory(directory.getParent());
        } else if (kind != Storage.Kind.DIRECTORY) {
            throw new QuireException(QuireError.INVALID_PATH, directory, "is not a directory", null);
        }
    }

    /**
     * Clears what an unfinished creation left.
     *
     * @throws QuireException {@code CHECKPOINT_FILE_NOT_FOUND} if there is more than that: databases, or a log that went
     *     beyond its first generation
     */
    static void clearUnfinished(EngineSettings settings) {
        Storage storage = settings.storage();
        Path directory = settings.directory();
        Path log = directory.resolve(Names.LOG);
        boolean hasLog = storage.kind(log) == Storage.Kind.DIRECTORY;
        List<String> generations = hasLog ? storage.list(log) : List.of();
        boolean used = storage.list(directory).stream().anyMatch(name -> name.endsWith(Names.DATABASE_EXTENSION))
                || generations.stream().filter(name -> name.endsWith(".qlog")).count() > 1;
        if (used) {
            throw new QuireException(
                    QuireError.CHECKPOINT_FILE_NOT_FOUND,
                    directory.resolve(Names.CHECKPOINT),
                    "the checkpoint file is missing, but databases or logs are there",
                    null);
        }
        generations.forEach(name -> storage.delete(log.resolve(name)));
        for (String name : List.of(Names.GUARD, Names.CHECKPOINT + Names.TEMPORARY_EXTENSION)) {
            if (storage.kind(directory.resolve(name)) == Storage.Kind.FILE) {
                storage.delete(directory.resolve(name));
            }
        }
        if (!hasLog) {
            storage.createDirectory(log);
        }
        storage.forceDirectory(log);
        storage.forceDirectory(directory);
    }

    static CheckpointSlot firstSlot(EngineSettings settings) {
        long signature = settings.random().getAsLong();
        return new CheckpointSlot(
                1, signature, 0, 0, 0, false, !settings.logging(), 1, settings.generationBytes(), List.of());
    }

    /** Gives the databases of a closed instance a new stream and clears the old one away; returns its first slot. */
    static CheckpointSlot nextStream(EngineSettings settings) {
        Storage storage = settings.storage();
        Path directory = settings.directory();
        CheckpointSlot old;
        try (CheckpointFile file = CheckpointFile.open(storage, directory.resolve(Names.CHECKPOINT))) {
            old = file.newest();
        }
        if (!old.clean()) {
            throw new QuireException(
                    QuireError.DATABASE_DIRTY_SHUTDOWN, directory, "was not closed in order", null);
        }
        CheckpointSlot first = firstSlot(settings);
        List<Attachment> attachments = new ArrayList<>();
        for (Attachment attachment : old.attachments()) {
            attachments.add(new Attachment(
                    attachment.id(), attachment.name(), attachment.signature(), attachment.pageSize(), 0, Long.MAX_VALUE));
            adopt(storage, Names.database(directory, attachment.name()), attachment.id(), first.signature());
        }
        Path log = directory.resolve(Names.LOG);
        storage.list(log).forEach(name -> storage.delete(log.resolve(name)));
        storage.delete(directory.resolve(Names.GUARD));
        storage.delete(directory.resolve(Names.CHECKPOINT));
        storage.forceDirectory(log);
        storage.forceDirectory(directory);
        return new CheckpointSlot(
                1,
                first.signature(),
                0,
                0,
                0,
                false,
                first.unlogged(),
                old.nextId(),
                settings.generationBytes(),
                attachments);
    }

    private static void adopt(Storage storage, Path path, int id, long signature) {
        DatabaseHeader found = DatabaseHeader.read(storage, path);
        try (StoreFile file = storage.open(path, Storage.Access.WRITE)) {
            Databases.adopted(found, id, signature, DatabaseHeader.State.CLEAN).writeTo(file);
        }
    }
}

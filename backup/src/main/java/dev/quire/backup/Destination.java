package dev.quire.backup;

import dev.quire.io.InUseException;
import dev.quire.io.QuireError;
import dev.quire.io.QuireException;
import dev.quire.io.Storage;
import dev.quire.io.StoreFile;
import dev.quire.io.StoreLock;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/**
 * The directory that a backup goes to: made, or empty but for what an unpublished backup left there; locked while it is
 * filled, so that nobody else's backup takes the files of this one for such leftovers; empty again after a fault.
 */
final class Destination {

    private final Storage storage;
    private final Path directory;
    private final String id;
    private StoreLock lock;
    private boolean made;

    /** Nothing is touched yet. */
    Destination(Storage storage, Path directory, String id) {
        this.storage = storage;
        this.directory = directory;
        this.id = id;
    }

    Path directory() {
        return directory;
    }

    /**
     * Looks at the place alone. Links on the way to it are followed; in its last element there must be none.
     *
     * @param home of the instance, which must not be inside, nor the other way round
     * @throws QuireException {@code INVALID_PATH}
     */
    void check(Path home) {
        Storage.Kind kind = storage.kind(directory);
        if (kind != Storage.Kind.NONE && kind != Storage.Kind.DIRECTORY) {
            throw new QuireException(QuireError.INVALID_PATH, directory, "is not a directory", null);
        }
        Path real = storage.realPath(directory);
        Path realHome = storage.realPath(home);
        if (real.startsWith(realHome) || realHome.startsWith(real)) {
            throw new QuireException(
                    QuireError.INVALID_PATH, directory, "lies inside the instance, or the instance inside it", null);
        }
    }

    /** The manifest of a backup that was published here; null if there is none, or none that can be believed. */
    Manifest published() {
        try {
            boolean there = storage.kind(directory) == Storage.Kind.DIRECTORY
                    && storage.kind(directory.resolve(Manifest.FILE)) == Storage.Kind.FILE;
            return there ? Manifest.read(storage, directory) : null;
        } catch (QuireException e) {
            if (e.error() != QuireError.INVALID_BACKUP) {
                throw e;
            }
            return null; // something lies there, and that is what it will be refused for
        }
    }

    /**
     * Makes the directory or clears it, and locks it.
     *
     * @throws QuireException {@code INVALID_PATH}, {@code BACKUP_DIRECTORY_NOT_EMPTY}; {@code BACKUP_IN_PROGRESS} if
     *     another backup fills it
     */
    void prepare() {
        if (storage.kind(directory) == Storage.Kind.NONE) {
            make();
        }
        checkEmpty();
        lock();
        Leftovers.clear(storage, directory);
    }

    private void make() {
        Path parent = directory.getParent();
        if (parent == null || storage.kind(parent) != Storage.Kind.DIRECTORY) {
            throw new QuireException(QuireError.INVALID_PATH, directory, "the directory above it does not exist", null);
        }
        storage.createDirectory(directory);
        made = true;
        storage.forceDirectory(parent);
    }

    private void checkEmpty() {
        List<String> names = storage.list(directory);
        if (!names.stream().allMatch(Leftovers::isOne)) {
            throw new QuireException(QuireError.BACKUP_DIRECTORY_NOT_EMPTY, directory, "is not empty", null);
        }
    }

    private void lock() {
        try {
            lock = storage.lock(directory.resolve(Leftovers.LOCK));
        } catch (InUseException e) {
            throw new InUseException(QuireError.BACKUP_IN_PROGRESS, directory, "another backup fills it", e);
        }
        try {
            checkEmpty(); // somebody's backup may have been published meanwhile
        } catch (QuireException e) {
            attempt(e, this::release);
            throw e;
        }
    }

    /** Where a file of the backup goes. */
    Path file(String name) {
        return directory.resolve(id + '.' + name);
    }

    /** Writes the manifest, forced and with all names, under a name that means nothing yet. */
    void write(Manifest manifest) {
        byte[] bytes = manifest.toJson().getBytes(StandardCharsets.UTF_8);
        try (StoreFile file = storage.create(file("manifest"))) {
            ByteBuffer buffer = ByteBuffer.allocateDirect(bytes.length);
            file.write(buffer.put(bytes).flip(), 0);
            file.force();
        }
        storage.forceDirectory(directory);
    }

    /** Gives the manifest its name: from here on there is a backup. */
    void publish() {
        storage.rename(file("manifest"), directory.resolve(Manifest.FILE));
        storage.forceDirectory(directory);
    }

    /**
     * Unlocks the directory. The lock file goes first: once it is unlocked, it may be somebody else's.
     */
    void release() {
        if (lock != null) {
            StoreLock held = lock;
            lock = null;
            try {
                storage.delete(directory.resolve(Leftovers.LOCK));
            } finally {
                held.close();
            }
        }
    }

    /** Unlocks the directory of a backup that is published, although something failed behind that. */
    void keep(Throwable fault) {
        attempt(fault, this::release);
    }

    /** Leaves nothing of a failed backup behind; what cannot be deleted is told with the fault. */
    void clear(Throwable fault) {
        if (lock != null) {
            // The directory was empty, so a manifest in it is ours; it goes first, for without it nothing is a backup.
            // What a manifest that may still be there speaks of must stay.
            if (attempt(fault, this::unpublish)) {
                attempt(fault, this::deleteOurs);
            }
            attempt(fault, this::release);
        }
        if (made) {
            attempt(fault, () -> storage.delete(directory));
        }
    }

    private void unpublish() {
        Path manifest = directory.resolve(Manifest.FILE);
        if (storage.kind(manifest) == Storage.Kind.FILE) {
            storage.delete(manifest);
            storage.forceDirectory(directory);
        }
    }

    private void deleteOurs() {
        for (String name : storage.list(directory)) {
            if (name.startsWith(id + '.')) {
                storage.delete(directory.resolve(name));
            }
        }
    }

    private static boolean attempt(Throwable fault, Runnable step) {
        try {
            step.run();
            return true;
        } catch (QuireException e) {
            fault.addSuppressed(e);
            return false;
        }
    }
}

package dev.quire.backup;

import dev.quire.durable.Names;
import dev.quire.io.InUseException;
import dev.quire.io.QuireError;
import dev.quire.io.QuireException;
import dev.quire.io.Storage;
import dev.quire.io.StoreLock;
import java.nio.file.Path;
import java.util.regex.Pattern;

/**
 * The directory beside the target in which a restore works. It is locked meanwhile; what a killed restore left there is
 * cleared away by the next one, and anything else that lies there is somebody else's and stops it.
 */
final class Stage {

    private static final String LOCK = "restore.lock";
    private static final Pattern OURS =
            Pattern.compile("quire\\.[a-z.]+|restore\\.lock|log|[A-Za-z0-9_][A-Za-z0-9._-]*\\.qdb(\\.tmp)?");
    private static final Pattern LOGS = Pattern.compile("[0-9a-f]{8}\\.(qlog|spare)|[a-z]+\\.tmp");

    private final Storage storage;
    private final Path target;
    private final Path directory;
    private StoreLock lock;
    private boolean ours;
    private boolean published;
    private boolean replacedTarget;

    Stage(Storage storage, Path target) {
        this.storage = storage;
        this.target = target;
        this.directory = target.resolveSibling(target.getFileName() + ".restoring");
    }

    Path directory() {
        return directory;
    }

    /**
     * Clears what a killed restore left, makes the directory and locks it.
     *
     * @throws QuireException {@code RESTORE_IN_PROGRESS} if another restore works there; {@code INVALID_PATH} if
     *     something else is there
     */
    void prepare() {
        Storage.Kind kind = storage.kind(directory);
        if (kind == Storage.Kind.DIRECTORY) {
            checkOurs();
            lock();
            empty();
        } else if (kind == Storage.Kind.NONE) {
            storage.createDirectory(directory);
            ours = true;
            lock();
        } else {
            throw new QuireException(QuireError.INVALID_PATH, directory, "is in the way of the restore", null);
        }
    }

    /**
     * Gives the directory the name of the target. What fails here is undone by {@link #clear}.
     *
     * @throws QuireException also if somebody has put something into the target meanwhile
     */
    void publish() {
        unlock();
        if (storage.kind(target) == Storage.Kind.DIRECTORY) {
            storage.delete(target);
            replacedTarget = true;
        }
        storage.rename(directory, target);
        published = true;
        storage.forceDirectory(target.getParent());
    }

    /**
     * After a fault: leaves the target as it was and nothing beside it; what cannot be undone is told with the fault.
     */
    void clear(Throwable fault) {
        try {
            if (published) {
                storage.rename(target, directory);
                published = false;
            }
            if (replacedTarget) {
                storage.createDirectory(target);
            }
            if (ours && storage.kind(directory) == Storage.Kind.DIRECTORY) {
                remove();
            }
        } catch (QuireException e) {
            fault.addSuppressed(e);
        }
    }

    private void checkOurs() {
        for (String name : storage.list(directory)) {
            boolean ours = OURS.matcher(name).matches();
            if (ours && name.equals(Names.LOG)) {
                ours = storage.list(directory.resolve(name)).stream()
                        .allMatch(each -> LOGS.matcher(each).matches());
            }
            if (!ours) {
                throw new QuireException(
                        QuireError.INVALID_PATH, directory, "holds what no restore left: " + name, null);
            }
        }
    }

    private void lock() {
        try {
            lock = storage.lock(directory.resolve(LOCK));
            ours = true;
        } catch (InUseException e) {
            ours = false;
            throw new InUseException(QuireError.RESTORE_IN_PROGRESS, target, "another restore works on it", e);
        }
    }

    private void unlock() {
        lock.close();
        storage.delete(directory.resolve(LOCK));
    }

    private void empty() {
        Path log = directory.resolve(Names.LOG);
        if (storage.kind(log) == Storage.Kind.DIRECTORY) {
            storage.list(log).forEach(name -> storage.delete(log.resolve(name)));
            storage.delete(log);
        }
        for (String name : storage.list(directory)) {
            if (!name.equals(LOCK)) {
                storage.delete(directory.resolve(name));
            }
        }
        storage.forceDirectory(directory);
    }

    private void remove() {
        try {
            empty();
        } finally {
            if (lock != null) {
                lock.close();
            }
        }
        if (storage.kind(directory.resolve(LOCK)) == Storage.Kind.FILE) {
            storage.delete(directory.resolve(LOCK));
        }
        storage.delete(directory);
        storage.forceDirectory(directory.getParent());
    }
}

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
 * The directory beside the target in which a restore works. A lock file beside it is held from before the directory is
 * looked at until after it has the name of the target. What a killed restore left there is cleared away by the next
 * one, and anything else that lies there is somebody else's and stops it: also a whole instance of that name. The two
 * are told apart by the lock file, which is on the medium before the directory is, and goes only behind it.
 *
 * <p>An empty directory that has the name of the target is moved aside and not deleted until the new name is forced. A
 * force that fails may have lost what it was to force, although everybody still sees it; so the names are moved back,
 * and then the target is to everybody what it is on the medium: the same directory, not another one made in its place.
 * A later attempt rests on nothing that was lost.
 */
final class Stage {

    private static final Pattern OURS =
            Pattern.compile("quire\\.[a-z.]+|log|[A-Za-z0-9_][A-Za-z0-9._-]*\\.qdb(\\.tmp)?");
    private static final Pattern LOGS = Pattern.compile("[0-9a-f]{8}\\.(qlog|spare)|[a-z]+\\.tmp");

    private final Storage storage;
    private final Path target;
    private final Path directory;
    private final Path aside;
    private final Path lockFile;
    private StoreLock lock;
    private boolean ours;
    private boolean published;
    private boolean movedAside;

    Stage(Storage storage, Path target) {
        this.storage = storage;
        this.target = target;
        this.directory = target.resolveSibling(target.getFileName() + ".restoring");
        this.aside = target.resolveSibling(target.getFileName() + ".restoring.aside");
        this.lockFile = target.resolveSibling(target.getFileName() + Names.RESTORING_LOCK_EXTENSION);
    }

    Path directory() {
        return directory;
    }

    /**
     * Takes the lock, and clears what a killed restore left: a target that it moved aside goes back.
     *
     * @throws QuireException {@code RESTORE_IN_PROGRESS} if another restore works there; {@code INVALID_PATH} if
     *     something else is there
     */
    void claim() {
        boolean killed = storage.kind(lockFile) != Storage.Kind.NONE;
        try {
            lock = storage.lock(lockFile);
        } catch (InUseException e) {
            throw new InUseException(QuireError.RESTORE_IN_PROGRESS, target, "another restore works on it", e);
        }
        storage.forceDirectory(lockFile.getParent());
        if (isThere(aside)) {
            if (!storage.list(aside).isEmpty()) {
                throw inTheWay(aside);
            }
            if (storage.kind(target) == Storage.Kind.NONE) {
                storage.rename(aside, target);
            } else {
                storage.delete(aside);
            }
        }
        if (isThere(directory)) {
            if (!killed) {
                throw inTheWay(directory);
            }
            checkOurs();
            ours = true;
            remove();
        }
    }

    private boolean isThere(Path path) {
        Storage.Kind kind = storage.kind(path);
        if (kind != Storage.Kind.NONE && kind != Storage.Kind.DIRECTORY) {
            throw inTheWay(path);
        }
        return kind == Storage.Kind.DIRECTORY;
    }

    private static QuireException inTheWay(Path path) {
        return new QuireException(QuireError.INVALID_PATH, path, "is in the way of the restore", null);
    }

    /** Makes the directory. */
    void prepare() {
        storage.createDirectory(directory);
        ours = true;
    }

    /**
     * Gives the directory the name of the target. What fails here is undone by {@link #clear}.
     *
     * @throws QuireException also if somebody has put something into the target meanwhile
     */
    void publish() {
        if (storage.kind(target) == Storage.Kind.DIRECTORY) {
            storage.rename(target, aside);
            movedAside = true;
            if (!storage.list(aside).isEmpty()) {
                throw new QuireException(QuireError.INVALID_PATH, target, "is not empty", null);
            }
        }
        storage.rename(directory, target);
        published = true;
        storage.forceDirectory(target.getParent());
        if (movedAside) {
            storage.delete(aside);
        }
    }

    /** Gives the place back. The lock file goes first: once it is unlocked, it may be somebody else's. */
    void release() {
        if (lock != null) {
            StoreLock held = lock;
            lock = null;
            try {
                storage.delete(lockFile);
            } finally {
                held.close();
            }
        }
    }

    /**
     * After a fault: leaves the target as it was and nothing beside it; what cannot be undone is told with the fault.
     */
    void clear(Throwable fault) {
        if (attempt(fault, this::takeBack)) {
            attempt(fault, this::release);
        } else if (lock != null) {
            attempt(fault, lock::close); // the file stays, to tell that what is left is a restore's
        }
    }

    private void takeBack() {
        if (published) {
            storage.rename(target, directory);
            published = false;
        }
        if (movedAside) {
            if (storage.kind(aside) == Storage.Kind.DIRECTORY) {
                storage.rename(aside, target);
            } else {
                storage.createDirectory(target);
            }
            movedAside = false;
        }
        if (ours && storage.kind(directory) == Storage.Kind.DIRECTORY) {
            remove();
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

    private void remove() {
        Path log = directory.resolve(Names.LOG);
        if (storage.kind(log) == Storage.Kind.DIRECTORY) {
            storage.list(log).forEach(name -> storage.delete(log.resolve(name)));
            storage.delete(log);
        }
        storage.list(directory).forEach(name -> storage.delete(directory.resolve(name)));
        storage.delete(directory);
        storage.forceDirectory(directory.getParent());
    }
}

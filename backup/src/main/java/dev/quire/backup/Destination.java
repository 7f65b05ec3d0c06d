package dev.quire.backup;

import dev.quire.durable.BackupKind;
import dev.quire.io.CorruptionException;
import dev.quire.io.InUseException;
import dev.quire.io.QuireError;
import dev.quire.io.QuireException;
import dev.quire.io.Storage;
import dev.quire.io.StoreFile;
import dev.quire.io.StoreLock;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * The directory that a backup goes to: an empty one, that of the set it adds to, or one for atomic backups. Locked
 * while it is filled, so that nobody else's backup takes the files of this one for leftovers; after a fault as before.
 */
final class Destination {

    private final Storage storage;
    private final Path root;
    private final BackupKind kind;
    private final boolean createPath;
    private final AtomicPlace atomic;
    private final String id;
    private final Deque<Path> made = new ArrayDeque<>();
    private final Deque<Lock> locks = new ArrayDeque<>();
    private Path directory;

    /** A lock and its file. */
    private record Lock(Path file, StoreLock lock) {}

    /** Nothing is touched yet. */
    Destination(Storage storage, BackupRequest request, String id) {
        this.storage = storage;
        this.root = Place.of(storage, request.destination());
        this.kind = request.kind();
        this.createPath = request.createPathIfNotExist();
        this.atomic = request.atomic() ? new AtomicPlace(storage, root, id) : null;
        this.id = id;
        this.directory = atomic == null ? root : kind.hasPages() ? atomic.temporary() : atomic.newer();
    }

    /** Where the files go. */
    Path directory() {
        return directory;
    }

    /**
     * Looks at the place alone. Links on the way to it are followed; in its last element there must be none.
     *
     * @param home of the instance, which must not be inside, nor the other way round
     * @throws QuireException {@code INVALID_PATH}; {@code RESTORE_IN_PROGRESS} or {@code BACKUP_IN_PROGRESS} if
     *     somebody else is at work there, or above
     */
    void check(Path home) {
        Storage.Kind found = storage.kind(root);
        if (found != Storage.Kind.NONE && found != Storage.Kind.DIRECTORY) {
            throw Place.notADirectory(storage, root);
        }
        if (found == Storage.Kind.NONE && !createPath) {
            throw Place.missing(storage, root);
        }
        Path real = storage.realPath(root);
        Path realHome = storage.realPath(home);
        if (real.startsWith(realHome) || realHome.startsWith(real)) {
            throw new QuireException(
                    QuireError.INVALID_PATH, root, "lies inside the instance, or the instance inside it", null);
        }
        Place.checkOutsideInstances(storage, root);
        Place.checkOutsideOthers(storage, root, this::holds);
    }

    private boolean holds(Path lock) {
        return locks.stream().anyMatch(held -> held.file.equals(lock));
    }

    /**
     * The set that this backup is to be added to, or one that was published here before a full or a copy; null if none
     * was, or none that can be believed.
     *
     * @throws QuireException why it cannot be read, if this backup is to be added to it
     */
    BackupSet published() {
        BackupSet set;
        try {
            set = BackupSet.find(storage, root).isPresent() ? BackupSet.read(storage, root) : null;
        } catch (QuireException e) {
            if (kind.buildsOnAnother() || !isAboutContent(e.error())) {
                throw e;
            }
            return null; // something lies there, and that is what it will be refused for
        }
        return set;
    }

    /** Everybody may see the names of what was published here: now the medium has them as well. */
    void force(BackupSet set) {
        storage.forceDirectory(set.directory());
        if (!set.directory().equals(root)) {
            storage.forceDirectory(root);
        }
    }

    /**
     * What an atomic full or copy is to take the place of.
     *
     * @throws QuireException {@code INVALID_BACKUP} if that cannot be read: nobody knows then whose it is
     */
    Optional<Manifest> replaced() {
        return atomic == null || !BackupSet.isPublished(storage, atomic.newer())
                ? Optional.empty()
                : Optional.of(Manifest.read(storage, atomic.newer()));
    }

    private static boolean isAboutContent(QuireError error) {
        return switch (error) {
            case INVALID_BACKUP,
                    MISSING_RESTORE_LOG_FILES,
                    GIVEN_LOG_FILE_HAS_BAD_SIGNATURE,
                    GIVEN_LOG_FILE_IS_NOT_CONTIGUOUS -> true;
            default -> false;
        };
    }

    /**
     * Makes the directory or clears it, and locks it.
     *
     * @throws QuireException {@code INVALID_PATH}, {@code BACKUP_DIRECTORY_NOT_EMPTY}; {@code BACKUP_IN_PROGRESS} if
     *     another backup fills it; {@code MISSING_FULL_BACKUP} if there is nothing that this one could be added to
     */
    void prepare() {
        make();
        checkNames();
        lock();
        if (atomic != null) {
            atomic.settle();
        }
        if (kind.buildsOnAnother()) {
            checkAddable();
        } else if (atomic != null) {
            atomic.make();
        }
    }

    /** Deletes what failed backups have left here, and makes the mark that there is one more without a manifest. */
    void begin(BackupSet set) {
        Leftovers.clear(
                storage,
                directory,
                set == null
                        ? Set.of()
                        : set.members().stream().map(Manifest::id).collect(Collectors.toSet()));
        storage.create(file(Manifest.MARK)).close();
        storage.forceDirectory(directory);
    }

    private void make() {
        Path missing = root;
        while (missing != null && storage.kind(missing) == Storage.Kind.NONE) {
            made.push(missing);
            missing = missing.getParent();
        }
        if (!made.isEmpty() && (missing == null || storage.kind(missing) != Storage.Kind.DIRECTORY)) {
            made.clear();
            throw new QuireException(QuireError.INVALID_PATH, root, "the directory above it does not exist", null);
        }
        List<Path> todo = List.copyOf(made);
        made.clear();
        for (Path path : todo) {
            storage.createDirectory(path);
            made.push(path);
            storage.forceDirectory(path.getParent());
        }
    }

    private void checkNames() {
        List<String> names = storage.list(root);
        Predicate<String> allowed = atomic != null
                ? name -> name.equals(Leftovers.LOCK) || AtomicPlace.isOne(name)
                : kind.hasPages() ? Leftovers.among(names) : Leftovers::isOfSet;
        List<String> foreign = names.stream().filter(allowed.negate()).toList();
        if (!foreign.isEmpty()) {
            throw notEmpty(root, foreign);
        }
    }

    private QuireException notEmpty(Path where, List<String> names) {
        String found = "found " + Place.some(names);
        String what = kind.hasPages() && atomic == null
                ? "is not empty: " + found + "; a full or copy needs an empty directory, or that of atomic ones"
                        + " (atomic, --atomic), and what follows a full goes to its directory"
                : "holds what no such backup has left there: " + found;
        return new QuireException(QuireError.BACKUP_DIRECTORY_NOT_EMPTY, where, what, null);
    }

    private void checkAddable() {
        if (!BackupSet.isPublished(storage, directory)) {
            throw new QuireException(
                    QuireError.MISSING_FULL_BACKUP, directory, "holds no full backup to add this one to", null);
        }
        List<String> foreign = storage.list(directory).stream()
                .filter(name -> !Leftovers.isOfSet(name))
                .toList();
        if (!foreign.isEmpty()) {
            throw notEmpty(directory, foreign);
        }
    }

    /** Where a plain backup goes to the place of the set of atomic ones, it must see their lock as well. */
    private void lock() {
        if (atomic == null && AtomicPlace.isNewer(storage, root)) {
            lock(root.getParent());
        }
        lock(root);
        try {
            checkNames(); // somebody's backup may have been published meanwhile
            Place.checkOutsideOthers(storage, root, this::holds); // who comes behind this finds what we have made
        } catch (QuireException e) {
            attempt(e, this::release);
            throw e;
        }
    }

    private void lock(Path where) {
        Path file = where.resolve(Leftovers.LOCK);
        try {
            locks.push(new Lock(file, storage.lock(file)));
        } catch (QuireException e) {
            attempt(e, this::release);
            throw e instanceof InUseException
                    ? new InUseException(QuireError.BACKUP_IN_PROGRESS, where, "another backup fills it", e)
                    : e;
        }
    }

    /** Where a file of the backup goes. */
    Path file(String name) {
        return directory.resolve(id + '.' + name);
    }

    /**
     * Writes the manifest, forced and with all names, where the mark is, and reads it back.
     *
     * @throws QuireException {@code READ_VERIFY_FAILURE} if that is something else
     */
    void write(Manifest manifest) {
        String text = manifest.toJson();
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        Path path = file(Manifest.MARK);
        try (StoreFile file = storage.open(path, Storage.Access.WRITE)) {
            ByteBuffer buffer = ByteBuffer.allocateDirect(bytes.length);
            file.write(buffer.put(bytes).flip(), 0);
            file.force();
        }
        storage.forceDirectory(directory);
        if (!ManifestFormat.read(storage, path).toJson().equals(text)) {
            throw new CorruptionException(
                    QuireError.READ_VERIFY_FAILURE, path, "is not the manifest that was written there", null);
        }
    }

    /** Gives the manifest its name: from here on there is a backup. */
    void publish() {
        if (atomic != null && kind.hasPages()) {
            atomic.moveAside();
            directory = atomic.newer(); // also when moving there ends in a fault: then it may be there
            atomic.moveIn();
        }
        storage.rename(file(Manifest.MARK), manifest());
        storage.forceDirectory(directory);
    }

    private Path manifest() {
        return directory.resolve(kind.hasPages() ? Manifest.FILE : id + Manifest.MEMBER_SUFFIX);
    }

    /**
     * The backup is published and known: what it takes the place of goes.
     *
     * @return what could not be cleared away; the backup is one all the same
     */
    List<String> complete() {
        List<String> left = new ArrayList<>();
        if (atomic != null && kind.hasPages()) {
            attempt(atomic::removeOld, e -> left.add(e.getMessage()));
        }
        attempt(this::release, e -> left.add(e.getMessage()));
        return left;
    }

    /**
     * Unlocks the directory. The lock file goes first: once it is unlocked, it may be somebody else's.
     */
    private void release() {
        while (!locks.isEmpty()) {
            Lock held = locks.pop();
            try {
                storage.delete(held.file);
            } finally {
                held.lock.close();
            }
        }
    }

    /** Unlocks the directory of a backup that is published, although something failed behind that. */
    void keep(Throwable fault) {
        attempt(fault, this::release);
    }

    /** Leaves nothing of a failed backup behind; what cannot be deleted is told with the fault. */
    void clear(Throwable fault) {
        if (!locks.isEmpty()) {
            // While we hold the lock, a manifest at our place is ours; it becomes the mark again, for without it
            // nothing is a backup. What a manifest that may still be there speaks of must stay.
            if (attempt(fault, this::unpublish)) {
                attempt(fault, this::deleteOurs);
                if (atomic != null) {
                    attempt(fault, atomic::settle);
                }
            }
            attempt(fault, this::release);
        }
        while (!made.isEmpty()) {
            Path path = made.pop();
            attempt(fault, () -> storage.delete(path));
        }
    }

    private void unpublish() {
        if (storage.kind(manifest()) == Storage.Kind.FILE) {
            storage.rename(manifest(), file(Manifest.MARK));
            storage.forceDirectory(directory);
        }
    }

    private void deleteOurs() {
        if (storage.kind(directory) == Storage.Kind.DIRECTORY) {
            Leftovers.delete(
                    storage,
                    directory,
                    storage.list(directory).stream()
                            .filter(name -> name.startsWith(id + '.'))
                            .toList());
        }
    }

    private static boolean attempt(Throwable fault, Runnable step) {
        return attempt(step, fault::addSuppressed);
    }

    private static boolean attempt(Runnable step, Consumer<QuireException> told) {
        try {
            step.run();
            return true;
        } catch (QuireException e) {
            told.accept(e);
            return false;
        }
    }
}

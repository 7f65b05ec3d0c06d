package dev.quire.io;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The file system of the operating system. There is one; it may be used from any thread.
 *
 * <p>A name that another process takes between our look and our rename is replaced: the Java platform has no rename
 * that refuses. The lock on the directory's lock file is what keeps such a process away. On Windows, where a directory
 * cannot be forced, {@link #forceDirectory} only checks that there is one.
 */
public final class FileStorage implements Storage {

    private static final FileStorage INSTANCE = new FileStorage();
    private static final boolean WINDOWS = System.getProperty("os.name").startsWith("Windows");
    private static final FileAttribute<?>[] NO_ATTRIBUTES = {};

    private final ReentrantLock openFilesLock = new ReentrantLock();
    private final Set<ChannelFile> openFiles = Collections.newSetFromMap(new WeakHashMap<>());

    private FileStorage() {}

    /** The one instance. */
    public static FileStorage instance() {
        return INSTANCE;
    }

    @Override
    public Kind kind(Path path) {
        try {
            BasicFileAttributes attributes = FileIdentity.attributes(path);
            if (attributes.isRegularFile()) {
                return Kind.FILE;
            }
            return attributes.isDirectory() ? Kind.DIRECTORY : Kind.OTHER;
        } catch (NoSuchFileException none) {
            return Kind.NONE;
        } catch (IOException fault) {
            if (path.getParent() != null && Files.isRegularFile(path.getParent(), LinkOption.NOFOLLOW_LINKS)) {
                return Kind.NONE; // below a file there is nothing
            }
            throw DiskFaults.of(fault, path, "look");
        }
    }

    @Override
    public Path realPath(Path path) {
        Path given = path.toAbsolutePath().normalize();
        Path there = existing(given);
        try {
            return there.toRealPath().resolve(there.relativize(given)).normalize();
        } catch (IOException fault) {
            throw DiskFaults.of(fault, path, "follow links");
        }
    }

    /** The longest part of a path, from its root, that is there, a link that leads nowhere not counted. */
    private static Path existing(Path absolute) {
        Path there = absolute;
        while (there.getParent() != null && !Files.exists(there)) {
            there = there.getParent();
        }
        return there;
    }

    @Override
    public StoreFile create(Path file) {
        requireNotBelowFile(file);
        Set<OpenOption> options = Set.of(
                StandardOpenOption.CREATE_NEW,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE,
                LinkOption.NOFOLLOW_LINKS);
        try {
            FileChannel channel = FileChannel.open(file, options, ownerOnly(file, "rw-------"));
            return track(file, channel, Access.WRITE);
        } catch (IOException fault) {
            throw DiskFaults.whileWriting(fault, file, "create");
        }
    }

    @Override
    public StoreFile open(Path file, Access access) {
        requireKind(file, Kind.FILE);
        Set<OpenOption> options = access == Access.READ
                ? Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS)
                : Set.of(StandardOpenOption.READ, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
        try {
            return track(file, FileChannel.open(file, options), access);
        } catch (IOException fault) {
            throw DiskFaults.of(fault, file, "open");
        }
    }

    private ChannelFile track(Path path, FileChannel channel, Access access) throws IOException {
        ChannelFile file;
        try {
            file = new ChannelFile(path, channel, FileIdentity.of(path), access);
        } catch (IOException fault) {
            channel.close();
            throw fault;
        }
        openFilesLock.lock();
        try {
            openFiles.add(file);
        } finally {
            openFilesLock.unlock();
        }
        return file;
    }

    @Override
    public void createDirectory(Path directory) {
        requireNotBelowFile(directory);
        try {
            Files.createDirectory(directory, ownerOnly(directory, "rwx------"));
        } catch (IOException fault) {
            throw DiskFaults.whileWriting(fault, directory, "create directory");
        }
    }

    @Override
    public void rename(Path from, Path to) {
        requireOurs(from);
        if (kind(to) != Kind.NONE) {
            throw new QuireException(QuireError.FILE_ALREADY_EXISTS, to, "rename from " + from, null);
        }
        requireNotBelowFile(to);
        openFilesLock.lock(); // who opens a handle meanwhile finds the file under one of its names
        try {
            Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
            openFiles.forEach(file -> file.renamed(from, to));
        } catch (AtomicMoveNotSupportedException fault) {
            throw new QuireException(QuireError.INVALID_PATH, to, "rename from another volume: " + from, fault);
        } catch (IOException fault) {
            throw DiskFaults.whileWriting(fault, from, "rename to " + to);
        } finally {
            openFilesLock.unlock();
        }
    }

    @Override
    public void delete(Path path) {
        requireOurs(path);
        try {
            Files.delete(path);
        } catch (IOException fault) {
            throw DiskFaults.of(fault, path, "delete");
        }
    }

    @Override
    public List<String> list(Path directory) {
        requireKind(directory, Kind.DIRECTORY);
        List<String> names = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
            entries.forEach(entry -> names.add(entry.getFileName().toString()));
        } catch (DirectoryIteratorException fault) {
            throw DiskFaults.of(fault.getCause(), directory, "list");
        } catch (IOException fault) {
            throw DiskFaults.of(fault, directory, "list");
        }
        Collections.sort(names);
        return names;
    }

    @Override
    public void forceDirectory(Path directory) {
        requireKind(directory, Kind.DIRECTORY);
        if (WINDOWS) {
            return;
        }
        // An interrupt in the midst may hide the result of the force, so that one is a fault; an older one is put off.
        boolean interrupted = Thread.interrupted();
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        } catch (IOException fault) {
            throw DiskFaults.whileWriting(fault, directory, "force directory");
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @Override
    public StoreLock lock(Path file) {
        Kind kind = kind(file);
        if (kind != Kind.NONE && kind != Kind.FILE) {
            throw new QuireException(QuireError.FILE_INVALID_TYPE, file, "lock: not a file", null);
        }
        try {
            return HeldLock.take(file, ownerOnly(file, "rw-------"));
        } catch (IOException fault) {
            throw DiskFaults.whileWriting(fault, file, "lock");
        }
    }

    @Override
    public boolean isLocked(Path file) {
        if (kind(file) != Kind.FILE) {
            return false;
        }
        try {
            return HeldLock.isTaken(file);
        } catch (IOException fault) {
            throw DiskFaults.of(fault, file, "lock");
        }
    }

    @Override
    public boolean isMountPoint(Path directory) {
        requireKind(directory, Kind.DIRECTORY);
        try {
            return MountPoints.isOne(directory.toRealPath());
        } catch (IOException fault) {
            throw DiskFaults.of(fault, directory, "look for mounts");
        }
    }

    @Override
    public long usableBytes(Path path) {
        Path there = path.toAbsolutePath();
        while (there.getParent() != null && kind(there) == Kind.NONE) {
            there = there.getParent();
        }
        try {
            return Files.getFileStore(there).getUsableSpace();
        } catch (IOException fault) {
            throw DiskFaults.of(fault, path, "usable bytes");
        }
    }

    private void requireKind(Path path, Kind expected) {
        Kind found = kind(path);
        if (found == Kind.NONE) {
            throw new NotFoundException(QuireError.FILE_NOT_FOUND, path, "there is no such " + word(expected), null);
        }
        if (found != expected) {
            String message = "expected=" + expected + " found=" + found;
            throw new QuireException(QuireError.FILE_INVALID_TYPE, path, message, null);
        }
    }

    /** A file or a directory. */
    private void requireOurs(Path path) {
        Kind found = kind(path);
        if (found == Kind.NONE) {
            throw new NotFoundException(QuireError.FILE_NOT_FOUND, path, "there is no such file", null);
        }
        if (found == Kind.OTHER) {
            throw new QuireException(QuireError.FILE_INVALID_TYPE, path, "neither file nor directory", null);
        }
    }

    /** A wrong path is no fault of the disk, as which it would come out otherwise. */
    private void requireNotBelowFile(Path path) {
        if (path.getParent() != null && kind(path.getParent()) == Kind.FILE) {
            throw new QuireException(QuireError.FILE_INVALID_TYPE, path, "below a file there is nothing", null);
        }
    }

    private static String word(Kind kind) {
        return kind == Kind.DIRECTORY ? "directory" : "file";
    }

    /** Given at creation: a file that is narrowed afterwards was open to others for a moment. */
    private static FileAttribute<?>[] ownerOnly(Path path, String permissions) {
        if (!path.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            return NO_ATTRIBUTES;
        }
        FileAttribute<?> mode = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions));
        return new FileAttribute<?>[] {mode};
    }
}

package dev.quire.io;

import java.nio.file.Path;
import java.util.List;

/**
 * The one door to the file system: everything Quire keeps on a disk goes through here, so that a simulated disk can
 * stand in its place and lose, tear or refuse exactly what a real one may.
 *
 * <p>Contents and names become durable separately: {@link StoreFile#force()} keeps the bytes of a file, only
 * {@link #forceDirectory} keeps the names of a directory. Nothing is promised about anything that was not forced, nor
 * about the order of two things that were not.
 *
 * <p>Files are created for their owner alone. Symbolic links are never followed in the last element of a path: what is
 * one is of kind {@link Kind#OTHER} and cannot be opened. Every method may be called from any thread. Faults of the
 * disk are {@link StorageFaultException}, a full disk is {@link StorageFullException}.
 */
public interface Storage {

    /** What a path names. */
    enum Kind {
        /** Nothing. */
        NONE,
        /** A regular file. */
        FILE,
        /** A directory. */
        DIRECTORY,
        /** Something we do not touch: a symbolic link, a device, a socket. */
        OTHER
    }

    /** How a file is opened. */
    enum Access {
        /** Reads and maps only. A map must come from a file opened this way: over a writable one it may extend it. */
        READ,
        /** Reads and writes. */
        WRITE
    }

    /** What {@code path} names now. */
    Kind kind(Path path);

    /**
     * Where {@code path} really is: absolute, without {@code ..}, and with every symbolic link on the way followed,
     * also in its last element. What does not exist is taken as it stands below what does. Two such paths tell whether
     * one lies inside the other, which the paths as they were given do not.
     */
    Path realPath(Path path);

    /**
     * Creates an empty file, readable and writable by its owner alone, and opens it for {@link Access#WRITE}. The
     * name is durable only after {@link #forceDirectory}.
     *
     * @throws QuireException {@code FILE_ALREADY_EXISTS} if the name is taken, by whatever it may be
     */
    StoreFile create(Path file);

    /**
     * Opens an existing regular file.
     *
     * @throws QuireException {@code FILE_NOT_FOUND} if there is none, {@code FILE_INVALID_TYPE} if it is not a
     *     regular file, {@code FILE_ACCESS_DENIED} if we may not
     */
    StoreFile open(Path file, Access access);

    /** Creates a directory, open to its owner alone, in an existing one. */
    void createDirectory(Path directory);

    /**
     * Gives a file or directory another name in one step; after a crash it has the one or the other. Durable only
     * after {@link #forceDirectory} of the directories concerned.
     *
     * @throws QuireException {@code FILE_ALREADY_EXISTS} if {@code to} names anything
     */
    void rename(Path from, Path to);

    /** Deletes a file or an empty directory. Durable only after {@link #forceDirectory}. */
    void delete(Path path);

    /** The names in a directory, sorted. */
    List<String> list(Path directory);

    /** Makes the names in a directory durable: creations, renames and deletions up to now. */
    void forceDirectory(Path directory);

    /**
     * Takes the exclusive lock that keeps a second process, and a second caller in this one, out. The file is created
     * when it is missing and is opened by nobody else, because closing any handle of it would drop the lock.
     *
     * <p>When this returns, {@code file} names what is locked. So whoever holds the lock may delete the file first and
     * close the lock then, and leaves nothing behind: who waited at the deleted file does not get it in place of the
     * next one.
     *
     * @throws InUseException if somebody else holds it
     * @throws QuireException {@code FILE_INVALID_TYPE} if there is something in the file: a lock file is empty, so it
     *     is a file of somebody else
     */
    StoreLock lock(Path file);

    /**
     * Whether somebody holds that lock. Makes nothing; a file that is missing, or that is no lock, is held by nobody.
     * Who asks for the lock at this moment may be told that it is held.
     */
    boolean isLocked(Path file);

    /**
     * Whether something is mounted at a directory: then it keeps its name as long as that is so, and {@link #rename}
     * fails. False where the system cannot tell.
     *
     * @throws QuireException as {@link #list} does, if it is no directory
     */
    boolean isMountPoint(Path directory);

    /** Bytes that may still be written to the volume of {@code path}; an estimate. */
    long usableBytes(Path path);
}

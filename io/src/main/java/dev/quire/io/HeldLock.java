package dev.quire.io;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A lock of the operating system on a file that is used for nothing else. Under POSIX, closing any handle of a file
 * drops every lock that the process has on it; so whoever asks for a lock that this process holds is turned away before
 * the file is opened, by the set of files locked so far.
 */
final class HeldLock implements StoreLock {

    private static final ReentrantLock REGISTRY = new ReentrantLock();
    private static final Set<Object> HELD = new HashSet<>();

    /** Channels that must stay open: closing one would drop a lock that a second copy of this class holds. */
    private static final List<FileChannel> NEVER_CLOSED = new ArrayList<>();

    private final Path path;
    private final FileChannel channel;
    private final Object key;
    private boolean closed; // guarded by REGISTRY

    private HeldLock(Path path, FileChannel channel, Object key) {
        this.path = path;
        this.channel = channel;
        this.key = key;
    }

    static HeldLock take(Path path, FileAttribute<?>... attributes) throws IOException {
        boolean interrupted = Thread.interrupted(); // it would close the channel, and with it the lock
        REGISTRY.lock();
        try {
            HeldLock taken = null;
            while (taken == null) {
                if (isHeld(path)) {
                    throw inUse(path, "this process");
                }
                taken = tryTake(path, attributes);
            }
            return taken;
        } finally {
            REGISTRY.unlock();
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Whether somebody has the lock of a file; never makes one. */
    static boolean isTaken(Path path) throws IOException {
        boolean interrupted = Thread.interrupted();
        REGISTRY.lock();
        try {
            if (isHeld(path)) {
                return true;
            }
            FileChannel channel = FileChannel.open(path, Set.of(StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS));
            HeldLock taken = lock(path, channel, key(path));
            if (taken != null) {
                taken.close();
            }
            return false;
        } catch (NoSuchFileException deleted) {
            return false;
        } catch (QuireException e) {
            return e instanceof InUseException;
        } finally {
            REGISTRY.unlock();
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Null if who held the lock before has deleted the file meanwhile. */
    private static HeldLock tryTake(Path path, FileAttribute<?>... attributes) throws IOException {
        FileChannel channel = FileChannel.open(
                path,
                Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS),
                attributes);
        try {
            return lock(path, channel, key(path));
        } catch (NoSuchFileException deleted) {
            channel.close();
            return null;
        }
    }

    /**
     * Locks a file that was just opened as {@code key}. Null, and closed, if {@code path} does not name it any more: a
     * lock on a deleted file keeps nobody out.
     */
    static HeldLock lock(Path path, FileChannel channel, Object key) throws IOException {
        try {
            FileLock lock = channel.tryLock();
            if (lock == null) {
                throw inUse(path, "another process");
            }
            if (!isNamed(path, key)) {
                channel.close();
                return null;
            }
            if (channel.size() > 0) {
                // Whoever holds a lock may delete the file; one with contents is not ours to delete.
                throw new QuireException(QuireError.FILE_INVALID_TYPE, path, "lock: the file is not empty", null);
            }
            HELD.add(key);
            return new HeldLock(path, channel, key);
        } catch (OverlappingFileLockException overlap) {
            NEVER_CLOSED.add(channel);
            throw inUse(path, "this process, through another class loader");
        } catch (IOException | RuntimeException fault) {
            channel.close();
            throw fault;
        }
    }

    private static boolean isNamed(Path path, Object key) throws IOException {
        try {
            return key.equals(key(path));
        } catch (NoSuchFileException deleted) {
            return false;
        }
    }

    private static boolean isHeld(Path path) throws IOException {
        try {
            return HELD.contains(key(path));
        } catch (NoSuchFileException missing) {
            return false;
        }
    }

    static Object key(Path path) throws IOException {
        Object key = FileIdentity.of(path).key();
        return key != null ? key : path.toRealPath();
    }

    private static InUseException inUse(Path path, String who) {
        return new InUseException(QuireError.SYSTEM_PATH_IN_USE, path, "locked by " + who, null);
    }

    @Override
    public void close() {
        REGISTRY.lock();
        try {
            if (!closed) {
                closed = true;
                HELD.remove(key);
                channel.close();
            }
        } catch (IOException fault) {
            throw DiskFaults.of(fault, path, "unlock");
        } finally {
            REGISTRY.unlock();
        }
    }
}

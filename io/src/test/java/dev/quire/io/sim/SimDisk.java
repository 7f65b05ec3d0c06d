package dev.quire.io.sim;

import dev.quire.io.InUseException;
import dev.quire.io.NotFoundException;
import dev.quire.io.QuireError;
import dev.quire.io.QuireException;
import dev.quire.io.Storage;
import dev.quire.io.StorageFaultException;
import dev.quire.io.StorageFullException;
import dev.quire.io.StoreFile;
import dev.quire.io.StoreLock;
import dev.quire.io.sim.SimOperation.Type;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A disk in memory that behaves like a file system until it is told to crash or to fail. Its contract is in the
 * description of this package. Thread-safe; with one thread, or with threads that take turns, the same calls give the
 * same trace and the same crash images.
 */
public final class SimDisk implements Storage {

    private static final long NO_QUOTA = 1L << 50;

    final ReentrantLock lock = new ReentrantLock();
    final Map<Integer, SimInode> files = new HashMap<>(); // also deleted ones; a node that is none is a directory
    SimTree tree;
    private int nextNode;
    private final SimTrace trace = new SimTrace();
    private final Set<Integer> locked = new HashSet<>();
    private final List<SimFile> openFiles = new ArrayList<>();
    private long quotaBytes = NO_QUOTA;
    private boolean poweredOff;

    /** An empty disk with these directories, durable. */
    public SimDisk(Path... directories) {
        this(new SimTree(SimNames.EMPTY, SimNames.EMPTY, List.of()), SimNames.ROOT + 1);
        for (Path directory : directories) {
            plantDirectory(directory.normalize());
        }
    }

    SimDisk(SimTree tree, int nextNode) {
        this.tree = tree;
        this.nextNode = nextNode;
    }

    int nextNode() {
        return nextNode;
    }

    SimTrace trace() {
        return trace;
    }

    // ---------------------------------------------------------------- crashes

    /**
     * What a power cut leaves that comes while operation {@code operation} is under way: everything forced before it,
     * and of the rest, this operation included, what {@code policy} and {@code seed} leave. {@link #operationCount}
     * stands for a moment after all. The image is a disk of its own with an empty trace; this one is not changed and
     * may crash again.
     */
    public SimDisk crashImage(int operation, CrashPolicy policy, long seed) {
        lock.lock();
        try {
            trace.checkCrashPoint(operation);
            return new PowerCut(this, operation, policy, seed).image();
        } finally {
            lock.unlock();
        }
    }

    /**
     * What the end of the process leaves just before operation {@code operation}: everything can be read, nothing
     * unforced is safer than it was, locks are free. A power cut may follow.
     */
    public SimDisk processCrashImage(int operation) {
        lock.lock();
        try {
            trace.checkCrashPoint(operation);
            return PowerCut.processCrash(this, operation);
        } finally {
            lock.unlock();
        }
    }

    /** The same in the midst of the operation: of a write any number of its first sectors can be read. */
    public SimDisk processCrashImage(int operation, long seed) {
        lock.lock();
        try {
            trace.checkCrashPoint(operation);
            return PowerCut.processCrashWithin(this, operation, seed);
        } finally {
            lock.unlock();
        }
    }

    /** Ends it for whoever still uses it: from now on every call fails. Crash images can still be made. */
    public void powerOff() {
        locked(() -> poweredOff = true);
    }

    // ---------------------------------------------------------------- trace and faults

    /** Operations so far; the number of the next one. */
    public int operationCount() {
        return trace.count();
    }

    /** Reads so far; the number of the next one. Reads through a map do not count. */
    public int readCount() {
        return trace.readCount();
    }

    /** The operations of the trace. */
    public List<SimOperation> operations() {
        lock.lock();
        try {
            return List.copyOf(trace.operations());
        } finally {
            lock.unlock();
        }
    }

    /** An operation in words. */
    public String describe(int operation) {
        return operation == operationCount()
                ? "after the last operation"
                : operations().get(operation).toString();
    }

    /** Starts to count anew from here; what is unforced stays so. Planned faults and reads are counted anew, too. */
    public void resetTrace() {
        locked(() -> {
            int count = trace.count();
            tree = tree.carriedOver(count);
            files.values().forEach(file -> file.startTrace(count));
            trace.reset();
        });
    }

    /** Without a trace only {@link #operationCount} can be a crash point, and old states take no memory. */
    public void recordTrace(boolean recording) {
        locked(() -> {
            trace.record(recording);
            if (!recording) {
                tree.forgetPast();
                files.values().forEach(SimInode::forgetPast);
            }
        });
    }

    /**
     * Plans a fault for operation {@code operation}, for {@link Fault#EIO_READ} for that read, or for all from there
     * on. At an operation to which it does not apply it does nothing.
     */
    public void failAt(int operation, Fault fault, boolean forever) {
        locked(() -> trace.faults().add(operation, fault, forever));
    }

    /** Forgets all planned faults; what they have done stays. */
    public void clearFaults() {
        locked(() -> trace.faults().clear());
    }

    /** How many planned faults have happened. */
    public int faultsHit() {
        return trace.faults().hits();
    }

    /** Lets files hold no more than this many bytes together. */
    public void quota(long bytes) {
        locked(() -> quotaBytes = bytes);
    }

    // ---------------------------------------------------------------- looking and meddling, outside of the trace

    /** The bytes of a file as everybody sees them. */
    public byte[] contents(Path file) {
        lock.lock();
        try {
            return file(file).live().bytes();
        } finally {
            lock.unlock();
        }
    }

    /** The bytes of a file that are on the medium. */
    public byte[] durableContents(Path file) {
        lock.lock();
        try {
            return file(file).durable().bytes();
        } finally {
            lock.unlock();
        }
    }

    /** Changes the bits of one byte, wherever it is kept. */
    public void corrupt(Path file, long offset, int mask) {
        locked(() -> {
            SimInode inode = file(file);
            byte[] one = new byte[1];
            if (inode.live().read(offset, one, 0, 1) == 0) {
                throw new IllegalArgumentException(
                        "offset=" + offset + " size=" + inode.live().length());
            }
            inode.sabotage(operationCount() - 1, draft -> {
                byte[] there = new byte[1];
                if (draft.done().read(offset, there, 0, 1) == 1) {
                    there[0] ^= (byte) mask;
                    draft.write(offset, there, 0, 1);
                }
            });
            forgetPast(inode);
        });
    }

    /** Cuts a file off, or adds zeros, wherever it is kept. */
    public void resize(Path file, long length) {
        locked(() -> file(file).sabotage(operationCount() - 1, draft -> draft.resize(length)));
    }

    /** Puts a file there, durable, or gives another content to one that is there. */
    public void plant(Path file, byte[] contents) {
        locked(() -> {
            int node = tree.live().find(file);
            if (node == SimNames.NONE) {
                node = nextNode++;
                files.put(node, new SimInode(node, Image.EMPTY));
                tree.plant(operationCount() - 1, parent(file), name(file), node);
            }
            file(file).sabotage(operationCount() - 1, draft -> {
                draft.resize(0);
                draft.write(0, contents, 0, contents.length);
            });
        });
    }

    /** Makes a part of a file unreadable for good, but for maps. */
    public void unreadable(Path file, long position, long length) {
        locked(() -> trace.addBadRange(file(file).id(), position, length));
    }

    private void plantDirectory(Path directory) {
        Path parent = directory.getParent();
        if (parent != null && tree.live().find(parent) == SimNames.NONE) {
            plantDirectory(parent);
        }
        if (tree.live().find(directory) == SimNames.NONE) {
            tree.plant(-1, parent(directory), name(directory), nextNode++);
        }
    }

    // ---------------------------------------------------------------- Storage

    @Override
    public Kind kind(Path path) {
        lock.lock();
        try {
            requirePower();
            return kindOf(tree.live().find(path));
        } finally {
            lock.unlock();
        }
    }

    private Kind kindOf(int node) {
        if (node == SimNames.NONE) {
            return Kind.NONE;
        }
        return files.containsKey(node) ? Kind.FILE : Kind.DIRECTORY;
    }

    @Override
    public Path realPath(Path path) {
        return path.toAbsolutePath().normalize(); // there are no links here
    }

    @Override
    public StoreFile create(Path file) {
        lock.lock();
        try {
            requireFree(file);
            return opened(file, createFile(file), Access.WRITE);
        } finally {
            lock.unlock();
        }
    }

    private SimInode createFile(Path file) {
        SimOperation operation = beginNameChange(Type.CREATE, file, null);
        SimInode inode = new SimInode(nextNode++, Image.EMPTY);
        files.put(inode.id(), inode);
        apply(NameOperation.link(operation.index(), parent(file), name(file), inode.id()));
        return inode;
    }

    @Override
    public StoreFile open(Path file, Access access) {
        lock.lock();
        try {
            requirePower();
            return opened(file, file(file), access);
        } finally {
            lock.unlock();
        }
    }

    private SimFile opened(Path path, SimInode inode, Access access) {
        SimFile file = new SimFile(this, inode, path, access);
        openFiles.add(file);
        return file;
    }

    void closed(SimFile file) {
        openFiles.remove(file);
    }

    @Override
    public void createDirectory(Path directory) {
        locked(() -> {
            requireFree(directory);
            SimOperation operation = beginNameChange(Type.CREATE_DIRECTORY, directory, null);
            apply(NameOperation.link(operation.index(), parent(directory), name(directory), nextNode++));
        });
    }

    @Override
    public void rename(Path from, Path to) {
        locked(() -> {
            int node = requireExists(from);
            requireFree(to);
            int toDirectory = parent(to);
            SimOperation operation = beginNameChange(Type.RENAME, from, to);
            apply(NameOperation.rename(operation.index(), node, parent(from), name(from), toDirectory, name(to)));
            openFiles.forEach(file -> file.renamed(from, to));
        });
    }

    @Override
    public void delete(Path path) {
        locked(() -> {
            int node = requireExists(path);
            if (!tree.live().entries(node).isEmpty()) {
                throw new QuireException(QuireError.FILE_ACCESS_DENIED, path, "directory is not empty", null);
            }
            SimOperation operation = beginNameChange(Type.DELETE, path, null);
            apply(NameOperation.unlink(operation.index(), parent(path), name(path), node));
        });
    }

    private void apply(NameOperation operation) {
        tree.apply(operation);
        forgetPast(null);
    }

    @Override
    public List<String> list(Path directory) {
        lock.lock();
        try {
            return new ArrayList<>(tree.live().entries(directory(directory)).keySet());
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void forceDirectory(Path directory) {
        locked(() -> {
            int node = directory(directory);
            SimOperation operation = trace.begin(Type.FORCE_DIRECTORY, directory, null, 0, 0);
            if (trace.faults().of(operation) == Fault.FAILED_FORCE) {
                tree.lose(operation.index(), node);
                throw failed(operation, "planned: names not forced");
            }
            tree.force(operation.index(), node);
            forgetPast(null);
        });
    }

    @Override
    public StoreLock lock(Path file) {
        lock.lock();
        try {
            requirePower();
            int node = tree.live().find(file);
            SimInode inode = node == SimNames.NONE ? createFile(file) : file(file);
            if (inode.live().length() > 0) {
                throw new QuireException(QuireError.FILE_INVALID_TYPE, file, "lock: the file is not empty", null);
            }
            if (!locked.add(inode.id())) {
                throw new InUseException(QuireError.SYSTEM_PATH_IN_USE, file, "locked by this process", null);
            }
            return new SimLock(inode.id());
        } finally {
            lock.unlock();
        }
    }

    @Override
    public boolean isLocked(Path file) {
        lock.lock();
        try {
            requirePower();
            return locked.contains(tree.live().find(file));
        } finally {
            lock.unlock();
        }
    }

    private final class SimLock implements StoreLock {

        private final int node;
        private boolean released;

        SimLock(int node) {
            this.node = node;
        }

        @Override
        public void close() {
            locked(() -> {
                if (!released) {
                    released = true;
                    locked.remove(node);
                }
            });
        }
    }

    @Override
    public boolean isMountPoint(Path directory) {
        list(directory);
        return false;
    }

    @Override
    public long usableBytes(Path path) {
        lock.lock();
        try {
            requirePower();
            return Math.max(0, quotaBytes - usedBytes());
        } finally {
            lock.unlock();
        }
    }

    // ---------------------------------------------------------------- for files

    /** How far [from, to) of a file may be written before the disk is full. */
    long roomUpTo(SimInode file, long to) {
        long length = file.live().length();
        return to <= length || quotaBytes == NO_QUOTA
                ? to
                : Math.min(to, length + Math.max(0, quotaBytes - usedBytes()));
    }

    private long usedBytes() {
        long used = 0;
        for (int node : tree.live().nodes()) {
            used += files.containsKey(node) ? files.get(node).live().length() : 0;
        }
        return used;
    }

    /** Called at the end of every operation: without a trace the past is dropped. */
    void forgetPast(SimInode file) {
        if (trace.isRecording()) {
            return;
        }
        if (file == null) {
            tree.forgetPast();
        } else {
            file.forgetPast();
        }
    }

    void requirePower() {
        if (poweredOff) {
            throw new StorageFaultException(QuireError.DISK_IO, null, "the simulated power is off", null);
        }
    }

    static QuireException failed(SimOperation operation, String why) {
        return new StorageFaultException(QuireError.DISK_IO, operation.path(), why + " at " + operation, null);
    }

    static QuireException full(SimOperation operation, String why) {
        return new StorageFullException(QuireError.DISK_FULL, operation.path(), why + " at " + operation, null);
    }

    // ---------------------------------------------------------------- names

    private SimOperation beginNameChange(Type type, Path path, Path other) {
        parent(path);
        SimOperation operation = trace.begin(type, path, other, 0, 0);
        Fault fault = trace.faults().of(operation);
        if (fault == Fault.NO_SPACE) {
            throw full(operation, "planned: no space");
        }
        if (fault != null) {
            throw failed(operation, "planned: " + fault);
        }
        return operation;
    }

    private void requireFree(Path path) {
        requirePower();
        if (tree.live().find(path) != SimNames.NONE) {
            throw new QuireException(QuireError.FILE_ALREADY_EXISTS, path, "the name is taken", null);
        }
    }

    private int requireExists(Path path) {
        requirePower();
        int node = tree.live().find(path);
        if (node == SimNames.NONE) {
            throw new NotFoundException(QuireError.FILE_NOT_FOUND, path, "no such file or directory", null);
        }
        return node;
    }

    private SimInode file(Path path) {
        SimInode file = files.get(requireNode(path));
        if (file == null) {
            throw new QuireException(QuireError.FILE_INVALID_TYPE, path, "expected=FILE found=DIRECTORY", null);
        }
        return file;
    }

    private int requireNode(Path path) {
        int node = tree.live().find(path);
        if (node == SimNames.NONE) {
            throw new NotFoundException(QuireError.FILE_NOT_FOUND, path, "no such file or directory", null);
        }
        return node;
    }

    private int directory(Path path) {
        int node = requireExists(path);
        if (files.containsKey(node)) {
            throw new QuireException(QuireError.FILE_INVALID_TYPE, path, "expected=DIRECTORY found=FILE", null);
        }
        return node;
    }

    private int parent(Path path) {
        Path parent = path.normalize().getParent();
        int node = parent == null ? SimNames.ROOT : requireNode(parent);
        if (files.containsKey(node)) {
            throw new QuireException(QuireError.FILE_INVALID_TYPE, parent, "expected=DIRECTORY found=FILE", null);
        }
        return node;
    }

    private static String name(Path path) {
        return path.normalize().getFileName().toString();
    }

    private void locked(Runnable action) {
        lock.lock();
        try {
            action.run();
        } finally {
            lock.unlock();
        }
    }
}

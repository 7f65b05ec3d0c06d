package dev.quire.durable;

import dev.quire.io.CorruptionException;
import dev.quire.io.QuireError;
import dev.quire.io.QuireException;
import dev.quire.io.Storage;
import dev.quire.io.StoreFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * The checkpoint file while it is in use: one lock guards it, for the checkpointer and the log's switch of generations
 * both write it. A slot is forced before anything relies on it, and the slot before stays whole until then.
 */
public final class CheckpointFile implements AutoCloseable {

    private final ReentrantLock lock = new ReentrantLock();
    private final StoreFile file;
    private final ByteBuffer buffer =
            ByteBuffer.allocateDirect(CheckpointLayout.SLOT_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    private CheckpointSlot newest;
    private CheckpointSlot older;

    private CheckpointFile(StoreFile file, CheckpointSlot newest, CheckpointSlot older) {
        this.file = file;
        this.newest = newest;
        this.older = older;
    }

    /** Makes a file whose both slots hold {@code first}, forced; its name is not. */
    public static CheckpointFile create(Storage storage, Path path, CheckpointSlot first) {
        StoreFile file = storage.create(path);
        try {
            file.allocate(0, 2L * CheckpointLayout.SLOT_BYTES);
            CheckpointFile checkpoint = new CheckpointFile(file, first, first);
            checkpoint.put(first);
            checkpoint.put(next(first));
            return checkpoint;
        } catch (RuntimeException e) {
            file.close();
            throw e;
        }
    }

    /** Opens a file and finds the slot that counts. */
    public static CheckpointFile open(Storage storage, Path path) {
        return open(storage, path, damage -> {});
    }

    /**
     * The same, telling {@code damaged} about a slot that is not whole beside one that is: a crash has torn it, and
     * then it was the newer one, or it was damaged since.
     *
     * @throws CorruptionException {@code CHECKPOINT_CORRUPT} if neither slot is whole
     * @throws QuireException {@code BAD_LOG_VERSION} if either is of a version this one does not know: it may be the
     *     newest, so the other one is not believed
     */
    public static CheckpointFile open(Storage storage, Path path, Consumer<CorruptionException> damaged) {
        StoreFile file = storage.open(path, Storage.Access.WRITE);
        try {
            file.force();
            CheckpointSlot even = read(file, 0);
            CheckpointSlot odd = read(file, 1);
            if (even == null && odd == null) {
                throw new CorruptionException(
                        QuireError.CHECKPOINT_CORRUPT, path, "neither slot of the checkpoint file is whole", null);
            }
            if (even == null || odd == null) {
                String what = "slot " + (even == null ? 0 : 1) + " of the checkpoint file is not whole";
                damaged.accept(new CorruptionException(QuireError.CHECKPOINT_CORRUPT, path, what, null));
            }
            boolean evenIsNewer = odd == null || even != null && even.sequence() > odd.sequence();
            CheckpointSlot newest = evenIsNewer ? even : odd;
            CheckpointSlot other = evenIsNewer ? odd : even;
            return new CheckpointFile(file, newest, other == null ? newest : other);
        } catch (RuntimeException e) {
            file.close();
            throw e;
        }
    }

    /**
     * The whole slots of a file that somebody else may be writing: none, one or both.
     *
     * @throws QuireException {@code BAD_LOG_VERSION}
     */
    public static List<CheckpointSlot> slots(Storage storage, Path path) {
        try (StoreFile file = storage.open(path, Storage.Access.READ)) {
            return Stream.of(read(file, 0), read(file, 1))
                    .filter(Objects::nonNull)
                    .toList();
        }
    }

    /** The slot that counts. */
    public CheckpointSlot newest() {
        lock.lock();
        try {
            return newest;
        } finally {
            lock.unlock();
        }
    }

    /** The lowest redo start that a reader of the file may come to use: that of the older slot. */
    public long oldestRedoStart() {
        lock.lock();
        try {
            return Math.min(newest.redoStart(), older.redoStart());
        } finally {
            lock.unlock();
        }
    }

    /** Everything that either slot knows to be forced. */
    public long forced() {
        lock.lock();
        try {
            return Math.max(newest.forced(), older.forced());
        } finally {
            lock.unlock();
        }
    }

    /** The highest generation that either slot names. */
    public int generation() {
        lock.lock();
        try {
            return Math.max(newest.generation(), older.generation());
        } finally {
            lock.unlock();
        }
    }

    /**
     * Writes and forces the slot that follows the newest one, changed by {@code change}; the sequence is given here.
     */
    public void advance(UnaryOperator<CheckpointSlot> change) {
        lock.lock();
        try {
            CheckpointSlot slot = change.apply(next(newest));
            put(slot);
            older = newest;
            newest = slot;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Writes the newest slot again in place and forces it: after a failed force elsewhere it may exist in memory only.
     */
    public void rewrite() {
        lock.lock();
        try {
            put(newest);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        file.close();
    }

    private void put(CheckpointSlot slot) {
        buffer.clear();
        buffer.put(slot.encode()).flip();
        file.write(buffer, slot.sequence() % 2 * CheckpointLayout.SLOT_BYTES);
        file.force();
    }

    private static CheckpointSlot next(CheckpointSlot slot) {
        return new CheckpointSlot(
                slot.sequence() + 1,
                slot.signature(),
                slot.redoStart(),
                slot.forced(),
                slot.generation(),
                slot.clean(),
                slot.unlogged(),
                slot.nextId(),
                slot.generationBytes(),
                slot.commitTimeMs(),
                slot.attachments());
    }

    private static CheckpointSlot read(StoreFile file, int index) {
        byte[] bytes = new byte[CheckpointLayout.SLOT_BYTES];
        int read = file.read(bytes, 0, bytes.length, (long) index * CheckpointLayout.SLOT_BYTES);
        if (read < bytes.length || !CheckpointSlot.isWhole(bytes)) {
            return null;
        }
        int version = CheckpointSlot.version(bytes);
        if (version != CheckpointLayout.VERSION) {
            String what = "slot " + index + " has format version " + version + ", this is " + CheckpointLayout.VERSION;
            throw new QuireException(QuireError.BAD_LOG_VERSION, file.path(), what, null);
        }
        return CheckpointSlot.decode(bytes);
    }
}

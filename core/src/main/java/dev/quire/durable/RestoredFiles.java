package dev.quire.durable;

import dev.quire.io.InUseException;
import dev.quire.io.QuireError;
import dev.quire.io.Storage;
import java.nio.file.Path;
import java.util.List;

/**
 * Makes of copied databases and logs the files of an instance as a crash would leave it: a checkpoint file that says
 * where redo starts and how far the log must reach, and a guard with nothing in it. What opens it then replays.
 */
public final class RestoredFiles {

    private RestoredFiles() {}

    /** How much room both take. */
    public static long bytes(int guardHalfBytes) {
        return 2L * CheckpointLayout.SLOT_BYTES + (long) GuardLayout.HALVES * guardHalfBytes;
    }

    /**
     * Refuses a directory that a restore is about to make an instance.
     *
     * @throws InUseException {@code RESTORE_IN_PROGRESS}
     */
    public static void checkNoRestore(Storage storage, Path directory) {
        Path name = directory.getFileName();
        if (name != null && storage.isLocked(directory.resolveSibling(name + Names.RESTORING_LOCK_EXTENSION))) {
            throw new InUseException(
                    QuireError.RESTORE_IN_PROGRESS, directory, "a restore is about to make an instance of it", null);
        }
    }

    /**
     * Writes and forces both files; the directory's names are forced as well.
     *
     * @param signature of the log stream that was copied
     * @param redoStart where redo starts
     * @param end up to where the log was verified: any fault below is damage
     * @param generation the highest generation that was copied
     * @param attachments the databases as of the redo start
     */
    public static void complete(
            EngineSettings settings,
            long signature,
            long redoStart,
            long end,
            int generation,
            int nextId,
            List<Attachment> attachments) {
        Storage storage = settings.storage();
        Path directory = settings.directory();
        CheckpointSlot slot = new CheckpointSlot(
                1,
                signature,
                redoStart,
                end,
                generation,
                false,
                false,
                nextId,
                settings.generationBytes(),
                0,
                attachments);
        CheckpointFile.create(storage, directory.resolve(Names.CHECKPOINT), slot)
                .close();
        TornPageGuard.create(storage, directory.resolve(Names.GUARD), signature, settings.guardHalfBytes())
                .close();
        storage.forceDirectory(directory.resolve(Names.LOG));
        storage.forceDirectory(directory);
    }
}

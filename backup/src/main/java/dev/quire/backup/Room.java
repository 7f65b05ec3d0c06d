package dev.quire.backup;

import dev.quire.durable.BackupSession;
import dev.quire.durable.RestoredFiles;
import dev.quire.io.QuireError;
import dev.quire.io.Storage;
import dev.quire.io.StorageFullException;
import dev.quire.io.log.LogFiles;
import dev.quire.io.log.Lsn;
import java.nio.file.Path;
import java.util.List;

/**
 * How much room a backup or a restore needs, compared with what there is before anything is written: a disk that fills
 * up after hours helps nobody, and may stop others who write to it. What changes meanwhile is still found when it
 * happens.
 */
final class Room {

    /** Header and shadow. */
    private static final int HEADER_PAGES = 2;

    /** Of a restored instance, beside databases and log. */
    private static final long OTHER_BYTES = RestoredFiles.bytes(Restore.GUARD_HALF_BYTES);

    private Room() {}

    /**
     * Compares.
     *
     * @throws StorageFullException {@code DISK_FULL}
     */
    static void check(Storage storage, Path directory, long neededBytes) {
        long availableBytes = storage.usableBytes(directory);
        if (availableBytes < neededBytes) {
            throw new StorageFullException(
                    QuireError.DISK_FULL,
                    directory,
                    "neededBytes=" + neededBytes + " availableBytes=" + availableBytes,
                    null);
        }
    }

    /**
     * What a backup writes if nothing is committed while it runs: pages in use, if it copies pages, and the log as it
     * is now, from generation {@code low} on.
     */
    static long ofBackup(Storage storage, BackupSession session, int low) {
        long bytes = 0;
        for (BackupSession.Source source : session.sources()) {
            if (source.use().length > 0) {
                long pages = HEADER_PAGES + new UsageMap(source.use()).used(source.pages());
                bytes += pages * source.file().pageSize() + (long) source.use().length * Long.BYTES;
            }
        }
        long end = session.durable();
        for (int generation = low + 1; generation <= Lsn.generation(end); generation++) {
            Path file = LogFiles.path(session.logDirectory(), generation);
            bytes += LogFiles.start(storage, file, session.slot().signature(), generation)
                    .previous()
                    .closingOffset();
        }
        return bytes + Lsn.offset(end);
    }

    /**
     * What a restore writes: whole databases, free pages as well; every generation at its full size, and the one behind
     * them that the replay starts; checkpoint file and guard.
     */
    static long ofRestore(List<Manifest.CopiedDatabase> databases, int generations, int generationBytes) {
        long bytes = OTHER_BYTES + (generations + 1L) * generationBytes;
        for (Manifest.CopiedDatabase database : databases) {
            bytes += database.pages() * database.attachment().pageSize();
        }
        return bytes;
    }
}

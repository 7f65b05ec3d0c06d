package dev.quire.backup;

import dev.quire.durable.BackupBase;
import dev.quire.durable.BackupSession;
import dev.quire.io.QuireError;
import dev.quire.io.QuireException;
import dev.quire.io.Storage;
import dev.quire.io.log.GenerationInfo;
import dev.quire.io.log.LogFiles;

/** Where the stored part of a chain ends, and whether the log of the instance goes on from there. */
final class ChainEnd {

    private ChainEnd() {}

    /**
     * Compares what is stored with what the instance knows, and the last generation in it with the first one behind.
     *
     * @throws QuireException {@code INVALID_BACKUP}
     */
    static void check(Storage storage, BackupSession session, BackupSet set, BackupBase base) {
        long signature = session.slot().signature();
        set.check(base, signature);
        int next = base.nextGeneration();
        GenerationInfo before = LogFiles.start(storage, LogFiles.path(session.logDirectory(), next), signature, next)
                .previous();
        if (!set.last().lastGeneration().isOf(before)) {
            throw new QuireException(
                    QuireError.INVALID_BACKUP,
                    set.directory(),
                    "its last generation is not the one that generation " + next + " of the log continues",
                    null);
        }
    }
}

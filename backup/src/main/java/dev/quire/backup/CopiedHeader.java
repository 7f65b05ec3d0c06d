package dev.quire.backup;

import dev.quire.durable.BackupSession;
import dev.quire.io.StoreFile;
import dev.quire.io.page.BackupStamp;
import dev.quire.io.page.DatabaseHeader;

/**
 * The header of a copied database: says that the file is a copy out of a backup, which must be restored before it is
 * opened, and from which log on.
 */
final class CopiedHeader {

    private CopiedHeader() {}

    /** Writes header and shadow of a copy, which is forced as a whole later. */
    static void write(StoreFile target, BackupSession.Source source, BackupSession session) {
        of(source, session).putInto(target);
    }

    /** What both say. */
    static DatabaseHeader of(BackupSession.Source source, BackupSession session) {
        return source.header()
                .withState(DatabaseHeader.State.BACKUP)
                .withPageCount(2)
                .withRequiredFrom(session.redoStart())
                .withCurrentFull(new BackupStamp(session.mark(), session.markedAtMs(), session.generationLow(), 0));
    }
}

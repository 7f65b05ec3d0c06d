package dev.quire.durable;

import dev.quire.io.QuireError;
import dev.quire.io.QuireException;
import dev.quire.io.page.BackupStamp;
import dev.quire.io.page.DatabaseHeader;
import java.util.List;

/**
 * What the next backup of a chain builds on, as the headers of the databases say: it must be the same for all of them.
 *
 * @param full with which the chain began
 * @param previous the last one of the chain, which the next follows: that full, or the last incremental
 */
public record BackupBase(BackupStamp full, BackupStamp previous) {

    /**
     * The one of an instance.
     *
     * @throws QuireException {@code MISSING_FULL_BACKUP} if a database is in no full backup: there was none, or it was
     *     attached or made later, or in another stream
     */
    static BackupBase of(List<BackupSession.Source> sources) {
        BackupBase base = null;
        for (BackupSession.Source source : sources) {
            String name = source.attachment().name();
            DatabaseHeader header = source.file().header();
            if (!header.full().isPresent()) {
                throw missing("database " + name + " is in no full backup of this log stream");
            }
            BackupStamp full = header.full();
            BackupStamp incremental = header.incremental();
            BackupBase here =
                    new BackupBase(full, incremental.generationHigh() > full.generationHigh() ? incremental : full);
            if (base != null && !base.equals(here)) {
                throw missing("database " + name + " knows of another backup than the others");
            }
            base = here;
        }
        if (base == null) {
            throw missing("no database is attached");
        }
        return base;
    }

    /** The first generation that the next backup of the chain must have. */
    public int nextGeneration() {
        return previous.generationHigh() + 1;
    }

    private static QuireException missing(String why) {
        return new QuireException(QuireError.MISSING_FULL_BACKUP, why + ": take a full backup first");
    }
}

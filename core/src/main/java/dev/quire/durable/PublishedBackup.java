package dev.quire.durable;

import dev.quire.io.page.BackupStamp;
import dev.quire.io.page.DatabaseHeader;
import java.util.List;

/**
 * A published backup, as its manifest tells of it; nothing of that is believed that log and headers do not say.
 *
 * @param kind what it took
 * @param id its identity
 * @param createdMs when it began
 * @param generationLow first generation in it
 * @param generationHigh last one
 * @param fullHigh last generation of the full that it builds on; of a full or a copy its own
 * @param databases what a full or a copy holds; empty if it is neither
 */
public record PublishedBackup(
        BackupKind kind,
        String id,
        long createdMs,
        int generationLow,
        int generationHigh,
        int fullHigh,
        List<Attachment> databases) {

    /** Whether a header should know of it and does not; never if it knows of a later one of the chain. */
    boolean isUnknownTo(BackupSession.Source source) {
        DatabaseHeader header = source.file().header();
        boolean holds = kind.hasPages()
                ? databases.stream().anyMatch(source::isCopyOf)
                : header.full().generationHigh() == fullHigh;
        int chain = Math.max(high(header.full()), high(header.incremental()));
        int known = kind == BackupKind.FULL ? chain : high(kind.last(header));
        return holds && known < generationHigh;
    }

    private static int high(BackupStamp stamp) {
        return stamp.generationHigh();
    }
}

package dev.quire.durable;

import dev.quire.io.log.Lsn;
import dev.quire.io.page.BackupStamp;
import dev.quire.io.page.DatabaseHeader;
import java.util.List;
import java.util.function.IntSupplier;

/**
 * A published backup, as its manifest tells of it; nothing of that is believed unless the log knows its checksum.
 *
 * @param kind what it took
 * @param id its identity
 * @param createdMs when it began
 * @param generationLow first generation in it
 * @param generationHigh last one
 * @param redoStart R0 of a full or a copy; 0 if it is neither
 * @param fullHigh last generation of the full that it builds on; of a full or a copy its own
 * @param databases what a full or a copy holds; empty if it is neither
 * @param crc CRC32C of the manifest; asked only if the log has an intent of it
 */
public record PublishedBackup(
        BackupKind kind,
        String id,
        long createdMs,
        int generationLow,
        int generationHigh,
        long redoStart,
        int fullHigh,
        List<Attachment> databases,
        IntSupplier crc) {

    /** What the log says of it before it is published. */
    String intent(long mark) {
        return Intents.text(kind, id, generationLow, generationHigh, mark, crc.getAsInt());
    }

    /** Whether a header should know of it and does not; never if it knows of a later one of the chain. */
    boolean isUnknownTo(BackupSession.Source source) {
        DatabaseHeader header = source.file().header();
        boolean holds = kind.hasPages() ? holds(source) : header.full().generationHigh() == fullHigh;
        int chain = Math.max(high(header.full()), high(header.incremental()));
        int known = kind == BackupKind.FULL ? chain : high(kind.last(header));
        return holds && known < generationHigh;
    }

    /** It holds what it lists, and in its log what was made behind its redo start. */
    private boolean holds(BackupSession.Source source) {
        long from = source.attachment().from();
        return databases.stream().anyMatch(source::isCopyOf)
                || from >= redoStart && Lsn.generation(from) <= generationHigh;
    }

    private static int high(BackupStamp stamp) {
        return stamp.generationHigh();
    }
}

package dev.quire.backup;

import dev.quire.durable.Attachment;
import dev.quire.io.Storage;
import java.nio.file.Path;
import java.util.List;

/**
 * What a backup says of itself: enough to verify and to restore it. It names no paths: the names of its files follow
 * from its id, the names of databases and the numbers of generations.
 *
 * @param id sixteen hexadecimal digits; the names of all files of the backup start with it
 * @param kind {@code full}
 * @param createdMs when the backup began
 * @param logSignature the log stream
 * @param generationBytes size of a generation of that stream
 * @param redoStart R0: redo of the copied pages starts here
 * @param consistentFrom what is restored ends here or later
 * @param end where the log of the backup ends
 * @param nextDatabaseId number of the next database of the stream
 * @param databases the databases
 * @param generations the log, without a gap
 */
public record Manifest(
        String id,
        String kind,
        long createdMs,
        long logSignature,
        int generationBytes,
        long redoStart,
        long consistentFrom,
        long end,
        int nextDatabaseId,
        List<CopiedDatabase> databases,
        List<CopiedGeneration> generations) {

    /** The name of the manifest in the directory of a backup; a backup exists from the moment it is there. */
    public static final String FILE = "manifest.json";

    /**
     * A database in a backup.
     *
     * @param attachment as the log stream knew it
     * @param pages length of the file in pages
     * @param usedPages pages in use, which are the ones that were copied
     * @param useBytes bytes of the map that says which
     * @param useCrc CRC32C of that map
     */
    public record CopiedDatabase(Attachment attachment, long pages, long usedPages, long useBytes, int useCrc) {

        /** Bytes of the pages that were copied. */
        public long usedBytes() {
            return usedPages * attachment.pageSize();
        }
    }

    /**
     * A generation of the log in a backup.
     *
     * @param generation its number
     * @param closingOffset its bytes
     * @param chain CRC32C over all its batches and those before
     */
    public record CopiedGeneration(int generation, int closingOffset, int chain) {}

    /**
     * Reads the manifest of a backup and judges every number in it before anything is done with it.
     *
     * @throws dev.quire.io.NotFoundException {@code INVALID_BACKUP} if there is none
     * @throws dev.quire.io.CorruptionException {@code INVALID_BACKUP} if it is damaged
     */
    public static Manifest read(Storage storage, Path backup) {
        return ManifestFormat.read(storage, backup.resolve(FILE));
    }

    /** The manifest as it stands in its file. */
    public String toJson() {
        return ManifestFormat.write(this);
    }

    /** Lowest generation of the log in it. */
    public int generationLow() {
        return generations.get(0).generation();
    }

    /** Highest generation of the log in it. */
    public int generationHigh() {
        return generations.get(generations.size() - 1).generation();
    }

    Path databaseFile(Path backup, CopiedDatabase database) {
        return backup.resolve(id + '.' + database.attachment().name() + ".qdb");
    }

    Path usageFile(Path backup, CopiedDatabase database) {
        return backup.resolve(id + '.' + database.attachment().name() + ".use");
    }

    Path generationFile(Path backup, int generation) {
        return backup.resolve(id + '.' + dev.quire.io.log.LogFiles.name(generation));
    }
}

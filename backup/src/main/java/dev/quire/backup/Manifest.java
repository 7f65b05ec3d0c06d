package dev.quire.backup;

import dev.quire.durable.Attachment;
import dev.quire.durable.BackupKind;
import dev.quire.durable.BackupSession;
import dev.quire.durable.PublishedBackup;
import dev.quire.io.Checksum;
import dev.quire.io.QuireError;
import dev.quire.io.QuireException;
import dev.quire.io.Storage;
import dev.quire.io.log.GenerationInfo;
import dev.quire.io.log.LogFiles;
import dev.quire.io.log.Lsn;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/**
 * What a backup says of itself: enough to verify and to restore it, together with what it builds on. It names no paths:
 * the names of its files follow from its id, the names of databases and the numbers of generations.
 *
 * @param id sixteen hexadecimal digits; the names of all files of the backup start with it
 * @param kind what it took
 * @param label words for people, may be empty
 * @param mark where its begin stands in the log; 0 in a manifest of format 1, which does not say
 * @param createdMs when the backup began
 * @param logSignature the log stream
 * @param generationBytes size of a generation of that stream
 * @param redoStart R0: redo of the copied pages starts here; 0 if it holds none
 * @param consistentFrom what is restored ends here or later; 0 if it holds no pages
 * @param end where the log of the backup ends
 * @param nextDatabaseId number of the next database of the stream
 * @param builtOn what it is worth nothing without; null if it holds pages
 * @param databases the databases; none if it holds log alone
 * @param generations the log, without a gap
 */
public record Manifest(
        String id,
        BackupKind kind,
        String label,
        long mark,
        long createdMs,
        long logSignature,
        int generationBytes,
        long redoStart,
        long consistentFrom,
        long end,
        int nextDatabaseId,
        BuiltOn builtOn,
        List<CopiedDatabase> databases,
        List<CopiedGeneration> generations) {

    /** The name of the manifest of a full or a copy; there is a backup from the moment it is there. */
    public static final String FILE = "manifest.json";

    /** Behind the id, the name of a file that says: what has this id in its name is not published. */
    static final String MARK = "manifest";

    /** Behind the id, the name of the manifest of a backup that holds log alone. */
    static final String MEMBER_SUFFIX = ".manifest.json";

    /**
     * What a backup that holds log alone follows.
     *
     * @param full identity of the full with which the chain began
     * @param previous identity of the one behind whose last generation its first one comes
     */
    public record BuiltOn(String full, String previous) {}

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
    public record CopiedGeneration(int generation, int closingOffset, int chain) {

        boolean isOf(GenerationInfo info) {
            return generation == info.generation() && closingOffset == info.closingOffset() && chain == info.chain();
        }
    }

    /**
     * Reads the manifest of a full or a copy and judges every number in it before anything is done with it.
     *
     * @throws dev.quire.io.NotFoundException {@code INVALID_BACKUP} if there is none
     * @throws dev.quire.io.CorruptionException {@code INVALID_BACKUP} if it is damaged
     */
    public static Manifest read(Storage storage, Path backup) {
        return ManifestFormat.read(storage, backup.resolve(FILE));
    }

    /**
     * Reads one of the manifests of a set, of an atomic one that in {@code new}; it alone need be sound.
     *
     * @param id of an incremental or a differential; empty for that with the pages
     * @throws dev.quire.io.NotFoundException {@code INVALID_BACKUP} if there is none
     * @throws dev.quire.io.CorruptionException {@code INVALID_BACKUP} if it is damaged
     */
    public static Manifest read(Storage storage, Path backup, String id) {
        Path directory = BackupSet.find(storage, backup).orElse(backup);
        String name = id + MEMBER_SUFFIX;
        if (!id.isEmpty() && !BackupSet.isMember(name)) {
            throw new QuireException(QuireError.INVALID_PARAMETER, "id=" + id + " is no identity of a backup");
        }
        return id.isEmpty() ? read(storage, directory) : ManifestFormat.read(storage, directory.resolve(name));
    }

    /**
     * Judges the bytes of a manifest that did not come out of a file.
     *
     * @param name of it, for messages
     * @throws dev.quire.io.CorruptionException {@code INVALID_BACKUP} if they are not those of one
     */
    public static Manifest of(Path name, byte[] bytes) {
        return ManifestFormat.parse(name, bytes);
    }

    /** Of a backup that has all this; what is not given the session knows. */
    static Manifest of(
            BackupSession session,
            String id,
            String label,
            long consistentFrom,
            BuiltOn builtOn,
            List<CopiedDatabase> databases,
            List<CopiedGeneration> generations) {
        CopiedGeneration last = generations.get(generations.size() - 1);
        return new Manifest(
                id,
                session.kind(),
                label,
                session.mark(),
                session.markedAtMs(),
                session.slot().signature(),
                session.slot().generationBytes(),
                session.kind().hasPages() ? session.redoStart() : 0,
                consistentFrom,
                Lsn.of(last.generation(), last.closingOffset()),
                session.nextDatabaseId(),
                builtOn,
                databases,
                generations);
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

    /** Bytes of log in it. */
    public long logBytes() {
        return generations.stream().mapToLong(CopiedGeneration::closingOffset).sum();
    }

    /** Bytes of pages in it. */
    public long pageBytes() {
        return databases.stream().mapToLong(CopiedDatabase::usedBytes).sum();
    }

    /** Whether it is one of that instance: of its log, or of a database that it has. */
    boolean isOf(BackupSession session) {
        return logSignature == session.slot().signature()
                || databases.stream()
                        .anyMatch(copied -> session.sources().stream()
                                .anyMatch(source -> source.attachment().signature()
                                        == copied.attachment().signature()));
    }

    /** The name of its manifest once it is published. */
    String fileName() {
        return kind.hasPages() ? FILE : id + MEMBER_SUFFIX;
    }

    /** As the instance is told of it, with what the full that it builds on says. */
    PublishedBackup published(Manifest full) {
        return new PublishedBackup(
                kind,
                id,
                createdMs,
                generationLow(),
                generationHigh(),
                redoStart,
                full.generationHigh(),
                databases.stream().map(CopiedDatabase::attachment).toList(),
                this::crc);
    }

    /** CRC32C of its text, by which the log knows it. */
    int crc() {
        byte[] bytes = toJson().getBytes(StandardCharsets.UTF_8);
        return Checksum.crc32c(bytes, 0, bytes.length);
    }

    CopiedGeneration lastGeneration() {
        return generations.get(generations.size() - 1);
    }

    Path databaseFile(Path backup, CopiedDatabase database) {
        return backup.resolve(id + '.' + database.attachment().name() + ".qdb");
    }

    Path usageFile(Path backup, CopiedDatabase database) {
        return backup.resolve(id + '.' + database.attachment().name() + ".use");
    }

    Path generationFile(Path backup, int generation) {
        return backup.resolve(id + '.' + LogFiles.name(generation));
    }
}

package dev.quire.backup;

import dev.quire.io.CorruptionException;
import dev.quire.io.Progress;
import dev.quire.io.QuireError;
import dev.quire.io.Storage;
import dev.quire.io.StoreFile;
import dev.quire.io.log.GenerationStart;
import dev.quire.io.log.LogFiles;
import dev.quire.io.page.BackupStamp;
import dev.quire.io.page.DatabaseHeader;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Predicate;

/**
 * Looks at the beginnings of all files that a restore would take, before anything is copied: first the log, then the
 * databases, in the order and with the errors of the Extensible Storage Engine.
 */
final class SetCheck {

    private final Storage storage;
    private final Path directory;
    private final List<Manifest> members;
    private final Predicate<String> taken;
    private final Progress progress;

    /** Of databases those are looked at whose names are {@code taken}. */
    SetCheck(Storage storage, Path directory, List<Manifest> members, Predicate<String> taken, Progress progress) {
        this.progress = progress;
        this.storage = storage;
        this.directory = directory;
        this.members = members;
        this.taken = taken;
    }

    /**
     * Checks.
     *
     * @throws CorruptionException {@code MISSING_RESTORE_LOG_FILES}, {@code LOG_TORN_WRITE_DURING_HARD_RESTORE}, {@code
     *     LOG_CORRUPT_DURING_HARD_RESTORE}, {@code GIVEN_LOG_FILE_HAS_BAD_SIGNATURE}, {@code
     *     GIVEN_LOG_FILE_IS_NOT_CONTIGUOUS}; {@code FILE_NOT_FOUND}, {@code DATABASE_CORRUPTED}, {@code
     *     BAD_BACKUP_DATABASE_SIZE}, and those of {@link #checkCopy}
     */
    void run() {
        Manifest.CopiedGeneration before = null;
        for (Manifest member : members) {
            for (Manifest.CopiedGeneration generation : member.generations()) {
                progress.step(Progress.Phase.WAIT, 0, 0);
                checkLog(member, generation, before);
                before = generation;
            }
        }
        Manifest full = members.get(0);
        for (Manifest.CopiedDatabase database : full.databases()) {
            if (!taken.test(database.attachment().name())) {
                continue;
            }
            progress.step(Progress.Phase.WAIT, 0, 0);
            Path file = full.databaseFile(directory, database);
            Path map = full.usageFile(directory, database);
            checkThere(file);
            checkCopy(file, DatabaseHeader.read(storage, file), full, database);
            checkThere(map);
            UsageMap use = UsageMap.read(storage, map, database.useBytes(), database.useCrc());
            checkLength(
                    QuireError.BAD_BACKUP_DATABASE_SIZE,
                    file,
                    use.end() * database.attachment().pageSize());
        }
    }

    private void checkThere(Path file) {
        if (storage.kind(file) != Storage.Kind.FILE) {
            throw new CorruptionException(QuireError.FILE_NOT_FOUND, file, "is missing in the backup", null);
        }
    }

    private void checkLog(Manifest member, Manifest.CopiedGeneration generation, Manifest.CopiedGeneration before) {
        Path file = member.generationFile(directory, generation.generation());
        if (storage.kind(file) != Storage.Kind.FILE) {
            throw new CorruptionException(QuireError.MISSING_RESTORE_LOG_FILES, file, "is missing in the backup", null);
        }
        checkLength(QuireError.LOG_TORN_WRITE_DURING_HARD_RESTORE, file, generation.closingOffset());
        GenerationStart start;
        try {
            start = LogFiles.start(storage, file);
        } catch (CorruptionException e) {
            throw new CorruptionException(QuireError.LOG_CORRUPT_DURING_HARD_RESTORE, file, e.getMessage(), e);
        }
        if (start.signature() != member.logSignature()) {
            throw new CorruptionException(
                    QuireError.GIVEN_LOG_FILE_HAS_BAD_SIGNATURE,
                    file,
                    String.format("has signature %016x, expected %016x", start.signature(), member.logSignature()),
                    null);
        }
        if (start.generation() != generation.generation() || before != null && !before.isOf(start.previous())) {
            throw new CorruptionException(
                    QuireError.GIVEN_LOG_FILE_IS_NOT_CONTIGUOUS,
                    file,
                    "is generation " + start.generation() + " behind " + start.previous() + ", expected "
                            + generation.generation() + " behind " + before,
                    null);
        }
    }

    private void checkLength(QuireError error, Path file, long bytes) {
        try (StoreFile opened = storage.open(file, Storage.Access.READ)) {
            if (opened.size() < bytes) {
                throw new CorruptionException(error, file, "has " + opened.size() + " bytes, expected " + bytes, null);
            }
        }
    }

    /**
     * Whether a file is the copy of which the manifest speaks.
     *
     * @throws CorruptionException {@code RESTORE_OF_NON_BACKUP_DATABASE} if it is no copy out of a backup; {@code
     *     ENDING_RESTORE_LOG_TOO_LOW} or {@code STARTING_RESTORE_LOG_TOO_HIGH} if it is one of a later or an earlier
     *     backup, which needs other log; {@code DATABASE_PATCH_FILE_MISMATCH} if it is another database, or does not
     *     say when it was copied
     */
    static void checkCopy(Path file, DatabaseHeader header, Manifest full, Manifest.CopiedDatabase database) {
        if (header.state() != DatabaseHeader.State.BACKUP) {
            throw wrong(QuireError.RESTORE_OF_NON_BACKUP_DATABASE, file, "is no copy out of a backup");
        }
        BackupStamp copied = header.currentFull();
        if (header.signature() != database.attachment().signature()
                || header.pageSize() != database.attachment().pageSize()
                || header.logSignature() != full.logSignature()) {
            throw wrong(QuireError.DATABASE_PATCH_FILE_MISMATCH, file, "is another database than that of the manifest");
        }
        if (copied.mark() > full.end()) {
            throw wrong(
                    QuireError.ENDING_RESTORE_LOG_TOO_LOW,
                    file,
                    "was copied later, behind generation " + full.generationHigh());
        }
        if (copied.generationLow() < full.generationLow()) {
            throw wrong(
                    QuireError.STARTING_RESTORE_LOG_TOO_HIGH,
                    file,
                    "was copied earlier: needs log from generation " + copied.generationLow() + ", which begins with "
                            + full.generationLow());
        }
        boolean sameTime = copied.timeMs() == full.createdMs() && copied.generationLow() == full.generationLow();
        if (!sameTime || full.mark() != 0 && copied.mark() != full.mark()) {
            throw wrong(
                    QuireError.DATABASE_PATCH_FILE_MISMATCH, file, "was copied by another backup than the manifest's");
        }
    }

    private static CorruptionException wrong(QuireError error, Path file, String what) {
        return new CorruptionException(error, file, what, null);
    }
}

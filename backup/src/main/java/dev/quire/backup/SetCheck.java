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
 * Looks at the beginnings and the lengths of all files that a restore would take, before anything is copied: in the
 * order and with the errors of the Extensible Storage Engine. Between its parts others may be looked at.
 */
final class SetCheck {

    /** Of several faults that of the kind is told which stands first here, and of one kind the first. */
    private static final List<QuireError> ORDER = List.of(
            QuireError.MISSING_RESTORE_LOG_FILES,
            QuireError.GIVEN_LOG_FILE_HAS_BAD_SIGNATURE,
            QuireError.GIVEN_LOG_FILE_IS_NOT_CONTIGUOUS,
            QuireError.FILE_NOT_FOUND,
            QuireError.DATABASE_CORRUPTED,
            QuireError.RESTORE_OF_NON_BACKUP_DATABASE,
            QuireError.DATABASE_PATCH_FILE_MISMATCH,
            QuireError.ENDING_RESTORE_LOG_TOO_LOW,
            QuireError.STARTING_RESTORE_LOG_TOO_HIGH,
            QuireError.READ_VERIFY_FAILURE,
            QuireError.BAD_BACKUP_DATABASE_SIZE);

    private static final int HEADER_PAGES = 2;

    private final Storage storage;
    private final Path directory;
    private final List<Manifest> members;
    private final Predicate<String> taken;
    private final Progress progress;
    private CorruptionException first;
    private CorruptionException damage;

    /** Of databases those are looked at whose names are {@code taken}. */
    SetCheck(Storage storage, Path directory, List<Manifest> members, Predicate<String> taken, Progress progress) {
        this.progress = progress;
        this.storage = storage;
        this.directory = directory;
        this.members = members;
        this.taken = taken;
    }

    /** All of it, for who has nothing else to look at: {@link #log}, {@link #databases}, {@link #damage}. */
    void run() {
        log();
        databases();
        damage();
    }

    /**
     * Whether the log is all there, of the stream, and without a gap. What is damaged so that it does not tell, or is
     * not as long as it was, is left to {@link #damage}.
     *
     * @throws CorruptionException {@code MISSING_RESTORE_LOG_FILES}, {@code GIVEN_LOG_FILE_HAS_BAD_SIGNATURE}, {@code
     *     GIVEN_LOG_FILE_IS_NOT_CONTIGUOUS}
     */
    void log() {
        Manifest.CopiedGeneration last = null;
        for (Manifest member : members) {
            for (Manifest.CopiedGeneration generation : member.generations()) {
                Manifest.CopiedGeneration before = last;
                look(() -> checkLog(member, generation, before));
                last = generation;
            }
        }
        tell();
    }

    /**
     * Whether the databases are copies out of this backup, with their maps, and as long as those say.
     *
     * @throws CorruptionException {@code FILE_NOT_FOUND}, {@code DATABASE_CORRUPTED}, those of {@link #checkCopy};
     *     {@code READ_VERIFY_FAILURE} of a map, {@code BAD_BACKUP_DATABASE_SIZE}
     */
    void databases() {
        for (Manifest.CopiedDatabase database : members.get(0).databases()) {
            if (taken.test(database.attachment().name())) {
                look(() -> checkDatabase(members.get(0), database));
            }
        }
        tell();
    }

    /**
     * What {@link #log} found damaged: who replays it would come to that.
     *
     * @throws CorruptionException {@code LOG_TORN_WRITE_DURING_HARD_RESTORE}, {@code LOG_CORRUPT_DURING_HARD_RESTORE}
     */
    void damage() {
        if (damage != null) {
            throw damage;
        }
    }

    private void look(Runnable at) {
        progress.step(Progress.Phase.WAIT, 0, 0);
        try {
            at.run();
        } catch (CorruptionException e) {
            first = first == null || rank(e) < rank(first) ? e : first;
        }
    }

    private static int rank(CorruptionException fault) {
        int rank = ORDER.indexOf(fault.error());
        return rank < 0 ? ORDER.size() : rank;
    }

    private void tell() {
        if (first != null) {
            throw first;
        }
    }

    private void checkDatabase(Manifest full, Manifest.CopiedDatabase database) {
        Path file = full.databaseFile(directory, database);
        Path map = full.usageFile(directory, database);
        checkThere(QuireError.FILE_NOT_FOUND, file);
        checkThere(QuireError.FILE_NOT_FOUND, map);
        checkCopy(file, DatabaseHeader.read(storage, file), full, database);
        UsageMap use = UsageMap.read(storage, map, database.useBytes(), database.useCrc());
        checkLength(file, size(storage, file), use, database.attachment().pageSize());
    }

    private void checkThere(QuireError error, Path file) {
        if (storage.kind(file) != Storage.Kind.FILE) {
            throw wrong(error, file, "is missing in the backup");
        }
    }

    private void checkLog(Manifest member, Manifest.CopiedGeneration generation, Manifest.CopiedGeneration before) {
        Path file = member.generationFile(directory, generation.generation());
        checkThere(QuireError.MISSING_RESTORE_LOG_FILES, file);
        GenerationStart start = start(file, generation.closingOffset());
        if (start == null) {
            return;
        }
        if (start.signature() != member.logSignature()) {
            throw wrong(
                    QuireError.GIVEN_LOG_FILE_HAS_BAD_SIGNATURE,
                    file,
                    String.format("has signature %016x, expected %016x", start.signature(), member.logSignature()));
        }
        if (start.generation() != generation.generation() || before != null && !before.isOf(start.previous())) {
            throw wrong(
                    QuireError.GIVEN_LOG_FILE_IS_NOT_CONTIGUOUS,
                    file,
                    "is generation " + start.generation() + " behind " + start.previous() + ", expected "
                            + generation.generation() + " behind " + before);
        }
    }

    /** What a generation says of itself; null if that does not verify: of which stream it is nobody knows then. */
    private GenerationStart start(Path file, int closingOffset) {
        try {
            checkLength(file, size(storage, file), closingOffset);
        } catch (CorruptionException e) {
            damage = damage == null ? e : damage;
        }
        try {
            return LogFiles.start(storage, file);
        } catch (CorruptionException e) {
            damage = damage == null
                    ? new CorruptionException(QuireError.LOG_CORRUPT_DURING_HARD_RESTORE, file, e.getMessage(), e)
                    : damage;
            return null;
        }
    }

    static long size(Storage storage, Path file) {
        try (StoreFile opened = storage.open(file, Storage.Access.READ)) {
            return opened.size();
        }
    }

    /**
     * A generation in a backup ends where it was closed. Nobody would ever look at what stands behind.
     *
     * @throws CorruptionException {@code LOG_TORN_WRITE_DURING_HARD_RESTORE} if it is shorter, {@code
     *     LOG_CORRUPT_DURING_HARD_RESTORE} if it is longer
     */
    static void checkLength(Path file, long bytes, int closingOffset) {
        QuireError error = bytes < closingOffset
                ? QuireError.LOG_TORN_WRITE_DURING_HARD_RESTORE
                : QuireError.LOG_CORRUPT_DURING_HARD_RESTORE;
        checkLength(error, file, bytes, closingOffset);
    }

    /**
     * A copy of a database ends behind its last page in use, whoever stored it: so nobody looks at what stands behind.
     *
     * @throws CorruptionException {@code BAD_BACKUP_DATABASE_SIZE}
     */
    static void checkLength(Path file, long bytes, UsageMap use, int pageSize) {
        checkLength(QuireError.BAD_BACKUP_DATABASE_SIZE, file, bytes, Math.max(HEADER_PAGES, use.end()) * pageSize);
    }

    private static void checkLength(QuireError error, Path file, long bytes, long expected) {
        if (bytes != expected) {
            throw wrong(error, file, "has " + bytes + " bytes, expected " + expected);
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

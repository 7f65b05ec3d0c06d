package dev.quire.backup;

import dev.quire.durable.BackupBase;
import dev.quire.durable.BackupKind;
import dev.quire.io.CorruptionException;
import dev.quire.io.InUseException;
import dev.quire.io.NotFoundException;
import dev.quire.io.QuireError;
import dev.quire.io.QuireException;
import dev.quire.io.Storage;
import dev.quire.io.page.BackupStamp;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/**
 * What is published in one directory: a full with its incrementals and differentials, or a copy. Which of them follow
 * which is judged by what they say of one another; their files are not looked at.
 */
public final class BackupSet {

    private static final Pattern MEMBER = Pattern.compile("[0-9a-f]{16}\\.manifest\\.json");
    static final int MEMBERS_MAX = 65_536;
    private static final int LOOKS_MAX = 3;

    private final Path directory;
    private final List<Manifest> chain;
    private final List<Manifest> differentials;
    private final int membersMax;

    BackupSet(Path directory, List<Manifest> chain, List<Manifest> differentials, int membersMax) {
        this.directory = directory;
        this.chain = List.copyOf(chain);
        this.differentials = List.copyOf(differentials);
        this.membersMax = membersMax;
    }

    /**
     * Reads the set in a directory; of an atomic one that in {@code new}, or, when a crash left none there, in {@code
     * ID.old}. What is wrong with a member does not matter if the chain has its log.
     *
     * @throws NotFoundException {@code INVALID_BACKUP} if there is none
     * @throws CorruptionException {@code INVALID_BACKUP} if a manifest is damaged, lost or belongs to another full, or
     *     there are more than can be; {@code MISSING_RESTORE_LOG_FILES} if one is missing that another builds on;
     *     {@code GIVEN_LOG_FILE_HAS_BAD_SIGNATURE}, {@code GIVEN_LOG_FILE_IS_NOT_CONTIGUOUS}
     * @throws InUseException {@code BACKUP_IN_PROGRESS} if atomic backups take its place again and again
     */
    public static BackupSet read(Storage storage, Path backup) {
        return read(
                storage,
                backup,
                MEMBERS_MAX,
                reader -> reader.faultsThatMatter().forEach(BackupSet::fail));
    }

    /**
     * The set of which somebody else has read the manifests: judged as if they had been read here.
     *
     * @param directory where it is, for messages
     * @param manifests the full or copy first
     * @throws CorruptionException as {@link #read(Storage, Path)} does
     */
    static BackupSet of(Path directory, List<Manifest> manifests) {
        SetReader reader = new SetReader(directory, manifests.get(0), MEMBERS_MAX);
        BackupSet set = reader.of(manifests.subList(1, manifests.size()));
        reader.faultsThatMatter().forEach(BackupSet::fail);
        return set;
    }

    /** The same; everything that is wrong with a member behind the full is told, and that member left out. */
    static BackupSet read(Storage storage, Path backup, Consumer<QuireException> faults) {
        return read(storage, backup, MEMBERS_MAX, reader -> reader.faults().forEach(faults));
    }

    /** The same, of at most {@code membersMax} incrementals and differentials. */
    static BackupSet read(Storage storage, Path backup, int membersMax, Consumer<SetReader> judge) {
        for (int looks = 0; looks < LOOKS_MAX; looks++) {
            Path directory = find(storage, backup)
                    .orElseThrow(() -> new NotFoundException(
                            QuireError.INVALID_BACKUP, backup, Place.withoutBackup(storage, backup), null));
            String id = "";
            try {
                Manifest full = Manifest.read(storage, directory);
                id = full.id();
                SetReader reader = new SetReader(storage, directory, full, membersMax);
                BackupSet set = reader.read();
                if (reader.faults().isEmpty() || isThere(storage, backup, directory, id)) {
                    judge.accept(reader);
                    return set;
                }
            } catch (QuireException e) {
                if (isThere(storage, backup, directory, id)) {
                    throw e;
                }
            }
        }
        throw replaced(backup, null);
    }

    private static void fail(QuireException fault) {
        throw fault;
    }

    /**
     * The directory in which the set is that a restore would take; a link is none.
     *
     * @throws CorruptionException {@code INVALID_BACKUP} if the manifest of the full or copy was lost: an older atomic
     *     set that is there still is not the backup
     */
    static Optional<Path> find(Storage storage, Path backup) {
        List<Path> places = List.of(backup, backup.resolve(AtomicPlace.NEW));
        Optional<Path> published = published(storage, places);
        if (published.isPresent()) {
            return published;
        }
        Optional<Path> lost =
                places.stream().filter(place -> isLost(storage, place)).findFirst();
        Optional<Path> older = AtomicPlace.older(storage, backup);
        published = published(storage, places);
        if (published.isPresent()) { // it got its name, or took the place of another, between the two looks
            return published;
        }
        if (lost.isPresent()) {
            throw SetReader.damaged(
                    lost.get().resolve(Manifest.FILE),
                    "is missing: there are files of that backup, and it was published");
        }
        return older;
    }

    private static Optional<Path> published(Storage storage, List<Path> places) {
        return places.stream().filter(place -> isPublished(storage, place)).findFirst();
    }

    private static boolean isLost(Storage storage, Path place) {
        try {
            List<String> names = storage.kind(place) == Storage.Kind.DIRECTORY ? storage.list(place) : List.of();
            return Leftovers.published(names).stream().anyMatch(id -> hasUnmarkedFiles(storage, place, id, names));
        } catch (NotFoundException e) { // moved meanwhile
            return false;
        }
    }

    /**
     * Whether there are files of a backup without its mark. A list of names is no picture of one moment: what is
     * cleared away meanwhile may be in none of it, the mark last of all.
     */
    static boolean hasUnmarkedFiles(Storage storage, Path directory, String id, List<String> names) {
        return storage.kind(directory.resolve(id + '.' + Manifest.MARK)) == Storage.Kind.NONE
                && names.stream()
                        .filter(name -> name.startsWith(id))
                        .anyMatch(name -> storage.kind(directory.resolve(name)) != Storage.Kind.NONE);
    }

    static boolean isPublished(Storage storage, Path place) {
        return storage.kind(place) == Storage.Kind.DIRECTORY
                && storage.kind(place.resolve(Manifest.FILE)) == Storage.Kind.FILE;
    }

    /** Whether a file of that name is the manifest of an incremental or a differential. */
    static boolean isMember(String name) {
        return MEMBER.matcher(name).matches();
    }

    /**
     * What is to be told of a fault that was met while the files of this set were read: that fault, unless an atomic
     * backup has taken its place meanwhile.
     */
    QuireException judged(Storage storage, Path backup, QuireException fault) {
        boolean ofContent = fault instanceof CorruptionException || fault instanceof NotFoundException;
        try {
            return !ofContent || isThere(storage, backup) ? fault : replaced(backup, fault);
        } catch (QuireException e) {
            fault.addSuppressed(e);
            return fault;
        }
    }

    /** Whether it is still the one that a restore would take. */
    boolean isThere(Storage storage, Path backup) {
        return isThere(storage, backup, directory, full().id());
    }

    private static boolean isThere(Storage storage, Path backup, Path directory, String id) {
        return find(storage, backup).equals(Optional.of(directory))
                && id(storage, directory).equals(id);
    }

    /** That of the full, or none if its manifest cannot be read. */
    private static String id(Storage storage, Path directory) {
        try {
            return Manifest.read(storage, directory).id();
        } catch (NotFoundException | CorruptionException e) {
            return "";
        }
    }

    static InUseException replaced(Path backup, Throwable cause) {
        return new InUseException(
                QuireError.BACKUP_IN_PROGRESS, backup, "an atomic backup has taken its place meanwhile", cause);
    }

    /** Where all its files are. */
    public Path directory() {
        return directory;
    }

    /** The one with the pages. */
    public Manifest full() {
        return chain.get(0);
    }

    /** The full or copy, and the incrementals behind it. */
    public List<Manifest> chain() {
        return chain;
    }

    /** Those that nothing follows. */
    public List<Manifest> differentials() {
        return differentials;
    }

    /** All of them, in the order of their logs. */
    public List<Manifest> members() {
        List<Manifest> all = new ArrayList<>(chain);
        all.addAll(differentials);
        all.sort(Comparator.comparingInt(Manifest::generationHigh));
        return all;
    }

    /** What a restore to the end takes: the chain, and a differential that goes beyond it. */
    public List<Manifest> toTheEnd() {
        List<Manifest> taken = new ArrayList<>(chain);
        int end = last().generationHigh();
        differentials.stream()
                .filter(each -> each.generationHigh() > end)
                .max(Comparator.comparingInt(Manifest::generationHigh))
                .ifPresent(taken::add);
        return taken;
    }

    /** The one that the next incremental follows. */
    Manifest last() {
        return chain.get(chain.size() - 1);
    }

    /**
     * Compares with what the instance knows, before another one is added.
     *
     * @throws QuireException {@code INVALID_BACKUP} if the chain of the instance is another one, or ends elsewhere, or
     *     if there are as many as can be
     */
    void check(BackupBase base, long logSignature) {
        if (full().kind() != BackupKind.FULL || full().logSignature() != logSignature || !is(full(), base.full())) {
            throw new QuireException(
                    QuireError.INVALID_BACKUP,
                    directory,
                    "holds the " + full().kind().word() + ' ' + full().id()
                            + ", and the last full backup of this instance is another one, with generations "
                            + base.full().generationLow() + " to " + base.full().generationHigh(),
                    null);
        }
        if (!is(last(), base.previous())) {
            throw new QuireException(
                    QuireError.INVALID_BACKUP,
                    directory,
                    "has log up to generation " + last().generationHigh()
                            + ", and the last backup of the chain ends with "
                            + base.previous().generationHigh(),
                    null);
        }
        long generations =
                members().stream().mapToLong(each -> each.generations().size()).sum();
        if (chain.size() - 1 + differentials.size() >= membersMax
                || generations > SetReader.GENERATIONS_MAX - ManifestFormat.GENERATIONS_MAX) {
            throw new QuireException(
                    QuireError.INVALID_BACKUP,
                    directory,
                    "holds as much as can be, backups max=" + membersMax + " generations max="
                            + SetReader.GENERATIONS_MAX + ": take a full backup to another place",
                    null);
        }
    }

    private static boolean is(Manifest manifest, BackupStamp stamp) {
        return manifest.generationLow() == stamp.generationLow()
                && manifest.generationHigh() == stamp.generationHigh()
                && manifest.createdMs() == stamp.timeMs()
                && (manifest.mark() == 0 || manifest.mark() == stamp.mark());
    }
}

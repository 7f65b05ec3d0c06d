package dev.quire.backup;

import dev.quire.durable.BackupBase;
import dev.quire.durable.BackupKind;
import dev.quire.io.CorruptionException;
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
    private static final int MEMBERS_MAX = 65_536;

    private final Path directory;
    private final List<Manifest> chain;
    private final List<Manifest> differentials;
    private final int membersMax;

    private BackupSet(Path directory, List<Manifest> chain, List<Manifest> differentials, int membersMax) {
        this.directory = directory;
        this.chain = List.copyOf(chain);
        this.differentials = List.copyOf(differentials);
        this.membersMax = membersMax;
    }

    /**
     * Reads the set in a directory; of an atomic one that in {@code new}, or, when a crash left none there, in {@code
     * ID.old}.
     *
     * @throws NotFoundException {@code INVALID_BACKUP} if there is none
     * @throws CorruptionException {@code INVALID_BACKUP} if a manifest is damaged or belongs to another full, or there
     *     are more than can be; {@code MISSING_RESTORE_LOG_FILES} if one is missing that another builds on; {@code
     *     GIVEN_LOG_FILE_HAS_BAD_SIGNATURE}, {@code GIVEN_LOG_FILE_IS_NOT_CONTIGUOUS}
     */
    public static BackupSet read(Storage storage, Path backup) {
        return read(storage, backup, fault -> {
            throw fault;
        });
    }

    /** The same; what is wrong with a member behind the full is told, and that member left out. */
    static BackupSet read(Storage storage, Path backup, Consumer<QuireException> faults) {
        return read(storage, backup, faults, MEMBERS_MAX);
    }

    /** The same, of at most {@code membersMax} incrementals and differentials. */
    static BackupSet read(Storage storage, Path backup, Consumer<QuireException> faults, int membersMax) {
        Path directory = find(storage, backup)
                .orElseThrow(() -> new NotFoundException(
                        QuireError.INVALID_BACKUP, backup, "there is no published backup here", null));
        Manifest full = Manifest.read(storage, directory);
        if (!full.kind().hasPages()) {
            throw damaged(directory.resolve(Manifest.FILE), "is that of a backup without pages");
        }
        List<String> names =
                storage.list(directory).stream().filter(BackupSet::isMember).toList();
        if (names.size() > membersMax) { // a set that is read in part would end somewhere, and look whole
            throw damaged(directory, "manifests=" + names.size() + " max=" + membersMax);
        }
        List<Manifest> members = new ArrayList<>();
        for (String name : names) {
            try {
                members.add(member(storage, directory.resolve(name), full));
            } catch (QuireException e) {
                faults.accept(e);
            }
        }
        return ordered(directory, full, members, faults, membersMax);
    }

    /** The directory in which the set is that a restore would take; a link is none. */
    static Optional<Path> find(Storage storage, Path backup) {
        for (Path place : List.of(backup, backup.resolve(AtomicPlace.NEW))) {
            if (isPublished(storage, place)) {
                return Optional.of(place);
            }
        }
        if (storage.kind(backup) != Storage.Kind.DIRECTORY) {
            return Optional.empty();
        }
        return storage.list(backup).stream()
                .filter(AtomicPlace::isOlder)
                .map(backup::resolve)
                .filter(place -> isPublished(storage, place))
                .findFirst();
    }

    static boolean isPublished(Storage storage, Path place) {
        return storage.kind(place) == Storage.Kind.DIRECTORY
                && storage.kind(place.resolve(Manifest.FILE)) == Storage.Kind.FILE;
    }

    /** Whether a file of that name is the manifest of an incremental or a differential. */
    static boolean isMember(String name) {
        return MEMBER.matcher(name).matches();
    }

    private static Manifest member(Storage storage, Path path, Manifest full) {
        Manifest member = ManifestFormat.read(storage, path);
        if (!path.getFileName().toString().equals(member.fileName())) {
            throw damaged(
                    path,
                    "is that of backup " + member.id() + ", kind "
                            + member.kind().word());
        }
        if (member.logSignature() != full.logSignature()) {
            throw new CorruptionException(
                    QuireError.GIVEN_LOG_FILE_HAS_BAD_SIGNATURE, path, "is of another log stream than the full", null);
        }
        if (!member.builtOn().full().equals(full.id()) || member.generationBytes() != full.generationBytes()) {
            throw damaged(path, "builds on the full " + member.builtOn().full() + ", found " + full.id());
        }
        return member;
    }

    private static BackupSet ordered(
            Path directory, Manifest full, List<Manifest> members, Consumer<QuireException> faults, int membersMax) {
        members.sort(Comparator.comparingInt(Manifest::generationLow).thenComparingInt(Manifest::generationHigh));
        List<Manifest> chain = new ArrayList<>(List.of(full));
        List<Manifest> differentials = new ArrayList<>();
        for (Manifest member : members) {
            try {
                Manifest last = chain.get(chain.size() - 1);
                checkFollows(directory.resolve(member.fileName()), member, last);
                (member.kind() == BackupKind.INCREMENTAL ? chain : differentials).add(member);
            } catch (QuireException e) {
                faults.accept(e);
            }
        }
        return new BackupSet(directory, chain, differentials, membersMax);
    }

    /** In the order of their logs, every member follows the last one of the chain so far. */
    private static void checkFollows(Path path, Manifest member, Manifest last) {
        if (member.generationLow() > last.generationHigh() + 1) {
            throw new CorruptionException(
                    QuireError.MISSING_RESTORE_LOG_FILES,
                    path,
                    "begins with generation " + member.generationLow() + ", and the backup "
                            + member.builtOn().previous() + " that it follows is missing: there is log up to "
                            + last.generationHigh(),
                    null);
        }
        if (member.generationLow() <= last.generationHigh()
                || !member.builtOn().previous().equals(last.id())) {
            throw new CorruptionException(
                    QuireError.GIVEN_LOG_FILE_IS_NOT_CONTIGUOUS,
                    path,
                    "begins with generation " + member.generationLow() + " behind backup "
                            + member.builtOn().previous() + ", expected one behind " + last.id() + ", which ends with "
                            + last.generationHigh(),
                    null);
        }
    }

    private static CorruptionException damaged(Path path, String what) {
        return new CorruptionException(QuireError.INVALID_BACKUP, path, what, null);
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
        if (chain.size() - 1 + differentials.size() >= membersMax) {
            throw new QuireException(
                    QuireError.INVALID_BACKUP,
                    directory,
                    "holds as many backups as can be, max=" + membersMax + ": take a full backup to another place",
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

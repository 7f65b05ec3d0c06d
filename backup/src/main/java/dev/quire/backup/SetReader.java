package dev.quire.backup;

import dev.quire.durable.BackupKind;
import dev.quire.io.CorruptionException;
import dev.quire.io.QuireError;
import dev.quire.io.QuireException;
import dev.quire.io.Storage;
import dev.quire.io.log.LogFiles;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Reads the manifests of a set once, and judges which of them follow which. What is wrong with one that a restore to
 * the end has no use for, since the chain has the log of it, is kept apart from what matters.
 */
final class SetReader {

    /** Bounds the memory that a set can ask for, beside the number of its members. */
    static final int GENERATIONS_MAX = 1_000_000;

    private static final int FAULTS_MAX = 1_000;

    private final Storage storage;
    private final Path directory;
    private final Manifest full;
    private final int membersMax;
    private final List<String> names;
    private final List<Manifest> chain = new ArrayList<>();
    private final List<Manifest> differentials = new ArrayList<>();
    private final List<Fault> faults = new ArrayList<>();
    private final Map<String, Integer> reach = new HashMap<>();
    private Fault furthest;
    private long generations;

    /** What is wrong with a member, and how far its log would reach. */
    private record Fault(QuireException what, int generationHigh) {}

    SetReader(Storage storage, Path directory, Manifest full, int membersMax) {
        this.storage = storage;
        this.directory = directory;
        this.full = full;
        this.membersMax = membersMax;
        this.names = storage.list(directory);
        for (String name : names) {
            String file = name.substring(name.indexOf('.') + 1);
            if (LogFiles.isOfLog(file)) {
                reach.merge(name.substring(0, name.indexOf('.')), LogFiles.generation(file), Math::max);
            }
        }
    }

    /** Of manifests that somebody else has read. */
    SetReader(Path directory, Manifest full, int membersMax) {
        this.storage = null;
        this.directory = directory;
        this.full = full;
        this.membersMax = membersMax;
        this.names = List.of();
    }

    /** Judges those that the full is to be followed by. */
    BackupSet of(List<Manifest> members) {
        checkFull();
        checkCount(members.size());
        generations = full.generations().size();
        members.forEach(member -> check(directory.resolve(member.fileName()), member));
        order(new ArrayList<>(members));
        return new BackupSet(directory, chain, differentials, membersMax);
    }

    private void checkFull() {
        if (!full.kind().hasPages()) {
            throw damaged(directory.resolve(Manifest.FILE), "is that of a backup without pages");
        }
    }

    private void checkCount(int members) {
        if (members > membersMax) { // a set that is read in part would end somewhere, and look whole
            throw damaged(directory, "manifests=" + members + " max=" + membersMax);
        }
    }

    BackupSet read() {
        checkFull();
        List<String> manifests = names.stream().filter(BackupSet::isMember).toList();
        checkCount(manifests.size());
        generations = full.generations().size();
        Set<String> known = new HashSet<>(Set.of(full.id()));
        List<Manifest> members = new ArrayList<>();
        for (String name : manifests) {
            String id = name.substring(0, name.indexOf('.'));
            known.add(id);
            try {
                members.add(member(directory.resolve(name)));
            } catch (QuireException e) {
                fault(e, reach.getOrDefault(id, Integer.MAX_VALUE));
            }
        }
        for (String id : Leftovers.published(names)) {
            Path manifest = directory.resolve(id + Manifest.MEMBER_SUFFIX);
            if (!known.contains(id) && isLost(id, manifest)) {
                fault(
                        new CorruptionException(
                                QuireError.MISSING_RESTORE_LOG_FILES,
                                manifest,
                                "is missing: there are files of that backup, and it was published",
                                null),
                        reach.getOrDefault(id, Integer.MAX_VALUE));
            }
        }
        order(members);
        return new BackupSet(directory, chain, differentials, membersMax);
    }

    /** What is published meanwhile may be in no list of names: the mark goes with the renaming to the manifest. */
    private boolean isLost(String id, Path manifest) {
        return BackupSet.hasUnmarkedFiles(storage, directory, id, names) && storage.kind(manifest) == Storage.Kind.NONE;
    }

    /** Remembers the first ones, and of the others that which reaches furthest. */
    private void fault(QuireException what, int generationHigh) {
        if (faults.size() < FAULTS_MAX) {
            faults.add(new Fault(what, generationHigh));
        } else if (furthest == null || furthest.generationHigh < generationHigh) {
            furthest = new Fault(what, generationHigh);
        }
    }

    /** What is wrong; of very much the first ones and that which reaches furthest. */
    List<QuireException> faults() {
        return all().map(Fault::what).toList();
    }

    /** What is wrong with members of which log is missing in the chain, or nobody knows. */
    List<QuireException> faultsThatMatter() {
        int end = chain.get(chain.size() - 1).generationHigh();
        return all().filter(fault -> fault.generationHigh > end)
                .map(Fault::what)
                .toList();
    }

    private Stream<Fault> all() {
        return Stream.concat(faults.stream(), Stream.ofNullable(furthest));
    }

    private Manifest member(Path path) {
        Manifest member = ManifestFormat.read(storage, path);
        if (!path.getFileName().toString().equals(member.fileName())) {
            throw damaged(
                    path,
                    "is that of backup " + member.id() + ", kind "
                            + member.kind().word());
        }
        check(path, member);
        return member;
    }

    private void check(Path path, Manifest member) {
        if (member.kind().hasPages()) {
            throw damaged(path, "is that of a second backup with pages");
        }
        if (member.logSignature() != full.logSignature()) {
            throw new CorruptionException(
                    QuireError.GIVEN_LOG_FILE_HAS_BAD_SIGNATURE, path, "is of another log stream than the full", null);
        }
        if (!member.builtOn().full().equals(full.id()) || member.generationBytes() != full.generationBytes()) {
            throw damaged(path, "builds on the full " + member.builtOn().full() + ", found " + full.id());
        }
        generations += member.generations().size();
        if (generations > GENERATIONS_MAX) {
            throw damaged(path, "generations of the set=" + generations + " max=" + GENERATIONS_MAX);
        }
    }

    private void order(List<Manifest> members) {
        members.sort(Comparator.comparingInt(Manifest::generationLow).thenComparingInt(Manifest::generationHigh));
        chain.add(full);
        for (Manifest member : members) {
            try {
                Manifest last = chain.get(chain.size() - 1);
                checkFollows(directory.resolve(member.fileName()), member, last);
                (member.kind() == BackupKind.INCREMENTAL ? chain : differentials).add(member);
            } catch (QuireException e) {
                fault(e, member.generationHigh());
            }
        }
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

    static CorruptionException damaged(Path path, String what) {
        return new CorruptionException(QuireError.INVALID_BACKUP, path, what, null);
    }
}

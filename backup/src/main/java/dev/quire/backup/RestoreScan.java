package dev.quire.backup;

import dev.quire.durable.Attachment;
import dev.quire.durable.NamedPoint;
import dev.quire.durable.ReplayScope;
import dev.quire.durable.StopPoint;
import dev.quire.durable.StopSearch;
import dev.quire.io.NotFoundException;
import dev.quire.io.QuireError;
import dev.quire.io.QuireException;
import dev.quire.io.Storage;
import dev.quire.io.log.Lsn;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Finds out what a restore takes and where it ends, and refuses what cannot be; it writes nothing. */
final class RestoreScan {

    private static final int NAMES_TOLD = 20;

    private final Storage storage;
    private final Path backup;
    private final RestoreRequest request;
    private final boolean background;
    private final BackupSet set;
    private final List<Manifest> all;
    private final List<Manifest> members;
    private final StopSearch search;
    private final LogSteps steps;
    private final List<TakenGeneration> generations = new ArrayList<>();
    private long logEnd;
    private LiveLog live;
    private QuireException lost;

    /** Reads the manifests; see {@link BackupSet#read} for what it throws. */
    RestoreScan(Storage storage, RestoreRequest request, boolean background, LogSteps steps) {
        this.storage = storage;
        this.request = request;
        this.background = background;
        this.steps = steps;
        backup = request.backup().toAbsolutePath().normalize();
        set = BackupSet.read(storage, backup);
        all = set.toTheEnd();
        // What lies behind the point altogether may be damaged, or be cut off one day.
        members = all.stream()
                .filter(each -> each.kind().hasPages() || each.generationLow() <= lastGeneration())
                .toList();
        search = new StopSearch(
                request.stop(),
                set.full().redoStart(),
                set.full().consistentFrom(),
                set.full().createdMs(),
                set.full().databases().stream()
                        .map(Manifest.CopiedDatabase::attachment)
                        .toList());
    }

    /** The last generation that may be needed, as far as the request itself says. */
    private long lastGeneration() {
        return switch (request.stop().kind()) {
            case LSN -> Lsn.generation(request.stop().value());
            case GENERATION -> request.stop().value();
            default -> Integer.MAX_VALUE;
        };
    }

    /**
     * Looks at the beginnings of all files, and, if the request or the caller asks for more than a whole set to its
     * end, reads the log up to where the restore ends. The log of an instance comes between the log and the databases
     * of the set.
     *
     * @throws QuireException those of {@link SetCheck#run}, {@link LiveLog#find}; {@code ENDING_RESTORE_LOG_TOO_LOW}
     *     if the point lies outside of what can be restored; {@code OBJECT_NOT_FOUND} or {@code DATABASE_NOT_FOUND} if
     *     there is no such name; {@code DATABASE_DUPLICATE}, {@code ATTACHED_DATABASE_MISMATCH}
     */
    void look(boolean always) {
        SetCheck check = new SetCheck(
                storage, set.directory(), members, name -> request.nameOf(name) != null, request.progress());
        check.log();
        takeLog();
        check.databases();
        check.damage();
        if (always || !request.isPlain()) {
            search();
        }
    }

    private void takeLog() {
        members.forEach(member -> generations.addAll(TakenGeneration.of(set.directory(), member)));
        Manifest last = members.get(members.size() - 1);
        logEnd = last.end();
        boolean behind = request.stop().kind() == StopPoint.Kind.LSN
                ? request.stop().value() > setEnd()
                : lastGeneration() > last.generationHigh();
        if (request.rollForward() != null && behind) {
            live = new LiveLog(storage, request.rollForward().toAbsolutePath().normalize(), background, steps);
            live.find(last, last.lastGeneration(), request);
            generations.addAll(live.generations());
            logEnd = live.end();
        }
    }

    private void search() {
        LogReplayCheck log = new LogReplayCheck(storage, set.full(), Long.MAX_VALUE, search, steps);
        steps.ahead(bytes(generations));
        for (TakenGeneration each : generations) {
            each.read(steps, () -> log.add(each, each.file(), steps::read));
            if (search.isDecided()) {
                break;
            }
        }
        steps.end();
        boolean read =
                request.stop().kind() == StopPoint.Kind.LSN && request.stop().value() <= logEnd;
        if (!search.isDecided() && !read && live != null && live.fault() != null) {
            if (!request.acceptLoss()) {
                throw live.fault();
            }
            lost = live.fault();
        }
        judgePoint();
        judgeDatabases();
        generations.removeIf(each -> each.number() > Lsn.generation(search.limit()));
    }

    /** Where the log of the whole set ends, also what is not taken of it. */
    private long setEnd() {
        return all.get(all.size() - 1).end();
    }

    static long bytes(List<TakenGeneration> generations) {
        return generations.stream()
                .mapToLong(each -> each.generation().closingOffset())
                .sum();
    }

    private void judgePoint() {
        StopPoint stop = request.stop();
        if (!search.isFound()) {
            throw new NotFoundException(
                    QuireError.OBJECT_NOT_FOUND,
                    set.directory(),
                    "there is no restore point named '" + stop.name() + "' in the log; the last ones there are: "
                            + told(search.points().stream()
                                    .map(NamedPoint::name)
                                    .toList()),
                    null);
        }
        boolean tooLate = lost == null
                && switch (stop.kind()) {
                    case LSN -> stop.value() > Math.max(logEnd, setEnd());
                    case GENERATION -> stop.value() > Lsn.generation(logEnd);
                    case TIME -> stop.value() > timeMax();
                    case END, NAME -> false;
                };
        if (search.isTooEarly() || tooLate) {
            boolean whole = members.size() == all.size() && !search.isDecided();
            List<TakenGeneration> behind = live == null ? List.of() : live.generations();
            long end = Math.max(logEnd, setEnd());
            throw new QuireException(
                    QuireError.ENDING_RESTORE_LOG_TOO_LOW,
                    set.directory(),
                    text(stop) + " lies " + (tooLate ? "behind" : "before") + " what can be restored: "
                            + new RestorableRange(storage, set, behind, end, steps)
                                    .text(search.firstTimeMs(), whole ? search.lastTimeMs() : 0)
                            + (live == null && request.rollForward() != null
                                    ? ", and further with the log that is added"
                                    : ""),
                    null);
        }
    }

    /** No commit before that is missing: the log is all there is, or the last backup began then. */
    private long timeMax() {
        if (live != null) {
            return Long.MAX_VALUE;
        }
        return Math.max(search.lastTimeMs(), all.get(all.size() - 1).createdMs());
    }

    private static String text(StopPoint stop) {
        return switch (stop.kind()) {
            case LSN -> Lsn.toString(stop.value());
            case GENERATION -> "generation " + stop.value();
            case TIME -> RestorableRange.time(stop.value());
            case NAME -> "the restore point '" + stop.name() + '\'';
            case END -> "the end";
        };
    }

    private static String told(List<String> names) {
        int from = Math.max(0, names.size() - NAMES_TOLD);
        return names.subList(from, names.size()).toString();
    }

    private void judgeDatabases() {
        List<Attachment> attached = search.attached();
        List<String> names = attached.stream().map(Attachment::name).toList();
        Set<String> asked = new HashSet<>(request.only());
        asked.addAll(request.renamed().keySet());
        names.forEach(asked::remove);
        if (!asked.isEmpty()) {
            throw new NotFoundException(
                    QuireError.DATABASE_NOT_FOUND,
                    set.directory(),
                    "no database is attached there with the name " + told(List.copyOf(asked)) + "; there are "
                            + told(names),
                    null);
        }
        for (Attachment each : attached) {
            if (request.nameOf(each.name()) != null && !search.isWhole(each)) {
                throw new QuireException(
                        QuireError.ATTACHED_DATABASE_MISMATCH,
                        set.directory(),
                        "the database " + each.name() + " was attached at " + Lsn.toString(each.from())
                                + ", behind the full backup, which has no copy of it: stop before, or leave it out",
                        null);
            }
        }
        checkNames(search.all().stream().map(Attachment::name).collect(Collectors.toSet()));
    }

    private void checkNames(Set<String> names) {
        Set<String> given = new HashSet<>();
        for (String name : names) {
            String restored = request.nameOf(name);
            if (restored != null && !given.add(restored)) {
                throw new QuireException(
                        QuireError.DATABASE_DUPLICATE, "the log knows two databases that would be named " + restored);
            }
        }
    }

    /** The full or copy. */
    Manifest full() {
        return set.full();
    }

    /** What is to be told of a fault that was met in the files of the set. */
    QuireException judged(QuireException fault) {
        return set.judged(storage, backup, fault);
    }

    /** Where its files are. */
    BackupSet set() {
        return set;
    }

    /** Those of which something is taken. */
    List<String> memberIds() {
        int last = generations.get(generations.size() - 1).number();
        return members.stream()
                .filter(each -> each.generationLow() <= last)
                .map(Manifest::id)
                .toList();
    }

    /** Number of the next database of the stream, as far as the backups know. */
    int nextDatabaseId() {
        return members.get(members.size() - 1).nextDatabaseId();
    }

    /** The log, in order. */
    List<TakenGeneration> generations() {
        return generations;
    }

    /** The copies, but of databases that are gone there: another may have the name since. */
    List<Manifest.CopiedDatabase> databases() {
        return set.full().databases().stream()
                .filter(each -> request.nameOf(each.attachment().name()) != null)
                .filter(each -> request.isPlain()
                        || search.attached().stream()
                                .anyMatch(
                                        there -> there.id() == each.attachment().id()))
                .toList();
    }

    /** What recovery is to take of the log. */
    ReplayScope scope() {
        return request.isPlain() ? ReplayScope.ALL : new ReplayScope(search.limit(), request::nameOf);
    }

    /** Is to be shown the log that is restored, if {@link #look} has not done that. */
    Optional<StopSearch> unsearched() {
        return request.isPlain() ? Optional.of(search) : Optional.empty();
    }

    /** Where it ends, if it does not end with the log. */
    long reached(long end) {
        return request.stop().kind() == StopPoint.Kind.END ? end : search.reached();
    }

    /** Time of the last commit that counts. */
    long reachedTimeMs() {
        return search.reachedTimeMs();
    }

    /** Of the log that no backup has. */
    int rolledForward() {
        return (int) generations.stream().filter(each -> !each.ofSet()).count();
    }

    /** Attached there, and not restored. */
    List<String> leftOut() {
        return search.attached().stream()
                .map(Attachment::name)
                .filter(name -> request.nameOf(name) == null)
                .toList();
    }

    /** From where on log is lost; 0 if none is. */
    long lostFrom() {
        return lost == null ? Lsn.NONE : logEnd;
    }

    /** Why. */
    String lost() {
        return lost == null ? "" : lost.getMessage();
    }

    /** What it takes on the disk: databases with their free pages, log in files of full size. */
    long neededBytes() {
        return Room.ofRestore(databases(), generations.size(), full().generationBytes());
    }

    RestorePlan plan() {
        List<Manifest.CopiedDatabase> copies = databases();
        long bytes =
                copies.stream().mapToLong(Manifest.CopiedDatabase::usedBytes).sum();
        bytes += bytes(generations);
        List<String> ids = memberIds();
        return new RestorePlan(
                full().id(),
                ids,
                search.attached().stream()
                        .map(each -> request.nameOf(each.name()))
                        .filter(name -> name != null)
                        .toList(),
                leftOut(),
                ids.size() + 2 * copies.size() + generations.size(),
                bytes,
                neededBytes(),
                full().consistentFrom(),
                search.firstTimeMs(),
                logEnd,
                search.lastTimeMs(),
                rolledForward(),
                reached(logEnd),
                search.reachedTimeMs(),
                lostFrom(),
                lost(),
                search.points());
    }
}

package dev.quire.backup;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quire.Instance;
import dev.quire.durable.BackupKind;
import dev.quire.io.QuireError;
import dev.quire.io.log.Lsn;
import dev.quire.io.page.DatabaseHeader;
import dev.quire.io.sim.SimDisk;
import dev.quire.pages.DatabasePages;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * What an instance and its backups must be after a history, by the rules of BACKUP.md and not by the code: every state
 * of every log stream, what each database knows of its chain, and what is published where.
 */
final class HistoryModel {

    static final int NEVER = Integer.MAX_VALUE;

    /** A state: behind which record of the log it holds, and by which operations it was begun and is on the medium. */
    record Moment(
            long position, long timeMs, String point, Contents contents, Contents away, int begun, int acknowledged) {}

    /** What a database knows of its chain: last generations of the full, and of what the next incremental follows. */
    record Known(int full, int last) {

        static final Known NOTHING = new Known(0, 0);
    }

    /** A published backup; {@code births} says which databases it holds. Unsure: its name may not be on the medium. */
    record Member(String id, BackupKind kind, int high, long end, Map<String, Long> births, boolean sure) {}

    /** A set of which the log is that of a stream. */
    record Stored(Stream stream, List<Member> members) {

        Member full() {
            return members.get(0);
        }

        int lastOfChain() {
            return members.stream()
                    .filter(each -> each.kind() != BackupKind.DIFFERENTIAL)
                    .mapToInt(Member::high)
                    .max()
                    .orElseThrow();
        }

        Set<String> ids() {
            return members.stream().map(Member::id).collect(Collectors.toSet());
        }

        Stored sure() {
            return new Stored(
                    stream,
                    members.stream()
                            .map(each -> new Member(each.id, each.kind, each.high, each.end, each.births, true))
                            .toList());
        }
    }

    /** A directory for backups. */
    static final class Place {

        final Path path;
        final boolean atomic;
        /** Null if nothing is published there. */
        Stored stored;
        /** What a power cut may bring back, as long as the names of what took its place were not forced. */
        Stored fallback;

        Place(Path path, boolean atomic) {
            this.path = path;
            this.atomic = atomic;
        }

        @Override
        public String toString() {
            return path.getFileName() + (stored == null ? " (nothing)" : "");
        }
    }

    /** A database was attached between these positions, which came with its file and not out of the log. */
    record Visit(String name, long from, long until) {}

    /** One log stream, of the first instance or of one that came out of a restore. */
    static final class Stream {

        final List<Moment> moments = new ArrayList<>();
        final List<Visit> visits = new ArrayList<>();
        /** The highest generation that began while logging was circular. */
        int circularUpTo;

        Moment last() {
            return moments.get(moments.size() - 1);
        }

        void gone(String name, long position) {
            visits.replaceAll(each -> each.name.equals(name) && each.until == Long.MAX_VALUE
                    ? new Visit(name, each.from, position)
                    : each);
        }

        /** Databases that are there at a position, and of which a backup that began at {@code mark} has no copy. */
        Set<String> foreign(long mark, long position) {
            return visits.stream()
                    .filter(each -> each.from > mark && each.from <= position && each.until > position)
                    .map(Visit::name)
                    .collect(Collectors.toSet());
        }

        Contents at(long position) {
            Contents found = null;
            for (Moment each : moments) {
                found = each.position() <= position ? each.contents() : found;
            }
            return found;
        }
    }

    final List<Place> places = new ArrayList<>();
    Stream stream = new Stream();
    Map<String, Known> known = new TreeMap<>();
    Map<String, Long> births = new HashMap<>();
    boolean circular;

    // ------------------------------------------------------------------ the instance

    /** Another stream begins, of what a restore has made. */
    void begin(Contents contents, long position) {
        stream = new Stream();
        known = new TreeMap<>();
        births = new HashMap<>();
        for (String name : contents.names()) {
            known.put(name, Known.NOTHING);
            births.put(name, 0L);
        }
        stream.moments.add(new Moment(position, 0, "", contents, new Contents(), 0, 0));
    }

    void startTrace() {
        stream.moments.replaceAll(each -> new Moment(
                each.position,
                each.timeMs,
                each.point,
                each.contents,
                each.away,
                0,
                each.acknowledged == NEVER ? NEVER : 0));
    }

    /** Everything up to a position of the log is on the medium. */
    void acknowledge(int now, long durable) {
        stream.moments.replaceAll(each -> each.acknowledged != NEVER || each.position > durable
                ? each
                : new Moment(each.position, each.timeMs, each.point, each.contents, each.away, each.begun, now));
    }

    /** The log ends here after a crash before operation {@code crash}. */
    void cut(long end, int crash) {
        for (Moment each : List.copyOf(stream.moments)) {
            if (each.position <= end) {
                assertTrue(each.begun <= crash, () -> "holds what came later: " + Lsn.toString(each.position));
            } else {
                assertTrue(
                        each.acknowledged > crash,
                        () -> "has lost what was acknowledged: " + Lsn.toString(each.position) + " of "
                                + Lsn.toString(end));
                stream.moments.remove(each);
            }
        }
        stream.visits.removeIf(each -> each.from > end);
        stream.visits.replaceAll(each -> each.until > end ? new Visit(each.name, each.from, Long.MAX_VALUE) : each);
    }

    // ------------------------------------------------------------------ rules

    /** What the headers know when a backup has looked at a place: also what was published there unknown to them. */
    Map<String, Known> late(Place place) {
        Map<String, Known> late = new TreeMap<>(known);
        if (place.stored == null || place.stored.stream != stream) {
            return late;
        }
        Member full = place.stored.full();
        place.stored.members.stream()
                .sorted(Comparator.comparingInt(Member::high))
                .forEach(each -> late.replaceAll((name, now) -> {
                    boolean holds = births.get(name).equals(each.births.get(name));
                    if (each.kind == BackupKind.FULL && holds && now.last < each.high) {
                        return new Known(each.high, each.high);
                    }
                    boolean follows = each.kind == BackupKind.INCREMENTAL && now.full == full.high;
                    return follows && now.last < each.high ? new Known(now.full, each.high) : now;
                }));
        return late;
    }

    /** Whether log may have gone that says of backups, or was written while logging was circular. */
    boolean wasCircular() {
        return circular || stream.circularUpTo > 0;
    }

    /** With what a full or a copy must be refused; nothing if it must succeed. */
    Set<QuireError> refusals(BackupKind kind, Place place) {
        if (place.stored == null
                || place.atomic && !(kind == BackupKind.COPY && place.stored.full().kind == BackupKind.FULL)) {
            return Set.of();
        }
        return Set.of(QuireError.BACKUP_DIRECTORY_NOT_EMPTY);
    }

    /** The same of an incremental or a differential; {@code there} says whether the directory is. */
    Set<QuireError> refusalsBehind(Place place, boolean there, boolean pulled) {
        if (circular) {
            return Set.of(QuireError.INVALID_BACKUP);
        }
        if (place.stored == null && !pulled) {
            return Set.of(there ? QuireError.MISSING_FULL_BACKUP : QuireError.INVALID_PATH);
        }
        Map<String, Known> late = late(place);
        Set<Known> different = Set.copyOf(late.values());
        if (different.contains(Known.NOTHING) || different.size() > 1) {
            return !wasCircular() || late.equals(known)
                    ? Set.of(QuireError.MISSING_FULL_BACKUP)
                    : EnumSet.of(QuireError.MISSING_FULL_BACKUP, QuireError.INVALID_BACKUP);
        }
        Known base = different.iterator().next();
        if (base.last < stream.circularUpTo) {
            return EnumSet.of(
                    QuireError.INVALID_BACKUP, QuireError.MISSING_FILE_TO_BACKUP, QuireError.MISSING_FULL_BACKUP);
        }
        if (place.stored == null) {
            return Set.of(QuireError.MISSING_FULL_BACKUP);
        }
        Stored stored = place.stored;
        boolean goesOn = stored.stream == stream
                && stored.full().kind == BackupKind.FULL
                && stored.full().high == base.full
                && stored.lastOfChain() == base.last;
        return goesOn ? Set.of() : Set.of(QuireError.INVALID_BACKUP);
    }

    /** A backup was taken and is known, and everything of its place is on the medium. */
    void taken(Place place, Member member) {
        List<Member> members = new ArrayList<>();
        if (!member.kind.hasPages()) {
            members.addAll(place.stored.members);
        }
        members.add(member);
        place.stored = new Stored(stream, members).sure();
        place.fallback = null;
        if (member.kind == BackupKind.FULL) {
            known.replaceAll(
                    (name, now) -> member.births.containsKey(name) ? new Known(member.high, member.high) : now);
        } else if (member.kind == BackupKind.INCREMENTAL) {
            known.replaceAll(
                    (name, now) -> now.full == place.stored.full().high ? new Known(now.full, member.high) : now);
        }
    }

    /** What a backup with that last generation holds. */
    Map<String, Long> births(int high) {
        Map<String, Long> held = new HashMap<>(births);
        held.values().removeIf(birth -> Lsn.generation(birth) > high);
        return held;
    }

    /** Up to which generation log may be gone, exclusive. */
    static int releasable(Map<String, Known> known) {
        return known.values().stream().mapToInt(Known::last).min().orElse(0) + 1;
    }

    // ------------------------------------------------------------------ what is there

    /** What the headers say. */
    static Map<String, Known> headers(Instance instance) {
        Map<String, Known> found = new TreeMap<>();
        for (DatabasePages database : instance.engine().databases()) {
            DatabaseHeader header = database.file().header();
            int full = header.full().generationHigh();
            found.put(
                    database.name(),
                    new Known(full, Math.max(full, header.incremental().generationHigh())));
        }
        return found;
    }

    /**
     * Looks at a place after a crash: everything that was sure must be there, and one more at most, the backup of kind
     * {@code under} that was being taken. Afterwards the model has what is there.
     */
    void look(SimDisk disk, Place place, Stored before, BackupKind under, Stream of, boolean powerCut) {
        if (BackupSet.find(disk, place.path).isEmpty()) {
            assertTrue(before == null || before.members.stream().noneMatch(Member::sure), place + " is lost");
            place.stored = null;
            return;
        }
        List<Manifest> found = BackupSet.read(disk, place.path).members();
        String full = found.stream()
                .filter(each -> each.kind().hasPages())
                .findFirst()
                .orElseThrow()
                .id();
        Stored base = before;
        if (base == null || !base.full().id.equals(full)) {
            base = place.fallback != null && place.fallback.full().id.equals(full) ? place.fallback : null;
        }
        boolean replaced = base == null;
        assertTrue(!replaced || under != null && under.hasPages(), () -> place + " holds another set: " + full);
        assertTrue(!replaced || before == null || place.atomic, () -> place + " has lost its set and holds another");
        Map<String, Member> before1 = new HashMap<>();
        if (!replaced) {
            base.members.forEach(each -> before1.put(each.id, each));
        }
        List<Member> members = new ArrayList<>();
        int unknown = 0;
        for (Manifest each : found) {
            Member was = before1.remove(each.id());
            unknown += was == null ? 1 : 0;
            assertTrue(was != null || each.kind() == under, () -> place + " holds something else: " + each.kind());
            Map<String, Long> held = was == null ? births(each.generationHigh()) : was.births;
            members.add(new Member(
                    each.id(),
                    each.kind(),
                    each.generationHigh(),
                    each.end(),
                    held,
                    powerCut || was != null && was.sure));
        }
        assertTrue(unknown <= 1, () -> place + " holds more than was taken");
        before1.values().forEach(lost -> assertTrue(!lost.sure, () -> place + " has lost the " + lost.kind));
        place.fallback = powerCut ? null : replaced ? before : place.fallback;
        place.stored = new Stored(replaced ? of : base.stream, members);
    }
}

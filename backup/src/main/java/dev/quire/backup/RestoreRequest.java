package dev.quire.backup;

import dev.quire.durable.Label;
import dev.quire.durable.Names;
import dev.quire.durable.StopPoint;
import dev.quire.io.Progress;
import dev.quire.io.QuireError;
import dev.quire.io.QuireException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * What is asked of a restore: drafted, then concluded once, and from then on the same for everybody who looks at it.
 *
 * <pre>{@code
 * RestoreRequest request = RestoreRequest.of(backup).to(directory).untilTime(moment).only("orders").conclude();
 * RestorePlan plan = Restore.plan(storage, request);
 * RestoreReport report = Restore.run(storage, request);
 * }</pre>
 */
public final class RestoreRequest {

    private static final Instant TIME_MIN = Instant.EPOCH;
    private static final Instant TIME_MAX = Instant.ofEpochMilli(Long.MAX_VALUE);

    private final Path backup;
    private final Path target;
    private final StopPoint stop;
    private final Set<String> only;
    private final Map<String, String> renamed;
    private final Path rollForward;
    private final boolean acceptLoss;
    private final Progress progress;

    private RestoreRequest(Draft draft) {
        this.backup = draft.backup;
        this.target = draft.target;
        this.stop = draft.stop;
        this.only = Set.copyOf(draft.only);
        this.renamed = Map.copyOf(draft.renamed);
        this.rollForward = draft.rollForward;
        this.acceptLoss = draft.acceptLoss;
        this.progress = draft.progress;
    }

    /** A request that is not concluded yet. Not thread-safe. */
    public static final class Draft {

        private final Path backup;
        private Path target;
        private StopPoint stop = StopPoint.END;
        private boolean stoppedTwice;
        private final Set<String> only = new LinkedHashSet<>();
        private final Map<String, String> renamed = new LinkedHashMap<>();
        private boolean renamedTwice;
        private Path rollForward;
        private boolean acceptLoss;
        private Progress progress = Progress.NONE;

        private Draft(Path backup) {
            this.backup = backup;
        }

        /** An empty directory, or a name for one in an existing directory. A plan needs none. */
        public Draft to(Path directory) {
            target = Objects.requireNonNull(directory, "directory");
            return this;
        }

        /** Stops behind the last commit that ends at or before a position in the log. */
        public Draft untilLsn(long lsn) {
            return until(new StopPoint(StopPoint.Kind.LSN, lsn, ""));
        }

        /** Stops at the end of a generation of the log. */
        public Draft untilGeneration(int generation) {
            return until(new StopPoint(StopPoint.Kind.GENERATION, generation, ""));
        }

        /** Stops behind the last commit at or before a moment, by the clock of the instance; in milliseconds. */
        public Draft untilTime(Instant moment) {
            long ms = moment.isBefore(TIME_MIN) || moment.isAfter(TIME_MAX) ? 0 : moment.toEpochMilli();
            return until(new StopPoint(StopPoint.Kind.TIME, ms, ""));
        }

        /** Stops behind the commit that left the restore point of that name; the last one if several did. */
        public Draft untilName(String name) {
            return until(new StopPoint(StopPoint.Kind.NAME, 0, Objects.requireNonNull(name, "name")));
        }

        private Draft until(StopPoint point) {
            stoppedTwice |= !stop.equals(StopPoint.END);
            stop = point;
            return this;
        }

        /** Restores this database, and no other that is not named so as well. Without this all are restored. */
        public Draft only(String database) {
            only.add(Objects.requireNonNull(database, "database"));
            return this;
        }

        /** Gives a database another name, which is also that of its file. */
        public Draft rename(String database, String to) {
            Objects.requireNonNull(to, "to");
            renamedTwice |= renamed.put(Objects.requireNonNull(database, "database"), to) != null;
            return this;
        }

        /**
         * Goes on behind the backups with the log of the instance that they are of: its directory, or that of its log
         * alone. It may be running.
         */
        public Draft rollForward(Path instance) {
            rollForward = Objects.requireNonNull(instance, "instance");
            return this;
        }

        /**
         * Whether it may end where the log of {@link #rollForward} cannot be read any further; the report says what was
         * lost. Never about what is in the backups.
         */
        public Draft acceptLoss(boolean on) {
            acceptLoss = on;
            return this;
        }

        /** Who is told how far it is, and may end it. */
        public Draft progress(Progress listener) {
            progress = Objects.requireNonNull(listener, "listener");
            return this;
        }

        /**
         * Judges all of it together.
         *
         * @throws QuireException {@code INVALID_GRBIT} if options contradict one another; {@code INVALID_PARAMETER} if
         *     a point to stop at or the name of a database cannot be one
         */
        public RestoreRequest conclude() {
            if (stoppedTwice || renamedTwice) {
                throw contradiction(stoppedTwice ? "more than one point to stop at" : "two names for one database");
            }
            if (acceptLoss && rollForward == null) {
                throw contradiction("loss can be accepted only of log behind the backups, and none is given");
            }
            if (!only.isEmpty() && !only.containsAll(renamed.keySet())) {
                throw contradiction("a database is renamed that is not restored");
            }
            checkStop();
            only.forEach(name -> checkName("database to restore (only, --only)", name));
            Set<String> names = new HashSet<>();
            renamed.forEach((from, to) -> {
                checkName("database to rename (rename, --map)", from);
                checkName("new name (rename, --map) of the database " + from, to);
                require(
                        names.add(to),
                        "new name (rename, --map) of the database " + from + ", " + to + ": another one gets it, too");
            });
            return new RestoreRequest(this);
        }

        private void checkStop() {
            long value = stop.value();
            String name = stop.name();
            switch (stop.kind()) {
                case LSN -> require(value > 0, "position to stop at: expected one of a log, found " + value);
                case GENERATION -> require(value > 0, "generation to stop at: expected 1 or more, found " + value);
                case TIME ->
                    require(
                            value > 0,
                            "moment to stop at: expected one behind " + TIME_MIN + " that milliseconds can count");
                case NAME ->
                    require(
                            !name.isEmpty() && Label.isOne(name),
                            "restore point to stop at: " + (name.isEmpty() ? "its name is empty" : Label.fault(name)));
                default -> require(stop.kind() == StopPoint.Kind.END, "kind=" + stop.kind());
            }
        }

        private static void checkName(String what, String name) {
            require(Names.isDatabaseName(name), what + ": expected " + Names.DATABASE_RULE + "; found '" + name + '\'');
        }

        private static void require(boolean holds, String what) {
            if (!holds) {
                throw new QuireException(QuireError.INVALID_PARAMETER, what);
            }
        }

        private static QuireException contradiction(String what) {
            return new QuireException(QuireError.INVALID_GRBIT, what);
        }
    }

    /** Begins a request for a restore of what was published in a directory. */
    public static Draft of(Path backup) {
        return new Draft(Objects.requireNonNull(backup, "backup"));
    }

    /** Where the backups are. */
    public Path backup() {
        return backup;
    }

    /** What is to become an instance; null in a request that can only be planned. */
    public Path target() {
        return target;
    }

    /** Where it ends. */
    public StopPoint stop() {
        return stop;
    }

    /** The databases that are restored; empty for all. */
    public Set<String> only() {
        return only;
    }

    /** Those that get another name, and that name. */
    public Map<String, String> renamed() {
        return renamed;
    }

    /** The instance whose log is added, or the directory of that log; null for none. */
    public Path rollForward() {
        return rollForward;
    }

    /** Whether log behind the backups may be lost. */
    public boolean acceptLoss() {
        return acceptLoss;
    }

    /** Who is told. */
    public Progress progress() {
        return progress;
    }

    /** The name under which a database comes back; null if it is left out. */
    String nameOf(String database) {
        return only.isEmpty() || only.contains(database) ? renamed.getOrDefault(database, database) : null;
    }

    /** Whether everything in the set is restored, up to its end and as it is: nothing has to be looked for. */
    boolean isPlain() {
        return stop.kind() == StopPoint.Kind.END && only.isEmpty() && renamed.isEmpty() && rollForward == null;
    }
}

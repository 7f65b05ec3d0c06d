package dev.quire.backup;

import dev.quire.durable.BackupKind;
import dev.quire.durable.Label;
import dev.quire.io.InUseException;
import dev.quire.io.Progress;
import dev.quire.io.QuireError;
import dev.quire.io.QuireException;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;

/**
 * What is asked of a backup: drafted, then concluded once, and from then on the same for everybody who looks at it. It
 * can be run again and again, by one thread at a time: its progress would not know of which backup it is told.
 *
 * <pre>{@code
 * BackupRequest request = BackupRequest.of(BackupKind.INCREMENTAL).to(directory).label("nightly").conclude();
 * BackupReport report = Backup.run(instance, request);
 * }</pre>
 */
public final class BackupRequest {

    private final BackupKind kind;
    private final Path destination;
    private final boolean atomic;
    private final boolean createPathIfNotExist;
    private final String label;
    private final Progress progress;
    private final AtomicBoolean running = new AtomicBoolean();

    private BackupRequest(Draft draft) {
        this.kind = draft.kind;
        this.destination = draft.destination;
        this.atomic = draft.atomic;
        this.createPathIfNotExist = draft.createPathIfNotExist;
        this.label = draft.label;
        this.progress = draft.progress;
    }

    /** A request that is not concluded yet. Not thread-safe. */
    public static final class Draft {

        private final BackupKind kind;
        private Path destination;
        private boolean atomic;
        private boolean createPathIfNotExist;
        private String label = "";
        private Progress progress = Progress.NONE;

        private Draft(BackupKind kind) {
            this.kind = kind;
        }

        /**
         * The directory that the backup goes to: an empty one, for an incremental or a differential the one with what
         * it builds on. Without one only {@link BackupKind#TRUNCATE_ONLY} is possible.
         */
        public Draft to(Path directory) {
            destination = Objects.requireNonNull(directory, "directory");
            return this;
        }

        /**
         * Whether the directory keeps the backup that is in it until the new one is complete, and then has that one in
         * its place. Both stand below it, in {@code new} and, while they change, {@code ID.old}; an incremental or
         * differential goes to the one in {@code new}.
         */
        public Draft atomic(boolean on) {
            atomic = on;
            return this;
        }

        /** Whether a directory that is missing is made, with those above it that are. */
        public Draft createPathIfNotExist(boolean on) {
            createPathIfNotExist = on;
            return this;
        }

        /** Some words for people, in the manifest: at most 128 characters, none of which controls anything. */
        public Draft label(String words) {
            label = Objects.requireNonNull(words, "words");
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
         *     the destination is missing or the label cannot be one
         */
        public BackupRequest conclude() {
            boolean nowhere = kind == BackupKind.TRUNCATE_ONLY;
            if (nowhere && (destination != null || atomic || createPathIfNotExist || !label.isEmpty())) {
                throw new QuireException(
                        QuireError.INVALID_GRBIT,
                        "kind=" + kind.word() + " copies nothing: no destination, and no option that is about one");
            }
            if (!nowhere && destination == null) {
                throw new QuireException(QuireError.INVALID_PARAMETER, "kind=" + kind.word() + " needs a destination");
            }
            if (!Label.isOne(label)) {
                throw new QuireException(QuireError.INVALID_PARAMETER, "label: " + Label.fault(label));
            }
            return new BackupRequest(this);
        }
    }

    /** Begins a request for a backup of that kind. */
    public static Draft of(BackupKind kind) {
        return new Draft(Objects.requireNonNull(kind, "kind"));
    }

    /**
     * Runs a task while nobody else runs one for this request.
     *
     * @throws InUseException {@code SESSION_SHARING_VIOLATION}
     */
    <T> T alone(Supplier<T> task) {
        if (!running.compareAndSet(false, true)) {
            throw new InUseException(
                    QuireError.SESSION_SHARING_VIOLATION, destination, "another thread runs this request", null);
        }
        try {
            return task.get();
        } finally {
            running.set(false);
        }
    }

    /** What is to be taken. */
    public BackupKind kind() {
        return kind;
    }

    /** Where it goes; null for {@link BackupKind#TRUNCATE_ONLY}. */
    public Path destination() {
        return destination;
    }

    /** Whether an earlier backup there stays until this one is complete. */
    public boolean atomic() {
        return atomic;
    }

    /** Whether missing directories are made. */
    public boolean createPathIfNotExist() {
        return createPathIfNotExist;
    }

    /** Words for people; empty if there are none. */
    public String label() {
        return label;
    }

    /** Who is told. */
    public Progress progress() {
        return progress;
    }
}

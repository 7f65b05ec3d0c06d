package dev.quire.backup;

import dev.quire.durable.BackupKind;
import dev.quire.durable.Label;
import dev.quire.io.OperationEvent;
import dev.quire.io.QuireError;
import dev.quire.io.QuireException;
import java.time.Duration;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * What is asked of an external backup. Immutable; each method answers a request that differs in one thing.
 *
 * @param kind what is taken. A {@link BackupKind#FULL} that never allows log to go is a copy, an {@link
 *     BackupKind#INCREMENTAL} a differential; who asks for those at once gets a copy without the log that only a full
 *     needs
 * @param behind what an incremental or a differential is added to: the set with all manifests that the caller has
 *     stored; null for the other kinds
 * @param label words for people, in the manifest; may be empty
 * @param lease how long nobody may call before the instance may take the backup for abandoned; at most a day
 * @param atomic out of use since Windows XP, and refused
 * @param listener who is told what happens
 */
public record ExternalRequest(
        BackupKind kind,
        BackupSet behind,
        String label,
        Duration lease,
        boolean atomic,
        Consumer<OperationEvent> listener) {

    private static final Duration LEASE = Duration.ofMinutes(5);
    private static final Duration LEASE_MAX = Duration.ofDays(1);

    /** Judged when a backup begins with it. */
    public ExternalRequest {
        Objects.requireNonNull(kind, "kind");
        Objects.requireNonNull(label, "label");
        Objects.requireNonNull(lease, "lease");
        Objects.requireNonNull(listener, "listener");
    }

    /** Of that kind, behind nothing, with a lease of five minutes. */
    public static ExternalRequest of(BackupKind kind) {
        return new ExternalRequest(kind, null, "", LEASE, false, event -> {});
    }

    /**
     * Adds to that set, of which {@link BackupSet#read} needs nothing but the manifests. What is in it counts as
     * stored: its names must be on the medium.
     */
    public ExternalRequest behind(BackupSet set) {
        return new ExternalRequest(kind, set, label, lease, atomic, listener);
    }

    /** At most 128 characters, none of which controls anything. */
    public ExternalRequest label(String words) {
        return new ExternalRequest(kind, behind, words, lease, atomic, listener);
    }

    /** By the clock of the instance. */
    public ExternalRequest lease(Duration idle) {
        return new ExternalRequest(kind, behind, label, idle, atomic, listener);
    }

    /** For those who know the flag. */
    public ExternalRequest atomic(boolean on) {
        return new ExternalRequest(kind, behind, label, lease, on, listener);
    }

    /**
     * Who is told what happens, each step with ESE's number, behind the log of the system; {@link ExternalBackup} says
     * what he may do then, and what becomes of what he throws.
     */
    public ExternalRequest listener(Consumer<OperationEvent> told) {
        return new ExternalRequest(kind, behind, label, lease, atomic, told);
    }

    void check() {
        if (atomic || kind == BackupKind.TRUNCATE_ONLY) {
            String what = atomic ? "atomic: the caller decides how he stores it" : "kind=" + kind.word();
            throw new QuireException(QuireError.INVALID_GRBIT, "an external backup cannot be " + what);
        }
        require(Label.isOne(label), "label: " + Label.fault(label));
        require(!lease.isNegative() && !lease.isZero() && lease.compareTo(LEASE_MAX) <= 0, "lease=" + lease);
        require(behind == null || kind.buildsOnAnother(), "kind=" + kind.word() + " behind a set");
    }

    private static void require(boolean holds, String what) {
        if (!holds) {
            throw new QuireException(QuireError.INVALID_PARAMETER, "cannot be: " + what);
        }
    }
}

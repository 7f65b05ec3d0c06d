package dev.quire.durable;

import java.util.function.UnaryOperator;

/**
 * What recovery takes of a log: all of it, or, for a restore, what lies before a position and concerns some of the
 * databases. The rest of the log is as if it had never been written.
 *
 * @param limit records from here on do not count; behind a commit, or behind a record that stands for itself
 * @param names the name under which a database comes back, by its name in the log; null for one that is left out
 */
public record ReplayScope(long limit, UnaryOperator<String> names) {

    /** The whole log, as it stands. */
    public static final ReplayScope ALL = new ReplayScope(Long.MAX_VALUE, name -> name);

    boolean counts(long lsn) {
        return lsn < limit;
    }

    /** How a database comes back; null if it is left out. */
    public Attachment of(Attachment logged) {
        String name = names.apply(logged.name());
        return name == null ? null : logged.named(name);
    }
}

package dev.quire.durable;

/**
 * Where a restore is to end: with the last commit at or before this.
 *
 * @param kind what it is measured by
 * @param value number of a generation, which counts as a whole; position in the log; or milliseconds since 1970
 * @param name of a restore point
 */
public record StopPoint(Kind kind, long value, String name) {

    /** What a point is measured by. */
    public enum Kind {
        /** The end of the log. */
        END,
        /** The end of a generation. */
        GENERATION,
        /** A position in the log. */
        LSN,
        /** The time of a commit. */
        TIME,
        /** A restore point that a transaction left. */
        NAME
    }

    /** The end of the log. */
    public static final StopPoint END = new StopPoint(Kind.END, 0, "");
}

package dev.quire.io;

import java.lang.System.Logger.Level;
import java.util.Locale;

/**
 * What can happen in a long operation, by the numbers under which the Extensible Storage Engine tells it, and how much
 * it matters: beginnings and ends are for information, a step is for who looks closely, what went wrong is a warning,
 * and an operation that failed an error.
 */
public enum EventKind {
    /** A restore begins. */
    RESTORE_STARTED(204, Level.INFO),
    /** The restored instance has its name. */
    RESTORE_DONE(205, Level.INFO),
    /** A full or a copy begins. */
    FULL_STARTED(210, Level.INFO),
    /** An incremental or a differential begins. */
    INCREMENTAL_STARTED(211, Level.INFO),
    /** A backup, or a truncation by itself, has done what it was to do. */
    BACKUP_DONE(213, Level.INFO),
    /** A backup has failed. */
    BACKUP_FAILED(214, Level.ERROR),
    /** A backup ended because its caller wanted that. */
    BACKUP_CANCELLED(215, Level.WARNING),
    /** A database has pages that are bad. */
    DATABASE_FAILED(217, Level.ERROR),
    /** A file cannot be read, or what was read does not verify. */
    READ_FAILED(218, Level.ERROR),
    /** There is a backup, and the headers of the databases do not all know of it. */
    HEADERS_NOT_STAMPED(219, Level.ERROR),
    /** A file begins to be copied, or to be verified. */
    FILE_STARTED(220, Level.DEBUG),
    /** It is, to its end; or a part of it, as far as was wanted. */
    FILE_DONE(221, Level.DEBUG),
    /** It is not: something ended it before. */
    FILE_UNFINISHED(222, Level.WARNING),
    /** The generations of the log that are to be copied. */
    LOG_RANGE(223, Level.DEBUG),
    /** Log that nobody needs any more is gone. */
    LOG_TRUNCATED(224, Level.INFO),
    /** No log could go. */
    LOG_KEPT(225, Level.INFO),
    /** A backup ended because the instance wanted that. */
    BACKUP_STOPPED(226, Level.WARNING),
    /** The recovery of an instance that was not closed begins. */
    REDO_STARTED(300, Level.INFO),
    /** A generation of the log is read. */
    REDO_GENERATION(301, Level.DEBUG),
    /** The instance is as its last commit left it. */
    REDO_DONE(302, Level.INFO),
    /** A restore or a recovery has failed. */
    RESTORE_FAILED(454, Level.ERROR),
    /** Pages verified only when they were read a second time. */
    READ_TWICE(493, Level.WARNING);

    private final int number;
    private final Level level;

    EventKind(int number, Level level) {
        this.number = number;
        this.level = level;
    }

    /** The number that the Extensible Storage Engine gives it. */
    public int number() {
        return number;
    }

    /** How it is logged. */
    public Level level() {
        return level;
    }

    /** The name in small letters, with spaces. */
    public String words() {
        return name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
}

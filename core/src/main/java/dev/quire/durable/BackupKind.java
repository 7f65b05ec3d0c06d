package dev.quire.durable;

import dev.quire.io.page.BackupStamp;
import dev.quire.io.page.DatabaseHeader;
import java.util.Locale;

/**
 * What a backup takes, and what it changes of the instance. A chain begins with a full and goes on with incrementals;
 * a copy and a differential are read like the one and the other, and leave the chain, the log and what the next
 * incremental follows as they were.
 */
public enum BackupKind {
    /** Pages and log; begins a chain, and log that is in it may go. */
    FULL(true, true),
    /** The log since the last full or incremental, which then may go. */
    INCREMENTAL(false, true),
    /** The log since the last full or incremental; nothing follows it, and no log goes for it. */
    DIFFERENTIAL(false, false),
    /** Pages and log, beside the chain; no log goes for it. */
    COPY(true, false),
    /** Nothing is copied: log goes that may go anyway. */
    TRUNCATE_ONLY(false, true);

    private final boolean pages;
    private final boolean truncating;

    BackupKind(boolean pages, boolean truncating) {
        this.pages = pages;
        this.truncating = truncating;
    }

    /** Whether it holds pages, and so can be restored by itself. */
    public boolean hasPages() {
        return pages;
    }

    /** Whether it holds log alone, and is worth something only behind what it builds on. */
    public boolean buildsOnAnother() {
        return this == INCREMENTAL || this == DIFFERENTIAL;
    }

    /** Whether log may go when it is done, and the next incremental follows it. */
    public boolean isTruncating() {
        return truncating;
    }

    /** What it is if log stays all the same. */
    public BackupKind withoutTruncation() {
        return switch (this) {
            case FULL, COPY -> COPY;
            case INCREMENTAL, DIFFERENTIAL -> DIFFERENTIAL;
            case TRUNCATE_ONLY -> throw new IllegalStateException("kind=" + this);
        };
    }

    /** As manifests, notes in the log and the command line call it. */
    public String word() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** What a header knows of the last backup of this kind. */
    BackupStamp last(DatabaseHeader header) {
        return switch (this) {
            case FULL -> header.full();
            case INCREMENTAL -> header.incremental();
            case DIFFERENTIAL -> header.differential();
            case COPY -> header.copy();
            case TRUNCATE_ONLY -> BackupStamp.NONE;
        };
    }

    /** The header with a backup of this kind; a full makes it forget what built on the one before. */
    DatabaseHeader stamp(DatabaseHeader header, BackupStamp stamp) {
        return switch (this) {
            case FULL ->
                header.withFull(stamp).withIncremental(BackupStamp.NONE).withDifferential(BackupStamp.NONE);
            case INCREMENTAL -> header.withIncremental(stamp);
            case DIFFERENTIAL -> header.withDifferential(stamp);
            case COPY -> header.withCopy(stamp);
            case TRUNCATE_ONLY -> header;
        };
    }
}

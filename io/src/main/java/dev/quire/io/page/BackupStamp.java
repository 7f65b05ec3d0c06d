package dev.quire.io.page;

/**
 * What a database header remembers of one backup.
 *
 * @param mark the LSN at which the backup began; 0 means there was none
 * @param timeMs when it began, in milliseconds since 1970
 * @param generationLow the first log generation it holds
 * @param generationHigh the last one; 0 while it is not known yet
 */
public record BackupStamp(long mark, long timeMs, int generationLow, int generationHigh) {

    /** No backup. */
    public static final BackupStamp NONE = new BackupStamp(0, 0, 0, 0);

    /** Whether there was a backup. */
    public boolean isPresent() {
        return mark != 0;
    }
}

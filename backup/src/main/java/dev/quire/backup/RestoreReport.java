package dev.quire.backup;

import java.util.List;

/**
 * What a restore did.
 *
 * @param id identity of the backup that was restored
 * @param databases names of the databases
 * @param bytes bytes copied
 * @param commits transactions replayed
 * @param records records that changed a page
 * @param end position in the backup's log that was reached
 * @param nanos how long it took
 */
public record RestoreReport(
        String id, List<String> databases, long bytes, long commits, long records, long end, long nanos) {}

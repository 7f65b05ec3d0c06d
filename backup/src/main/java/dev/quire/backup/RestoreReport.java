package dev.quire.backup;

import dev.quire.durable.Mended;
import java.util.List;

/**
 * What a restore did.
 *
 * @param id identity of the full or copy that was restored
 * @param members identities of all backups that were taken, that one first
 * @param databases names of the databases; what was detached or dropped by the end is not there
 * @param bytes bytes copied
 * @param commits transactions replayed
 * @param records records that changed a page
 * @param end position in the log that was reached
 * @param timeMs time of the last commit before it, milliseconds since 1970; 0 if the log has none
 * @param rolledForward generations of the log that no backup has
 * @param leftOut names of databases that were attached there and were not to be restored
 * @param lostFrom from where on log was lost, as it was accepted; 0 if none was
 * @param lost why it could not be read; empty if nothing was lost
 * @param nanos how long it took
 * @param mended what does not verify in the backup and is not lost: copies of headers, each beside a good one; pages
 *     that the log has written anew as a whole, as in {@link VerifyReport#rebuilt}
 */
public record RestoreReport(
        String id,
        List<String> members,
        List<String> databases,
        long bytes,
        long commits,
        long records,
        long end,
        long timeMs,
        int rolledForward,
        List<String> leftOut,
        long lostFrom,
        String lost,
        long nanos,
        List<Mended> mended) {}

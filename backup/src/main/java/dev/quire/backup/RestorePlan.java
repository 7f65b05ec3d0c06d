package dev.quire.backup;

import dev.quire.durable.NamedPoint;
import java.util.List;

/**
 * What a restore would take and reach. Restorable are the commits from {@code consistentFrom} to {@code logEnd}.
 *
 * @param id identity of the full or copy
 * @param members identities of all backups that would be taken, that one first
 * @param databases names of the databases that there would be
 * @param leftOut names of those that were there and would not be
 * @param files files that would be read
 * @param bytes bytes that would be copied
 * @param neededBytes bytes that there must be room for at the target: free pages as well, the log in files of full size
 * @param consistentFrom the earliest position to which a restore is possible
 * @param consistentFromMs time of the last commit at or before it; if the log does not say, when the backup began
 * @param logEnd where the log ends that was looked at; that of a later point is not
 * @param logEndMs time of the last commit in it
 * @param rolledForward generations of the log that no backup has
 * @param end the position that would be reached
 * @param timeMs time of the last commit before it; 0 if the log has none
 * @param lostFrom from where on log would be lost; 0 if none would
 * @param lost why it cannot be read; empty if nothing would be lost
 * @param points restore points in the log that was looked at, the last thousand
 */
public record RestorePlan(
        String id,
        List<String> members,
        List<String> databases,
        List<String> leftOut,
        int files,
        long bytes,
        long neededBytes,
        long consistentFrom,
        long consistentFromMs,
        long logEnd,
        long logEndMs,
        int rolledForward,
        long end,
        long timeMs,
        long lostFrom,
        String lost,
        List<NamedPoint> points) {}

package dev.quire.backup;

import java.util.List;

/**
 * What a backup did.
 *
 * @param id identity of the backup, sixteen hexadecimal digits
 * @param databases names of the databases in it
 * @param pages pages copied and verified
 * @param pageBytes their bytes
 * @param generationLow first generation of the log in it
 * @param generationHigh last generation of the log in it
 * @param logBytes bytes of log copied and verified
 * @param consistentFrom position from which on it can be restored
 * @param end position up to which it restores
 * @param nanos how long it took
 * @param events what happened, step by step, in words
 */
public record BackupReport(
        String id,
        List<String> databases,
        long pages,
        long pageBytes,
        int generationLow,
        int generationHigh,
        long logBytes,
        long consistentFrom,
        long end,
        long nanos,
        List<String> events) {}

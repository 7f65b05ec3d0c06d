package dev.quire.backup;

import dev.quire.durable.BackupKind;
import dev.quire.durable.LogTruncation;
import dev.quire.io.OperationEvent;
import java.nio.file.Path;
import java.util.List;

/**
 * What a backup did.
 *
 * @param id identity of the backup, sixteen hexadecimal digits; empty if nothing was copied
 * @param kind what was taken
 * @param label words for people, may be empty
 * @param databases names of the databases whose pages are in it
 * @param pages pages copied and verified
 * @param pageBytes their bytes
 * @param generationLow first generation of the log in it
 * @param generationHigh last generation of the log in it
 * @param logBytes bytes of log copied and verified
 * @param consistentFrom position from which on it can be restored; 0 if it holds no pages
 * @param end position up to which it restores
 * @param released generations of the instance's log that went
 * @param nanos how long it took
 * @param events what happened, step by step, but for the beginnings of files
 */
public record BackupReport(
        String id,
        BackupKind kind,
        String label,
        List<String> databases,
        long pages,
        long pageBytes,
        int generationLow,
        int generationHigh,
        long logBytes,
        long consistentFrom,
        long end,
        int released,
        long nanos,
        List<OperationEvent> events) {

    static BackupReport of(Manifest manifest, int released, long nanos) {
        long pages = manifest.databases().stream()
                .mapToLong(Manifest.CopiedDatabase::usedPages)
                .sum();
        return new BackupReport(
                manifest.id(),
                manifest.kind(),
                manifest.label(),
                manifest.databases().stream()
                        .map(each -> each.attachment().name())
                        .toList(),
                pages,
                manifest.pageBytes(),
                manifest.generationLow(),
                manifest.generationHigh(),
                manifest.logBytes(),
                manifest.consistentFrom(),
                manifest.end(),
                released,
                nanos,
                List.of());
    }

    static BackupReport truncation(LogTruncation done, long nanos) {
        return new BackupReport(
                "", BackupKind.TRUNCATE_ONLY, "", List.of(), 0, 0, 0, 0, 0, 0, 0, done.released(), nanos, List.of());
    }

    BackupReport with(List<OperationEvent> told) {
        return new BackupReport(
                id,
                kind,
                label,
                databases,
                pages,
                pageBytes,
                generationLow,
                generationHigh,
                logBytes,
                consistentFrom,
                end,
                released,
                nanos,
                told);
    }

    OperationEvent.Subject subject(Path destination) {
        return OperationEvent.Subject.log(destination, pageBytes + logBytes, generationLow, generationHigh);
    }
}

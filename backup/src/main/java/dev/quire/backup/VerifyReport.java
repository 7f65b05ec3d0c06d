package dev.quire.backup;

import dev.quire.durable.Mended;
import java.util.List;

/**
 * What the verification of a backup at rest found.
 *
 * @param manifest what the full or copy says of itself
 * @param members what was verified: that one, and what builds on it
 * @param pages pages verified
 * @param pageBytes their bytes
 * @param records records of the log verified
 * @param logBytes bytes of log verified
 * @param faults what is wrong, each naming its file and place; empty if nothing is. Of more than a thousand the last
 *     one says how many there are besides
 * @param rebuilt pages that do not verify and that the log of the backup writes anew as a whole, so nothing is lost:
 *     one entry for each database that has some. What was given another use while the backup ran is such a page;
 *     without a writer it is damage
 */
public record VerifyReport(
        Manifest manifest,
        List<Manifest> members,
        long pages,
        long pageBytes,
        long records,
        long logBytes,
        List<String> faults,
        List<Mended> rebuilt) {

    /** Whether nothing is wrong. */
    public boolean isSound() {
        return faults.isEmpty();
    }
}

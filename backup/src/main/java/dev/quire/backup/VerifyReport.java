package dev.quire.backup;

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
 */
public record VerifyReport(
        Manifest manifest,
        List<Manifest> members,
        long pages,
        long pageBytes,
        long records,
        long logBytes,
        List<String> faults) {

    /** Whether nothing is wrong. */
    public boolean isSound() {
        return faults.isEmpty();
    }
}

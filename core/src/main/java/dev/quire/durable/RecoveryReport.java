package dev.quire.durable;

import dev.quire.io.log.Lsn;

/**
 * What opening an instance had to do.
 *
 * @param clean the instance had been closed in order
 * @param redoStart where the log was read from
 * @param end where the log ended
 * @param commits transactions found behind the redo start
 * @param records records that changed a page
 * @param guarded pages that were torn and made whole from the guard
 * @param lostUpTo position up to which committed log was missing and its loss accepted, 0 if none was
 */
public record RecoveryReport(
        boolean clean, long redoStart, long end, long commits, long records, int guarded, long lostUpTo) {

    static RecoveryReport created() {
        return new RecoveryReport(true, 0, 0, 0, 0, 0, 0);
    }

    @Override
    public String toString() {
        return (clean ? "closed in order" : "recovered") + ": log " + Lsn.toString(redoStart) + " to "
                + Lsn.toString(end) + ", commits=" + commits + " records=" + records + " guarded=" + guarded
                + (lostUpTo == 0 ? "" : " lostUpTo=" + Lsn.toString(lostUpTo));
    }
}

package dev.quire.durable;

import dev.quire.io.log.Lsn;
import java.util.List;

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
 * @param mended copies of headers and checkpoint slots that were damaged, each beside a good one
 */
public record RecoveryReport(
        boolean clean,
        long redoStart,
        long end,
        long commits,
        long records,
        int guarded,
        long lostUpTo,
        List<Mended> mended) {

    RecoveryReport(boolean clean, long redoStart, long end, long commits, long records, int guarded, long lostUpTo) {
        this(clean, redoStart, end, commits, records, guarded, lostUpTo, List.of());
    }

    static RecoveryReport created() {
        return new RecoveryReport(true, 0, 0, 0, 0, 0, 0);
    }

    RecoveryReport mending(List<Mended> found) {
        return new RecoveryReport(clean, redoStart, end, commits, records, guarded, lostUpTo, List.copyOf(found));
    }

    @Override
    public String toString() {
        return (clean ? "closed in order" : "recovered") + ": log " + Lsn.toString(redoStart) + " to "
                + Lsn.toString(end) + ", commits=" + commits + " records=" + records + " guarded=" + guarded
                + (lostUpTo == 0 ? "" : " lostUpTo=" + Lsn.toString(lostUpTo))
                + (mended.isEmpty() ? "" : " mended=" + mended.size());
    }
}

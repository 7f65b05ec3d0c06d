package dev.quire.backup;

import dev.quire.durable.Engine;
import dev.quire.durable.LogTruncation;
import dev.quire.io.CancelledException;
import dev.quire.io.EventKind;
import dev.quire.io.Events;
import dev.quire.io.OperationEvent.Operation;
import dev.quire.io.OperationEvent.Subject;
import dev.quire.io.Progress;
import dev.quire.io.QuireError;
import java.nio.file.Path;
import java.util.Locale;

/** Truncation without a backup, and what is told of any truncation and of any end of what takes the place of one. */
final class Truncation {

    private Truncation() {}

    /** Deletes what the rule allows. Engine threads. */
    static BackupReport run(Engine engine, Progress followed) {
        long start = System.nanoTime();
        Progress progress = engine.backup().watched(followed);
        Events events = new Events(Operation.BACKUP, "", progress);
        Events.Span whole = events.begin();
        Path log = LogTruncation.directory(engine);
        try {
            Events.Span truncation = events.begin();
            LogTruncation done = LogTruncation.run(engine, progress);
            String kept = "lowest kept: " + done.lowestAfter() + ", "
                    + done.kept().name().toLowerCase(Locale.ROOT).replace('_', ' ');
            tell(truncation, log, done.lowestBefore(), done.released(), kept);
            whole.done(EventKind.BACKUP_DONE, Subject.file(log, 0), "truncation alone");
            return BackupReport.truncation(done, System.nanoTime() - start).with(events.told());
        } catch (RuntimeException | Error e) {
            whole.failed(end(e), Subject.file(log, 0), e);
            throw e;
        }
    }

    /** Tells which generations went, or that none did. */
    static void tell(Events.Span truncation, Path log, int lowest, int released, String text) {
        EventKind kind = released > 0 ? EventKind.LOG_TRUNCATED : EventKind.LOG_KEPT;
        truncation.done(kind, Subject.log(log, 0, lowest, lowest + released - 1), text);
    }

    /** What is told of a backup that ends so. */
    static EventKind end(Throwable cause) {
        if (cause instanceof CancelledException cancelled) {
            return cancelled.error() == QuireError.BACKUP_ABORT_BY_SERVER
                    ? EventKind.BACKUP_STOPPED
                    : EventKind.BACKUP_CANCELLED;
        }
        return EventKind.BACKUP_FAILED;
    }
}

package dev.quire.durable;

import dev.quire.io.Progress;
import dev.quire.io.QuireException;
import dev.quire.io.log.LogFiles;
import java.nio.file.Path;

/**
 * Truncation without a backup: a checkpoint, and then log goes that the one rule allows to go.
 *
 * @param lowestBefore lowest generation that was there
 * @param lowestAfter lowest that is there now
 * @param kept why that one stays
 */
public record LogTruncation(int lowestBefore, int lowestAfter, LogRelease.Reason kept) {

    /**
     * Takes the place of a backup meanwhile. Engine threads.
     *
     * @throws QuireException {@code LOGGING_DISABLED}, {@code BACKUP_IN_PROGRESS}, {@code TERM_IN_PROGRESS}, {@code
     *     CLIENT_REQUEST_TO_STOP_SERVICE}
     */
    public static LogTruncation run(Engine engine, Progress progress) {
        BackupSession.checkLogging(engine);
        engine.backup().take(() -> progress.step(Progress.Phase.WAIT, 0, 0));
        try {
            int before = oldest(engine);
            engine.checkpoint();
            LogRelease.Kept kept = engine.release().release();
            return new LogTruncation(before, oldest(engine), kept.reason());
        } finally {
            engine.backup().leave();
        }
    }

    /** How many generations went. */
    public int released() {
        return lowestAfter - lowestBefore;
    }

    /** The lowest generation of the log that is there. */
    public static int oldest(Engine engine) {
        return LogFiles.list(engine.settings().storage(), directory(engine))[0];
    }

    /** Where that log is. */
    public static Path directory(Engine engine) {
        return engine.settings().directory().resolve(Names.LOG);
    }
}

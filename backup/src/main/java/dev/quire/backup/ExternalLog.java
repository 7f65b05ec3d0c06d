package dev.quire.backup;

import dev.quire.durable.BackupSession;
import dev.quire.io.Storage;
import dev.quire.io.log.GenerationStart;
import dev.quire.io.log.LogFiles;
import java.util.ArrayList;
import java.util.List;

/** The log of an external backup, from a generation to the one that was closed for it. */
final class ExternalLog {

    private final List<OfferedFile> files = new ArrayList<>();
    private final VerifiedLog verified;
    private final int low;
    private final int high;

    /** Of the generations from {@code low} on, before {@code behind}. Engine threads. */
    ExternalLog(Storage storage, BackupSession session, String id, int low, int behind) {
        long signature = session.slot().signature();
        this.low = low;
        this.high = behind - 1;
        this.verified = new VerifiedLog(storage, signature, session.redoStart());
        for (int next = low + 1; next <= behind; next++) {
            GenerationStart start =
                    LogFiles.start(storage, LogFiles.path(session.logDirectory(), next), signature, next);
            files.add(new OfferedLog(storage, session.logDirectory(), id, start, verified));
        }
    }

    List<OfferedFile> files() {
        return files;
    }

    int low() {
        return low;
    }

    int high() {
        return high;
    }

    /** What was read, and so verified. */
    VerifiedLog verified() {
        return verified;
    }
}

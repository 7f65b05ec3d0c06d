package dev.quire.backup;

import dev.quire.durable.BackupSession;
import dev.quire.io.Events;
import dev.quire.io.OperationEvent.Subject;
import dev.quire.io.Progress;
import dev.quire.io.Storage;
import dev.quire.io.StoreFile;
import dev.quire.io.log.GenerationStart;
import dev.quire.io.log.LogFiles;
import java.nio.file.Path;
import java.util.List;

/**
 * Copies closed generations of the log, up to their closing position, and verifies what arrived: every batch, and that
 * each generation continues the one before. On the way it notes of which pages the log holds full images.
 */
final class LogCopy {

    private final Storage storage;
    private final BackupSession session;
    private final Forces forces;
    private final Progress progress;
    private final Events events;
    private final VerifiedLog verified;
    private long bytes;

    LogCopy(Storage storage, BackupSession session, Forces forces, Progress progress, Events events) {
        this.storage = storage;
        this.session = session;
        this.forces = forces;
        this.progress = progress;
        this.events = events;
        this.verified = new VerifiedLog(storage, session.slot().signature(), session.redoStart());
    }

    /** Copies one generation; {@code current} is the one behind the last of them. */
    void copy(Path source, Path target, int generation, GenerationStart current) {
        new FileSteps(events, source)
                .run(() -> Subject.log(source, moved(source, target, generation, current), generation, generation));
    }

    private long moved(Path source, Path target, int generation, GenerationStart current) {
        int behind = generation + 1;
        GenerationStart next = behind == current.generation()
                ? current
                : LogFiles.start(
                        storage,
                        LogFiles.path(session.logDirectory(), behind),
                        session.slot().signature(),
                        behind);
        int closing = next.previous().closingOffset();
        try (StoreFile from = storage.open(source, Storage.Access.READ);
                StoreFile to = storage.create(target)) {
            Pieces.copy(from, to, closing, progress, (at, piece) -> {
                forces.moved(to, piece);
                progress.step(Progress.Phase.LOG, bytes + at, bytes + closing);
            });
            forces.start(to);
            verified.verify(target, generation, next);
            forces.await();
        }
        bytes += closing;
        progress.step(Progress.Phase.LOG, bytes, bytes);
        return closing;
    }

    List<Manifest.CopiedGeneration> generations() {
        return verified.generations();
    }

    /** Of which pages the copied log holds a full image behind the redo start. */
    ImagedPages imaged() {
        return verified.imaged();
    }
}

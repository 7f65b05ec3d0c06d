package dev.quire.backup;

import dev.quire.durable.BackupSession;
import dev.quire.io.CorruptionException;
import dev.quire.io.Events;
import dev.quire.io.OperationEvent.Subject;
import dev.quire.io.Progress;
import dev.quire.io.QuireError;
import dev.quire.io.Storage;
import dev.quire.io.StoreFile;
import dev.quire.io.log.GenerationInfo;
import dev.quire.io.log.GenerationStart;
import dev.quire.io.log.LogFiles;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Copies closed generations of the log, up to their closing position, and verifies what arrived: every batch, and that
 * each generation continues the one before. On the way it notes of which pages the log holds full images.
 */
final class LogCopy {

    private final Storage storage;
    private final long signature;
    private final Forces forces;
    private final Progress progress;
    private final Events events;
    private final List<Manifest.CopiedGeneration> generations = new ArrayList<>();
    private final ImagedPages imaged = new ImagedPages();
    private GenerationInfo last;
    private long bytes;

    LogCopy(Storage storage, long signature, Forces forces, Progress progress, Events events) {
        this.storage = storage;
        this.signature = signature;
        this.forces = forces;
        this.progress = progress;
        this.events = events;
    }

    /** Copies one generation; {@code current} is the one behind the last of them. */
    void copy(Path source, Path target, int generation, BackupSession session, GenerationStart current) {
        new FileSteps(events, source)
                .run(() -> Subject.log(
                        source, moved(source, target, generation, session, current), generation, generation));
    }

    private long moved(Path source, Path target, int generation, BackupSession session, GenerationStart current) {
        GenerationStart next = generation + 1 == current.generation()
                ? current
                : LogFiles.start(
                        storage, LogFiles.path(session.logDirectory(), generation + 1), signature, generation + 1);
        int closing = next.previous().closingOffset();
        try (StoreFile from = storage.open(source, Storage.Access.READ);
                StoreFile to = storage.create(target)) {
            Pieces.copy(from, to, closing, progress, (at, piece) -> {
                forces.moved(to, piece);
                progress.step(Progress.Phase.LOG, bytes + at, bytes + closing);
            });
            forces.start(to);
            verify(target, generation, next, session.redoStart());
            forces.await();
        }
        bytes += closing;
        progress.step(Progress.Phase.LOG, bytes, bytes);
        return closing;
    }

    List<Manifest.CopiedGeneration> generations() {
        return generations;
    }

    /** Of which pages the copied log holds a full image behind the redo start. */
    ImagedPages imaged() {
        return imaged;
    }

    private void verify(Path file, int generation, GenerationStart next, long redoStart) {
        GenerationInfo info;
        try {
            info = LogFiles.verify(
                    storage, file, signature, generation, next.previous().closingOffset());
            GenerationStart start = LogFiles.start(storage, file, signature, generation);
            if (!info.equals(next.previous()) || last != null && !last.equals(start.previous())) {
                throw new CorruptionException(
                        QuireError.LOG_READ_VERIFY_FAILURE,
                        file,
                        "generation " + generation + " does not continue the one before it",
                        null);
            }
            LogFiles.read(storage, file, signature, info, (lsn, type, buffer, offset, length) -> {
                if (lsn >= redoStart) {
                    imaged.note(type, buffer, offset);
                }
            });
        } catch (CorruptionException e) {
            throw e.error() == QuireError.LOG_READ_VERIFY_FAILURE
                    ? e
                    : new CorruptionException(QuireError.LOG_READ_VERIFY_FAILURE, file, e.getMessage(), e);
        }
        last = info;
        generations.add(new Manifest.CopiedGeneration(generation, info.closingOffset(), info.chain()));
    }
}

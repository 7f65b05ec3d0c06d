package dev.quire.durable;

import dev.quire.io.EventKind;
import dev.quire.io.Events;
import dev.quire.io.OperationEvent.Operation;
import dev.quire.io.OperationEvent.Subject;
import dev.quire.io.Progress;
import dev.quire.io.log.LogFiles;
import dev.quire.io.log.LogScout;
import dev.quire.io.log.Lsn;
import dev.quire.io.log.RecordHandler;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/**
 * Tells how far a recovery is, in bytes of the log that it reads, makes it no faster than wanted, and ends it when that
 * is wanted: it may be ended anywhere, for a recovery that was cut short is one that begins again. An instance that was
 * closed in order has none.
 */
final class RecoverySteps {

    private static final long STEP_BYTES = 1 << 20;
    private static final long UNIT_BYTES = 4096;

    private final Progress progress;
    private final Events events;
    private final Path log;
    private final CheckpointSlot slot;
    private final long totalBytes;
    private long doneBytes;
    private long more;
    private long at;
    private long next;
    private int generation;

    private RecoverySteps(EngineSettings settings, CheckpointSlot slot, int generation) {
        this.progress = settings.progress();
        this.events = new Events(Operation.RECOVERY, String.format("%016x", slot.signature()), progress);
        this.log = settings.directory().resolve(Names.LOG);
        this.slot = slot;
        this.totalBytes =
                bytes(slot.redoStart(), Lsn.of(Math.max(generation, Lsn.generation(slot.redoStart())) + 1, 0));
        this.at = slot.redoStart();
        this.next = at;
    }

    /** Of an instance as its newest slot describes it. */
    static RecoverySteps of(EngineSettings settings, CheckpointFile slots) {
        return new RecoverySteps(settings, slots.newest(), slots.generation());
    }

    /** Recovers, and tells when it begins and how it ends. */
    void run(Runnable recovery) {
        if (slot.clean()) {
            recovery.run();
            return;
        }
        Events.Span whole = events.begin();
        Subject subject = Subject.file(log.getParent(), 0);
        try {
            events.tell(EventKind.REDO_STARTED, subject, "from " + Lsn.toString(slot.redoStart()));
            progress.step(Progress.Phase.REPLAY, 0, totalBytes);
            recovery.run();
            progress.step(Progress.Phase.REPLAY, doneBytes, doneBytes);
            whole.done(EventKind.REDO_DONE, Subject.file(log.getParent(), doneBytes), "");
        } catch (RuntimeException | Error e) {
            whole.failed(EventKind.RESTORE_FAILED, subject, e);
            throw e;
        }
    }

    /** Follows the first reading. */
    LogScout first(LogScout survey) {
        return slot.clean() ? survey : new Reading(survey);
    }

    /** Follows one that goes over a part of it again. */
    RecordHandler again(RecordHandler redo, long from) {
        at = from;
        next = from;
        more = doneBytes;
        return (lsn, type, buffer, offset, length) -> {
            reach(lsn);
            redo.record(lsn, type, buffer, offset, length);
        };
    }

    private final class Reading implements LogScout {

        private final LogScout survey;

        Reading(LogScout survey) {
            this.survey = survey;
        }

        @Override
        public void record(long lsn, int type, ByteBuffer buffer, int offset, int length) {
            reach(lsn);
            survey.record(lsn, type, buffer, offset, length);
        }

        @Override
        public long decided(long read) {
            return survey.decided(read);
        }
    }

    private void reach(long lsn) {
        if (lsn >= next) {
            step(lsn);
        }
    }

    private void step(long lsn) {
        if (Lsn.generation(lsn) > generation) {
            generation = Lsn.generation(lsn);
            events.tell(
                    EventKind.REDO_GENERATION,
                    Subject.log(LogFiles.path(log, generation), 0, generation, generation),
                    "");
        }
        long bytes = bytes(at, lsn);
        progress.pace(Progress.Phase.REPLAY, bytes);
        doneBytes += bytes;
        progress.step(Progress.Phase.REPLAY, doneBytes, Math.max(doneBytes, totalBytes + more));
        at = lsn;
        long piece = progress.limit().piece(STEP_BYTES, UNIT_BYTES);
        next = Math.min(lsn + piece, Lsn.of(Lsn.generation(lsn) + 1, 0));
    }

    private long bytes(long from, long to) {
        long generations = (long) Lsn.generation(to) - Lsn.generation(from);
        return Math.max(0, generations * slot.generationBytes() + Lsn.offset(to) - Lsn.offset(from));
    }
}

package dev.quire.backup;

import dev.quire.io.Progress;

/**
 * Tells how far somebody is who reads log, and copies it perhaps, all of it in one count; makes it no faster than
 * wanted, and ends it when that is wanted. What ended it is thrown again at every further step, so that nobody takes it
 * for a fault of what he reads. One thread at a time.
 */
final class LogSteps {

    private static final int STEP_BYTES = 1 << 20;
    private static final int UNIT_BYTES = 4096;

    private final Progress progress;
    private long doneBytes;
    private long totalBytes;
    private long toldBytes;
    private long unpacedBytes;
    private long pieceBytes;
    private RuntimeException ended;

    LogSteps(Progress progress) {
        this.progress = progress;
        this.pieceBytes = piece();
    }

    /** So many bytes come next, at most. */
    void ahead(long bytes) {
        totalBytes = doneBytes + bytes;
        tell();
    }

    /** So many bytes were read. */
    void read(long bytes) {
        unpacedBytes += bytes;
        if (unpacedBytes >= pieceBytes) {
            pace();
        }
        done(bytes);
    }

    /** So many are done, for which whoever moved them has waited. */
    void done(long bytes) {
        check();
        doneBytes += bytes;
        if (doneBytes - toldBytes >= pieceBytes) {
            tell();
        }
    }

    /** Nothing more comes of what was {@link #ahead}. */
    void end() {
        pace();
        totalBytes = doneBytes;
        tell();
    }

    /** Ends whoever asks, if something has ended the whole, or shall. */
    void check() {
        guarded(() -> progress.check(Progress.Phase.LOG));
    }

    private void pace() {
        long bytes = unpacedBytes;
        unpacedBytes = 0;
        guarded(() -> {
            pieceBytes = piece();
            progress.pace(Progress.Phase.LOG, bytes);
        });
    }

    private long piece() {
        return progress.limit().piece(STEP_BYTES, UNIT_BYTES);
    }

    private void tell() {
        toldBytes = doneBytes;
        guarded(() -> progress.step(Progress.Phase.LOG, doneBytes, Math.max(doneBytes, totalBytes)));
    }

    private void guarded(Runnable task) {
        if (ended != null) {
            throw ended;
        }
        try {
            task.run();
        } catch (RuntimeException e) {
            ended = e;
            throw e;
        }
    }
}

package dev.quire;

import dev.quire.io.Progress;

/**
 * Tells how far a check is, once in a while. A check goes on behind every fault it meets, so what the listener throws
 * is kept here, thrown again at every further step, and taken for no fault.
 */
final class CheckSteps {

    private static final long STEP_BYTES = 1 << 20;
    private static final long UNIT_BYTES = 4096;

    private final Progress progress;
    private final long totalBytes;
    private Progress.Phase phase = Progress.Phase.PAGES;
    private long doneBytes;
    private long toldBytes;
    private long unpacedBytes;
    private long pieceBytes;
    private RuntimeException ended;

    CheckSteps(Progress progress, long totalBytes) {
        this.progress = progress;
        this.totalBytes = totalBytes;
        tell();
    }

    /** So many bytes more are done. */
    void done(long bytes) {
        check();
        doneBytes = Math.min(totalBytes, doneBytes + bytes);
        if (doneBytes - toldBytes >= STEP_BYTES) {
            tell();
        }
    }

    /** So many are about to be read. */
    void read(long bytes) {
        unpacedBytes += bytes;
        if (unpacedBytes >= pieceBytes) {
            pace();
        }
    }

    /** Goes to another phase, in which nothing is done yet. */
    void begin(Progress.Phase next) {
        doneBytes = totalBytes;
        tell();
        phase = next;
        doneBytes = 0;
        tell();
    }

    /** Everything is done. */
    void end() {
        doneBytes = totalBytes;
        tell();
    }

    /** Throws what has ended the check, if something has. */
    void check() {
        if (ended != null) {
            throw ended;
        }
    }

    private void pace() {
        long bytes = unpacedBytes;
        unpacedBytes = 0;
        guarded(() -> {
            pieceBytes = progress.limit().piece(STEP_BYTES, UNIT_BYTES);
            progress.pace(phase, bytes);
        });
    }

    private void tell() {
        toldBytes = doneBytes;
        guarded(() -> progress.step(phase, doneBytes, totalBytes));
    }

    private void guarded(Runnable task) {
        try {
            task.run();
        } catch (RuntimeException e) {
            ended = e;
            throw e;
        }
    }
}

package dev.quire.backup;

import dev.quire.io.CorruptionException;
import dev.quire.io.QuireError;
import dev.quire.io.Storage;
import dev.quire.io.log.GenerationInfo;
import dev.quire.io.log.GenerationStart;
import dev.quire.io.log.LogFiles;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The log of a backup, as far as it was found sound: every batch, and that each generation is the one that the next
 * continues. On the way it notes of which pages the log holds full images. Any engine thread, one at a time.
 */
final class VerifiedLog {

    private final Storage storage;
    private final long signature;
    private final long redoStart;
    private final TreeMap<Integer, GenerationInfo> infos = new TreeMap<>();
    private final ImagedPages imaged = new ImagedPages();
    private final ReentrantLock lock = new ReentrantLock();

    /** Of one stream; images are noted from {@code redoStart} on. */
    VerifiedLog(Storage storage, long signature, long redoStart) {
        this.storage = storage;
        this.signature = signature;
        this.redoStart = redoStart;
    }

    /**
     * Verifies one generation where it lies, unless that was done before.
     *
     * @param next what the generation behind it says
     * @throws CorruptionException {@code LOG_READ_VERIFY_FAILURE}
     */
    void verify(Path file, int generation, GenerationStart next) {
        verify(file, generation, next.previous().closingOffset(), next);
    }

    /** The same for one behind which nothing is known yet: up to where it was closed. */
    void verify(Path file, int generation, int closingOffset) {
        verify(file, generation, closingOffset, null);
    }

    private void verify(Path file, int generation, int closingOffset, GenerationStart next) {
        lock.lock();
        try {
            if (!infos.containsKey(generation)) {
                infos.put(generation, judge(file, generation, closingOffset, next));
            }
        } catch (CorruptionException e) {
            throw e.error() == QuireError.LOG_READ_VERIFY_FAILURE ? e : fault(file, e.getMessage(), e);
        } finally {
            lock.unlock();
        }
    }

    /** In the order of their numbers. */
    List<Manifest.CopiedGeneration> generations() {
        return infos.values().stream()
                .map(info -> new Manifest.CopiedGeneration(info.generation(), info.closingOffset(), info.chain()))
                .toList();
    }

    /** Of which pages the log holds a full image behind the redo start. */
    ImagedPages imaged() {
        return imaged;
    }

    static CorruptionException fault(Path file, String what, Throwable cause) {
        return new CorruptionException(QuireError.LOG_READ_VERIFY_FAILURE, file, what, cause);
    }

    private GenerationInfo judge(Path file, int generation, int closingOffset, GenerationStart next) {
        GenerationInfo info = LogFiles.verify(storage, file, signature, generation, closingOffset);
        GenerationStart start = LogFiles.start(storage, file, signature, generation);
        GenerationInfo before = infos.get(generation - 1);
        if (next != null && !info.equals(next.previous()) || before != null && !before.equals(start.previous())) {
            throw fault(file, "generation " + generation + " does not continue the one before it", null);
        }
        LogFiles.read(storage, file, signature, info, (lsn, type, buffer, offset, length) -> {
            if (lsn >= redoStart) {
                imaged.note(type, buffer, offset);
            }
        });
        return info;
    }
}

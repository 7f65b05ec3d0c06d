package dev.quire.io.log;

import dev.quire.io.Storage.Kind;
import dev.quire.io.StorageFullException;
import dev.quire.io.StoreFile;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * The zeros of the first generation behind a log that is still being read: written and forced on a thread of their own
 * meanwhile, under the name of a file to be used again, which is worth nothing after a crash. It only saves time: if
 * there is no room for it now, the generation is built as any other, when there may be. For the
 * thread that recovers and the one that builds generations.
 */
public final class ZerosAhead implements AutoCloseable {

    /** No generation has this number. */
    private static final String NAME = LogFiles.spareName(0);

    /** So many generations must there be room for: recovery may need some, before it lets anything go. */
    private static final int ROOM = 4;

    private final LogSettings settings;
    private final Path file;
    private final Thread thread;
    private volatile boolean stopping;
    private volatile boolean ready;
    private volatile boolean taken;
    private volatile Throwable fault;

    private ZerosAhead(LogSettings settings) {
        this.settings = settings;
        file = settings.directory().resolve(NAME);
        thread = settings.background() ? new Thread(this::write, "quire-log-zeros") : null;
    }

    /**
     * Begins to write them; without threads the log does so before this returns. Null if a file stands behind
     * {@code started}, the last generation that is known to have started: as a rule that was built ahead and will do.
     */
    public static ZerosAhead start(LogSettings settings, int started) {
        int[] generations = LogFiles.list(settings.storage(), settings.directory());
        if (Arrays.stream(generations).anyMatch(generation -> generation > started)) {
            return null;
        }
        ZerosAhead zeros = new ZerosAhead(settings);
        if (zeros.thread == null) {
            zeros.write();
        } else {
            zeros.thread.setDaemon(true);
            zeros.thread.start();
        }
        return zeros;
    }

    private void write() {
        try {
            remove(); // of a recovery that was cut short
            if (settings.storage().usableBytes(settings.directory()) < (long) ROOM * settings.generationBytes()) {
                return;
            }
            try (StoreFile zeros = settings.storage().create(file)) {
                ready = GenerationBuilder.zero(zeros, settings.generationBytes(), () -> stopping);
                zeros.force();
            }
        } catch (StorageFullException e) {
            giveUp();
        } catch (RuntimeException | Error e) {
            ready = false;
            fault = e;
        }
    }

    /** What is left of the room others need. */
    private void giveUp() {
        try {
            remove();
        } catch (RuntimeException | Error e) {
            fault = e;
        }
        ready = false;
    }

    private void remove() {
        if (settings.storage().kind(file) == Kind.FILE) {
            settings.storage().delete(file);
        }
    }

    /** Waits until they are there and gives them away; null if there is no room. Throws what went wrong otherwise. */
    Path take() {
        LogThreads.join(thread);
        if (fault != null) {
            throw LogThreads.unchecked(fault);
        }
        taken = ready;
        return ready ? file : null;
    }

    /** Removes what nobody has taken. */
    @Override
    public void close() {
        stopping = true;
        LogThreads.join(thread);
        ready = false;
        if (!taken) {
            remove();
        }
    }
}

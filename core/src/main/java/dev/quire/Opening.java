package dev.quire;

import dev.quire.durable.EngineSettings;
import dev.quire.durable.EngineThreads;
import dev.quire.io.ForwardingProgress;
import dev.quire.io.Progress;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/**
 * An instance that is being opened, which takes a while if it has to be recovered.
 *
 * <pre>{@code
 * Opening opening = Instance.configure(directory).progress(listener).start();
 * Instance instance = opening.await();
 * }</pre>
 *
 * <p>Whoever lets go of it waits for it all the same, or cancels it: an instance that nobody closes keeps its
 * directory. For any thread.
 */
public final class Opening {

    private final Path directory;
    private final CompletableFuture<Instance> opened = new CompletableFuture<>();
    private volatile boolean cancelled;

    private Opening(Path directory) {
        this.directory = directory;
    }

    static Opening start(Progress progress, Function<Progress, EngineSettings> conclude, int pageBytes) {
        Opening[] self = new Opening[1];
        EngineSettings settings = conclude.apply(new ForwardingProgress(progress) {
            @Override
            public boolean isCancelled() {
                return self[0].cancelled || super.isCancelled();
            }
        });
        self[0] = new Opening(settings.directory());
        Thread thread = new Thread(() -> self[0].run(settings, pageBytes), "quire-open-" + self[0].directory);
        thread.setDaemon(true);
        thread.start();
        return self[0];
    }

    private void run(EngineSettings settings, int pageBytes) {
        try {
            opened.complete(new Instance(settings, pageBytes));
        } catch (RuntimeException | Error e) {
            opened.completeExceptionally(e);
        }
    }

    /** The directory of the instance. */
    public Path directory() {
        return directory;
    }

    /**
     * The instance; empty as long as it is being opened.
     *
     * @throws dev.quire.io.QuireException what opening met
     */
    public Optional<Instance> instance() {
        return opened.isDone() ? Optional.of(await()) : Optional.empty();
    }

    /**
     * Returns when it is open, whatever interrupts the caller.
     *
     * @throws dev.quire.io.QuireException what opening met, as {@link InstanceConfig#open} says; {@code
     *     BACKUP_ABORT_BY_CALLER} if it was cancelled
     */
    public Instance await() {
        return EngineThreads.await(opened);
    }

    /**
     * Asks the recovery to end; what it was to recover stays as it is. Does nothing when the instance is open already,
     * or about to be.
     */
    public void cancel() {
        cancelled = true;
    }
}

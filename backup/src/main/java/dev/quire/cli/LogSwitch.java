package dev.quire.cli;

import dev.quire.Instance;
import dev.quire.InstanceConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;

/**
 * Opens an instance, maybe to keep its log from now on. How it was open last is how the next command opens it; so what
 * fails before anything needs that log must not leave an instance behind whose log grows for ever.
 */
final class LogSwitch {

    private LogSwitch() {}

    /** What is done while it is open. */
    @FunctionalInterface
    interface Work<T> {
        /** From when {@code stays} was called, the log is kept whatever happens. */
        T on(Instance opened, Runnable stays) throws IOException;
    }

    /** Does the work in an instance that must exist. Logging is circular again if it fails, and was before. */
    static <T> T run(Path directory, boolean keepLog, Function<InstanceConfig, Instance> opens, Work<T> work)
            throws IOException {
        InstanceConfig config = Instances.existing(directory);
        AtomicBoolean goesBack = new AtomicBoolean();
        boolean switches = keepLog && Instances.isCircular(directory);
        try (Instance opened = opens.apply(keepLog ? config.circularLogging(false) : config)) {
            goesBack.set(switches);
            return work.on(opened, () -> goesBack.set(false));
        } catch (IOException | RuntimeException | Error e) {
            if (goesBack.get()) {
                goBack(directory, e);
            }
            throw e;
        }
    }

    /** Opening begins a generation, and that says it. */
    private static void goBack(Path directory, Throwable fault) {
        try {
            circular(directory).open().close();
        } catch (RuntimeException e) {
            fault.addSuppressed(e);
        }
    }

    /** A configuration for an instance that must exist, and from now on keeps no log for a backup. */
    static InstanceConfig circular(Path directory) {
        return Instances.existing(directory).circularLogging(true);
    }
}

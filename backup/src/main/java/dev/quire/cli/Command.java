package dev.quire.cli;

import dev.quire.Instance;
import dev.quire.InstanceConfig;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What all commands share: what they throw becomes a line and an exit code. */
abstract class Command implements Callable<Integer> {

    private static final char REPLACEMENT = '\uFFFD';

    @Spec
    private CommandSpec spec;

    /** Does the work; returns the exit code. */
    abstract int run() throws Exception;

    @Override
    public final Integer call() {
        try {
            return run();
        } catch (ParameterException e) {
            throw e;
        } catch (Exception | Error e) {
            return output().fail(e);
        }
    }

    final Output output() {
        return root().output();
    }

    final Cancellation cancellation() {
        return root().cancellation();
    }

    final ProgressLine progress() {
        return output().progress(cancellation());
    }

    /** Opens an instance. */
    final Instance open(InstanceConfig config) {
        return open(config, new RateOption());
    }

    /**
     * The same, no faster. If it has to be recovered that is shown, and a signal ends it in order: the instance is as
     * it was, and the next opening recovers it.
     */
    final Instance open(InstanceConfig config, RateOption rate) {
        try (ProgressLine progress = progress()) {
            return config.progress(rate.on(progress)).open();
        }
    }

    /** What the user gave is wrong in a way that only the command can see. */
    final ParameterException misuse(String message) {
        return new ParameterException(spec.commandLine(), message);
    }

    /**
     * Refuses an argument that lost its bytes on the way here: what is no text in the locale's encoding becomes a
     * replacement character, so many arguments become the same one. In a locale without UTF-8 that is any letter beyond
     * ASCII.
     */
    final String text(String argument) {
        if (argument.indexOf(REPLACEMENT) >= 0) {
            throw misuse("an argument is no text in this locale, where java reads "
                    + System.getProperty("sun.jnu.encoding") + ": " + argument);
        }
        return argument;
    }

    /** As the storage wants it: what a path means must not depend on links that {@code ..} crosses. */
    static Path absolute(Path path) {
        return path.toAbsolutePath().normalize();
    }

    private QuireCommand root() {
        return (QuireCommand) spec.root().userObject();
    }
}

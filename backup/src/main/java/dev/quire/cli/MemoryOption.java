package dev.quire.cli;

import dev.quire.InstanceConfig;
import dev.quire.table.Tree;
import java.nio.file.Path;
import java.util.Locale;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Spec.Target;

/** The budget for changed pages, which bounds how long a value may be. */
final class MemoryOption {

    private static final long DEFAULT_BYTES = 256L << 20;
    private static final long BYTES_MIN = 8L << 20;
    private static final long BYTES_MAX = 1L << 40;
    private static final String UNITS = "kmg";
    private static final int UNIT_BITS = 10;

    @Spec(Target.MIXEE)
    private CommandSpec mixee;

    private long bytes = DEFAULT_BYTES;

    @Option(
            names = "--memory",
            paramLabel = "SIZE",
            description = "Memory outside of the heap for changed pages, such as 512m or 4g; default 256m, at least 8m."
                    + " A transaction, and so a value, may take almost half of it.")
    void memory(String size) {
        String text = size.toLowerCase(Locale.ROOT);
        int unit = text.isEmpty() ? -1 : UNITS.indexOf(text.charAt(text.length() - 1));
        try {
            long count = Long.parseLong(unit < 0 ? text : text.substring(0, text.length() - 1));
            int shift = (unit + 1) * UNIT_BITS;
            if (count > BYTES_MAX >> shift || count << shift < BYTES_MIN) {
                throw new ParameterException(mixee.commandLine(), "--memory must be 8m to 1024g: " + size);
            }
            bytes = count << shift;
        } catch (NumberFormatException e) {
            throw new ParameterException(mixee.commandLine(), "--memory is a number with k, m or g: " + size, e);
        }
    }

    /** The budget. */
    long bytes() {
        return bytes;
    }

    /** No value that is longer can be put: half the budget, and what a table takes. */
    int valueBytesMax() {
        return (int) Math.min(Tree.valueBytesMax(), bytes / 2);
    }

    /** A configuration with this budget, for an instance that exists, or that is made. */
    InstanceConfig config(Path directory, boolean create) {
        InstanceConfig config = create ? Instances.newOrExisting(directory) : Instances.existing(directory);
        return config.memoryBytes(bytes);
    }
}

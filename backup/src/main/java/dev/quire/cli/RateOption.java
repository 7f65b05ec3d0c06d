package dev.quire.cli;

import dev.quire.io.Progress;
import dev.quire.io.RateLimit;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Spec.Target;

/** How many bytes a second a long command may move. */
final class RateOption {

    private static final Pattern RATE = Pattern.compile("(\\d{1,18})([kmgt]?)(?:i?b)?(?:/s)?");
    private static final String UNITS = "kmgt";
    private static final int UNIT_BITS = 10;

    @Spec(Target.MIXEE)
    private CommandSpec mixee;

    private RateLimit limit = RateLimit.NONE;

    @Option(
            names = "--max-rate",
            paramLabel = "RATE",
            description = "The most bytes a second that it copies or reads, such as 50MiB or 800k; units are powers of"
                    + " 1024, at least 4k. Of a recovery that comes first as well. Default: as fast as it can.")
    void maxRate(String rate) {
        Matcher matcher = RATE.matcher(rate.toLowerCase(Locale.ROOT));
        if (!matcher.matches()) {
            throw new ParameterException(
                    mixee.commandLine(), "--max-rate is a number, with KiB, MiB, GiB or TiB: " + rate);
        }
        int shift = matcher.group(2).isEmpty() ? 0 : UNIT_BITS * (UNITS.indexOf(matcher.group(2)) + 1);
        long count = Long.parseLong(matcher.group(1));
        if (count > Long.MAX_VALUE >> shift || count << shift < RateLimit.BYTES_PER_SECOND_MIN) {
            throw new ParameterException(mixee.commandLine(), "--max-rate must be at least 4k: " + rate);
        }
        limit = RateLimit.of(count << shift);
    }

    /** The same progress, no faster. */
    Progress on(Progress progress) {
        return progress.within(limit);
    }
}

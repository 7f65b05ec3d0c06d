package dev.quire.cli;

import dev.quire.CheckReport;
import dev.quire.Instance;
import java.io.IOException;
import java.nio.file.Path;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Checks everything in an instance. */
@CommandLine.Command(
        name = "check",
        description = {
            "Checks every page, tree and allocation map of an instance, and lists all that is wrong.",
            "It opens the instance, so nobody else uses it meanwhile, however long a rate makes that. A backup that is"
                    + " restored elsewhere can be checked instead."
        })
final class CheckCommand extends Command {

    @Parameters(index = "0", paramLabel = "INSTANCE", description = "The directory of the instance.")
    private Path instance;

    @Mixin
    private RateOption rate;

    @Override
    int run() throws IOException {
        long start = System.nanoTime();
        try (Instance opened = open(Instances.existing(instance), rate)) {
            CheckReport found = check(opened);
            output().print(new Report()
                    .add("sound", found.isSound())
                    .add("databases", found.databases())
                    .add("pages", found.pages())
                    .add("tables", found.tables())
                    .add("entries", found.entries())
                    .add("seconds", Amounts.seconds(System.nanoTime() - start))
                    .lines(
                            "faults",
                            found.faults().stream()
                                    .map(CheckReport.Fault::toString)
                                    .toList()));
            if (!found.isSound()) {
                output().complain(found.faults().size() + " faults in " + opened.directory() + ", the first: "
                        + found.faults().get(0));
            }
            return found.isSound() ? ExitCodes.OK : ExitCodes.CORRUPT;
        }
    }

    private CheckReport check(Instance opened) {
        try (ProgressLine progress = progress()) {
            return opened.check(rate.on(progress));
        }
    }
}

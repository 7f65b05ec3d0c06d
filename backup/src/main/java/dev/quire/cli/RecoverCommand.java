package dev.quire.cli;

import dev.quire.Instance;
import dev.quire.durable.RecoveryReport;
import java.io.IOException;
import java.nio.file.Path;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Opens an instance, which recovers it, and closes it in order. */
@CommandLine.Command(
        name = "recover",
        description = {
            "Brings an instance that was not closed back to its last commit, and closes it.",
            "An interrupt ends it in order; the instance is then as it was, and the next command begins again."
        })
final class RecoverCommand extends Command {

    @Parameters(index = "0", paramLabel = "INSTANCE", description = "The directory of the instance.")
    private Path instance;

    @Option(
            names = "--accept-loss",
            description = "Goes on although log with acknowledged commits is missing, and says how much was lost.")
    private boolean acceptLoss;

    @Mixin
    private RateOption rate;

    @Override
    int run() throws IOException {
        long start = System.nanoTime();
        RecoveryReport done;
        try (Instance opened = open(Instances.existing(instance).acceptLoss(acceptLoss), rate)) {
            done = opened.recovery();
        }
        Report report = new Report()
                .add("closedInOrder", done.clean())
                .position("redoStart", done.redoStart())
                .position("logEnd", done.end())
                .add("commits", done.commits())
                .add("records", done.records())
                .add("pagesFromGuard", done.guarded())
                .add("seconds", Amounts.seconds(System.nanoTime() - start))
                .table("mended", Instances.mended(done.mended()));
        output().print(done.lostUpTo() == 0 ? report : report.position("lostUpTo", done.lostUpTo()));
        return ExitCodes.OK;
    }
}

package dev.quire.cli;

import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The commands that show what is in a file. */
@CommandLine.Command(
        name = "dump",
        synopsisSubcommandLabel = "COMMAND",
        description = "Shows what is in a file, offline: reads only, recovers nothing, and goes on behind damage.",
        subcommands = {DumpHeader.class, DumpPage.class, DumpLog.class, DumpCheckpoint.class, DumpManifest.class})
final class DumpCommand implements Runnable {

    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "say what to dump");
    }
}

package dev.quire.cli;

import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** The command above all commands: their list, and the options that every one has. */
@CommandLine.Command(
        name = "quire",
        versionProvider = VersionText.class,
        mixinStandardHelpOptions = true,
        scope = ScopeType.INHERIT,
        synopsisSubcommandLabel = "COMMAND",
        description = "A transactional page store with verified online backup.",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "  0:done",
            "  1:error",
            "  2:the command line is wrong",
            "  4:corruption found, or a file missing that must be there",
            "  5:what was asked for is not found",
            "  6:in use",
            "  8:no space on the disk",
            "130:cancelled, by an interrupt",
            "143:cancelled, by SIGTERM; after the same clean-up"
        },
        subcommands = {
            DemoCommand.class,
            LoadCommand.class,
            GetCommand.class,
            PutCommand.class,
            DeleteCommand.class,
            ScanCommand.class,
            StatCommand.class,
            CheckCommand.class,
            RecoverCommand.class,
            ServeCommand.class,
            BackupCommand.class,
            VerifyCommand.class,
            RestoreCommand.class,
            ListCommand.class,
            ShowCommand.class,
            TruncateLogsCommand.class,
            DumpCommand.class
        })
final class QuireCommand implements Runnable {

    @Spec
    private CommandSpec spec;

    private final Output output;
    private final Cancellation cancellation;

    QuireCommand(Output output, Cancellation cancellation) {
        this.output = output;
        this.cancellation = cancellation;
    }

    @Option(
            names = "--json",
            scope = ScopeType.INHERIT,
            description = "One JSON object on standard output, and nothing else there; serve writes two."
                    + " Help and version stay text.")
    void json(boolean on) {
        output.json(on);
    }

    @Option(
            names = "--stacktrace",
            scope = ScopeType.INHERIT,
            description = "Shows where in the program an error came from.")
    void stacktrace(boolean on) {
        output.stacktrace(on);
    }

    Output output() {
        return output;
    }

    Cancellation cancellation() {
        return cancellation;
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "a command is missing");
    }
}

package dev.quire.cli;

import dev.quire.io.Events;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.logging.Level;
import java.util.logging.Logger;
import picocli.CommandLine;
import picocli.CommandLine.Help;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.TypeConversionException;
import picocli.CommandLine.UnmatchedArgumentException;

/** Where the process starts, and where it ends with the command's exit code. */
public final class Main {

    /** What an error is goes into the one line of a command; held, or the level would go with the logger. */
    private static final Logger EVENTS = Logger.getLogger(Events.LOGGER);

    private Main() {}

    /** Runs one command and ends the virtual machine. */
    public static void main(String[] args) {
        if (System.getProperty("java.util.logging.config.file") == null) {
            EVENTS.setLevel(Level.OFF);
        }
        Cancellation cancellation = new Cancellation();
        cancellation.listen();
        PrintStream err = new PrintStream(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8);
        int code = ExitCodes.ERROR;
        try {
            code = run(new FileOutputStream(FileDescriptor.out), err, TerminalBar.isTerminal(), cancellation, args);
        } finally {
            cancellation.finish();
        }
        System.exit(code);
    }

    /** Runs one command in this process; returns its exit code. */
    static int run(OutputStream out, PrintStream err, boolean terminal, Cancellation cancellation, String... args) {
        Output output = new Output(out, err, terminal);
        CommandLine line = new CommandLine(new QuireCommand(output, cancellation));
        PrintWriter help = new PrintWriter(new OutputStreamWriter(output.bytes(), StandardCharsets.UTF_8));
        line.setOut(help);
        line.setExpandAtFiles(false); // a key may begin with @
        line.registerConverter(Path.class, Main::path);
        line.setColorScheme(Help.defaultColorScheme(terminal ? Help.Ansi.AUTO : Help.Ansi.OFF));
        line.setParameterExceptionHandler((thrown, given) -> {
            if (Arrays.asList(given).contains("--json")) {
                output.json(true);
            }
            return output.misused(usage(thrown));
        });
        int code = line.execute(args);
        help.flush();
        if (askedForHelp(line.getParseResult())) {
            output.json(false);
        }
        return output.finish(code);
    }

    /** An empty path would mean the directory we are in; mostly it is a variable of a script that is not set. */
    private static Path path(String given) {
        if (given.isEmpty()) {
            throw new TypeConversionException("the path is empty");
        }
        try {
            return Path.of(given);
        } catch (InvalidPathException e) {
            throw new TypeConversionException(e.getMessage());
        }
    }

    private static boolean askedForHelp(ParseResult parsed) {
        ParseResult each = parsed;
        while (each != null && !each.isUsageHelpRequested() && !each.isVersionHelpRequested()) {
            each = each.hasSubcommand() ? each.subcommand() : null;
        }
        return each != null;
    }

    private static String usage(ParameterException thrown) {
        boolean unknown = thrown instanceof UnmatchedArgumentException unmatched && unmatched.isUnknownOption();
        String said = thrown.getMessage() + (unknown ? "; -- goes before what is none and begins with -" : "");
        return said + " (see: " + thrown.getCommandLine().getCommandSpec().qualifiedName() + " --help)";
    }
}

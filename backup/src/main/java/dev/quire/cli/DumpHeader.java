package dev.quire.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Shows both copies of a database header. */
@CommandLine.Command(name = "header", description = "Shows the header of a database file, both copies of it.")
final class DumpHeader extends Command {

    @Parameters(index = "0", paramLabel = "FILE", description = "A database file, NAME.qdb.")
    private Path file;

    @Option(names = "--cross-check", description = "Compares with what the engine reads.")
    private boolean crossCheck;

    @Override
    int run() throws IOException {
        try (FileBytes bytes = new FileBytes(file)) {
            List<HeaderDecoder.Copy> copies = HeaderDecoder.read(bytes);
            HeaderDecoder.Copy best = HeaderDecoder.best(copies);
            boolean good = copies.stream().allMatch(HeaderDecoder.Copy::isGood);
            Report report = new Report()
                    .add("file", bytes.path().toString())
                    .add("bytes", bytes.size())
                    .add("counts", best == null ? "neither" : best.number() == 0 ? "header" : "shadow")
                    .table("copies", copies.stream().map(HeaderDecoder::report).toList());
            List<String> differences = crossCheck ? CrossCheck.header(bytes.path(), copies) : List.of();
            output().print(crossCheck ? CrossCheck.report(report, differences) : report);
            if (!good) {
                String which = best == null ? "neither copy of the header is" : "one copy of the header is not";
                output().complain(which + " good: " + bytes.path());
            }
            return good && differences.isEmpty() ? ExitCodes.OK : ExitCodes.CORRUPT;
        }
    }
}

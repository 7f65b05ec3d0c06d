package dev.quire.cli;

import dev.quire.io.NotFoundException;
import dev.quire.io.QuireError;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Shows a page, or says of every page what it is. */
@CommandLine.Command(
        name = "page",
        description = "Shows a page of a database file, field by field; without PAGE, what every page is.")
final class DumpPage extends Command {

    @Parameters(index = "0", paramLabel = "FILE", description = "A database file, NAME.qdb.")
    private Path file;

    @Parameters(index = "1", arity = "0..1", paramLabel = "PAGE", description = "The number of the page.")
    private Long page;

    @Option(
            names = "--page-size",
            paramLabel = "BYTES",
            description = "For a file whose header is lost; its pages are shown, but cannot be verified.")
    private int pageBytes;

    @Option(names = "--cross-check", description = "Compares with what the engine says of the same page.")
    private boolean crossCheck;

    @Override
    int run() throws IOException {
        try (FileBytes bytes = new FileBytes(file)) {
            HeaderDecoder.Copy header = HeaderDecoder.best(HeaderDecoder.read(bytes));
            if (header == null && pageBytes == 0) {
                output().complain("the header is lost; give --page-size to see pages all the same: " + bytes.path());
                return ExitCodes.CORRUPT;
            }
            if (pageBytes != 0 && (pageBytes < 512 || pageBytes > 1 << 20)) {
                throw misuse("--page-size must be 512 to 1048576: " + pageBytes);
            }
            int size = pageBytes != 0 ? pageBytes : header.pageBytes();
            return page == null ? all(bytes, header, size) : one(bytes, header, size);
        }
    }

    private int one(FileBytes bytes, HeaderDecoder.Copy header, int size) throws IOException {
        if (page < 0 || page >= (bytes.size() + size - 1) / size) {
            throw new NotFoundException(
                    QuireError.INVALID_PARAMETER,
                    bytes.path(),
                    "page " + page + " is not in the file, which has " + bytes.size() / size,
                    null);
        }
        RawBytes first = bytes.read(page * size, size);
        int span = PageDecoder.span(first, size);
        RawBytes whole = span == size ? first : bytes.read(page * size, span);
        String fault = header == null
                ? "not verified: the header is lost"
                : PageDecoder.fault(whole, span, header.signature(), page);
        String noPage =
                fault == null || header == null ? null : new PageTally(bytes, header, size, crossCheck).noPage(page);
        Report report = new Report()
                .add("file", bytes.path().toString())
                .add("page", page)
                .add("position", page * size)
                .part("header", PageDecoder.report(first, noPage == null ? fault : noPage));
        List<String> differences = crossCheck && header != null
                ? CrossCheck.page(bytes.path(), header, page, whole, fault == null)
                : List.of();
        String drawing = PageDecoder.draw(first, page * size);
        Report all = crossCheck ? CrossCheck.report(report, differences) : report;
        output().print(output().isJson() ? all.lines("dump", drawing.lines().toList()) : all);
        output().text(drawing);
        if (fault != null && noPage == null) {
            output().complain("page " + page + " is not good: " + fault + ": " + bytes.path());
        }
        return (fault == null || noPage != null) && differences.isEmpty() ? ExitCodes.OK : ExitCodes.CORRUPT;
    }

    private int all(FileBytes bytes, HeaderDecoder.Copy header, int size) throws IOException {
        if (header == null) {
            throw misuse("without a header only a single PAGE can be shown");
        }
        PageTally tally = new PageTally(bytes, header, size, crossCheck);
        tally.run(cancellation());
        Report report = tally.report();
        output().print(crossCheck ? CrossCheck.report(report, tally.differences()) : report);
        if (tally.isDamaged()) {
            output().complain("pages in use do not verify: " + bytes.path());
        }
        return tally.isDamaged() || !tally.differences().isEmpty() ? ExitCodes.CORRUPT : ExitCodes.OK;
    }
}

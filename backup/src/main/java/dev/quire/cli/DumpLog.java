package dev.quire.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.quire.durable.Names;
import dev.quire.io.FileStorage;
import dev.quire.io.NotFoundException;
import dev.quire.io.QuireError;
import dev.quire.io.Storage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Shows generations of the log. */
@CommandLine.Command(
        name = "log",
        description = {
            "Shows generations of the log: header, Begin, batches and records, where each ends and why.",
            "Records are listed for a single file, or with --records."
        })
final class DumpLog extends Command {

    private static final String SUFFIX = ".qlog";

    @Parameters(
            index = "0",
            paramLabel = "PATH",
            description = "A generation, NUMBER.qlog, or the directory of a log, of an instance or of a backup.")
    private Path path;

    @Option(names = "--records", negatable = true, description = "Lists every batch and record.")
    private Boolean records;

    @Option(names = "--cross-check", description = "Compares with what the engine reads.")
    private boolean crossCheck;

    private final List<String> faults = new ArrayList<>();
    private final List<String> differences = new ArrayList<>();
    private String name;
    private int lastGeneration = -1;
    private int lastEnd;
    private int lastChain;

    @Override
    int run() throws IOException {
        List<Path> files = files(absolute(path));
        boolean list = records == null ? FileStorage.instance().kind(absolute(path)) == Storage.Kind.FILE : records;
        JsonGenerator json = output().isJson() ? output().generator() : null;
        if (json != null) {
            json.writeArrayFieldStart("generations");
        }
        for (Path file : files) {
            if (json != null) {
                json.writeStartObject();
            }
            generation(file, list);
            if (json != null) {
                json.writeEndObject();
            }
        }
        Report end = new Report().lines("faults", faults);
        output().print(crossCheck ? CrossCheck.report(end, differences) : end);
        if (!faults.isEmpty()) {
            output().complain(faults.size() + " faults in the log, the first: " + faults.get(0));
        }
        return faults.isEmpty() && differences.isEmpty() ? ExitCodes.OK : ExitCodes.CORRUPT;
    }

    private static List<Path> files(Path path) {
        Storage storage = FileStorage.instance();
        Path below = path.resolve(Names.LOG);
        Path directory = storage.kind(below) == Storage.Kind.DIRECTORY ? below : path;
        if (storage.kind(directory) != Storage.Kind.DIRECTORY) {
            return List.of(path);
        }
        List<Path> files = storage.list(directory).stream()
                .filter(each -> each.endsWith(SUFFIX))
                .map(directory::resolve)
                .toList();
        if (files.isEmpty()) {
            throw new NotFoundException(QuireError.FILE_NOT_FOUND, directory, "there is no log here", null);
        }
        return files;
    }

    private void generation(Path file, boolean list) throws IOException {
        name = file.getFileName().toString();
        try (FileBytes bytes = new FileBytes(file)) {
            LogDecoder decoder = new LogDecoder(bytes);
            show(decoder.headReport());
            RecordLines lines = new RecordLines(output(), list);
            if (decoder.hasHead()) {
                decoder.walk(lines);
            }
            lines.end();
            if (decoder.hasHead()) {
                show(decoder.endReport());
                judge(decoder);
            } else {
                faults.add(name + ": " + decoder.headFault());
            }
            if (crossCheck && decoder.headFault() == null) {
                differences.addAll(CrossCheck.log(file, decoder));
            }
        }
    }

    private void judge(LogDecoder decoder) {
        if (decoder.headFault() != null) {
            faults.add(name + ": " + decoder.headFault());
        } else if (decoder.isDamaged()) {
            faults.add(name + ": ends at " + decoder.end() + ", but log behind that is known to have been forced");
        }
        int[] previous = decoder.previous();
        if (previous != null && lastGeneration == previous[0] && lastGeneration > 0) {
            if (lastEnd != previous[1] || lastChain != previous[2]) {
                faults.add(name + ": the generation before should end at " + previous[1] + ", it ends at " + lastEnd);
            }
        }
        lastGeneration = decoder.generation();
        lastEnd = decoder.end();
        lastChain = decoder.chain();
    }

    private void show(Report report) throws IOException {
        if (output().isJson()) {
            output().fields(report);
        } else {
            output().print(report);
        }
    }
}

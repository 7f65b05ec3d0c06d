package dev.quire.cli;

import dev.quire.durable.Names;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Shows both slots of a checkpoint file. */
@CommandLine.Command(name = "checkpoint", description = "Shows both slots of a checkpoint file.")
final class DumpCheckpoint extends Command {

    @Parameters(index = "0", paramLabel = "FILE", description = "A checkpoint file, or the directory of an instance.")
    private Path file;

    @Option(names = "--cross-check", description = "Compares with what the engine reads.")
    private boolean crossCheck;

    @Override
    int run() throws IOException {
        Path path = Files.isDirectory(file) ? file.resolve(Names.CHECKPOINT) : file;
        try (FileBytes bytes = new FileBytes(path)) {
            List<Report> slots = new ArrayList<>();
            List<String> differences = new ArrayList<>();
            int counts = -1;
            int bad = 0;
            long newest = 0;
            for (int i = 0; i < CheckpointDecoder.SLOTS; i++) {
                RawBytes slot = bytes.read((long) i * CheckpointDecoder.SLOT_BYTES, CheckpointDecoder.SLOT_BYTES);
                slots.add(CheckpointDecoder.report(i, slot));
                boolean good = CheckpointDecoder.fault(slot) == null;
                bad += good ? 0 : 1;
                if (good && (counts < 0 || CheckpointDecoder.sequence(slot) > newest)) {
                    counts = i;
                    newest = CheckpointDecoder.sequence(slot);
                }
                if (crossCheck) {
                    differences.addAll(CrossCheck.slot(i, slot));
                }
            }
            Report report = new Report()
                    .add("file", bytes.path().toString())
                    .add("bytes", bytes.size())
                    .add("counts", counts < 0 ? "neither" : "slot " + counts)
                    .table("slots", slots);
            output().print(crossCheck ? CrossCheck.report(report, differences) : report);
            if (bad > 0) {
                output().complain((bad == 1 ? "a slot is" : "both slots are") + " not good: " + bytes.path());
            }
            return bad == 0 && differences.isEmpty() ? ExitCodes.OK : ExitCodes.CORRUPT;
        }
    }
}

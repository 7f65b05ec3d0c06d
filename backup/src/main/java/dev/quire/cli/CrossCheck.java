package dev.quire.cli;

import dev.quire.durable.CheckpointSlot;
import dev.quire.io.FileStorage;
import dev.quire.io.QuireException;
import dev.quire.io.log.GenerationInfo;
import dev.quire.io.log.GenerationStart;
import dev.quire.io.log.LogFiles;
import dev.quire.io.page.DatabaseHeader;
import dev.quire.io.page.PageHeader;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * Compares what the second reader found with what the engine's own code says of the same bytes. A difference is a
 * mistake
 * in one of the two, or in the document both were written from.
 */
final class CrossCheck {

    private CrossCheck() {}

    /** Adds the verdict to a report. */
    static Report report(Report report, List<String> differences) {
        return report.add("crossCheck", differences.isEmpty() ? "both readers agree" : "THE READERS DIFFER")
                .lines("differences", differences);
    }

    static List<String> header(Path file, List<HeaderDecoder.Copy> copies) {
        List<String> differences = new ArrayList<>();
        HeaderDecoder.Copy best = HeaderDecoder.best(copies);
        List<QuireException> damaged = new ArrayList<>();
        DatabaseHeader header;
        try {
            header = DatabaseHeader.read(FileStorage.instance(), file, damaged::add);
        } catch (QuireException e) {
            if (best != null) {
                differences.add("the engine refuses the header: " + e.getMessage());
            }
            return differences;
        }
        if (best == null) {
            differences.add("the engine takes the header: " + header);
            return differences;
        }
        compare(
                differences,
                "copies that are not good",
                damaged.size(),
                copies.stream().filter(copy -> !copy.isGood()).count());
        compare(differences, "signature", header.signature(), best.signature());
        compare(differences, "page size", header.pageSize(), best.pageBytes());
        compare(differences, "page count", header.pageCount(), best.pages());
        compare(differences, "sequence", header.sequence(), best.sequence());
        compare(differences, "dbtime bound", header.dbtimeBound(), best.block().i64(80));
        compare(
                differences,
                "required from",
                header.requiredFrom(),
                best.block().i64(96));
        compare(
                differences,
                "required up to",
                header.requiredUpTo(),
                best.block().i64(104));
        compare(
                differences,
                "committed up to",
                header.committedUpTo(),
                best.block().i64(112));
        compare(
                differences,
                "log signature",
                header.logSignature(),
                best.block().i64(72));
        compare(differences, "full stamp", header.full().mark(), best.block().i64(160));
        return differences;
    }

    static List<String> page(Path file, HeaderDecoder.Copy header, long page, RawBytes bytes, boolean good) {
        List<String> differences = new ArrayList<>();
        int length = bytes.length();
        if (length < header.pageBytes()) {
            return differences;
        }
        ByteBuffer buffer = ByteBuffer.wrap(bytes.copy(0, length)).order(ByteOrder.LITTLE_ENDIAN);
        boolean verifies = PageHeader.verifies(buffer, 0, length, header.signature(), page);
        compare(differences, file.getFileName() + " page " + page + " verifies", verifies, good);
        compare(differences, "page " + page + " dbtime", PageHeader.dbtime(buffer, 0), bytes.i64(8));
        compare(differences, "page " + page + " type", PageHeader.type(buffer, 0), bytes.u8(4));
        return differences;
    }

    static List<String> slot(int index, RawBytes bytes) {
        List<String> differences = new ArrayList<>();
        boolean good = CheckpointDecoder.fault(bytes) == null;
        CheckpointSlot slot = bytes.length() < CheckpointDecoder.SLOT_BYTES
                ? null
                : CheckpointSlot.decode(bytes.copy(0, CheckpointDecoder.SLOT_BYTES));
        compare(differences, "slot " + index + " is good", slot != null, good);
        if (slot != null && good) {
            compare(differences, "sequence", slot.sequence(), bytes.i64(8));
            compare(differences, "signature", slot.signature(), bytes.i64(16));
            compare(differences, "redo start", slot.redoStart(), bytes.i64(24));
            compare(differences, "forced", slot.forced(), bytes.i64(32));
            compare(differences, "generation", slot.generation(), bytes.i32(40));
            compare(differences, "clean", slot.clean(), (bytes.i32(44) & 1) != 0);
            compare(differences, "next id", slot.nextId(), bytes.i32(48));
            compare(differences, "attachments", slot.attachments().size(), bytes.i32(52));
            compare(differences, "commit time", slot.commitTimeMs(), bytes.i64(CheckpointDecoder.TIME));
        }
        return differences;
    }

    static List<String> log(Path file, LogDecoder decoder) {
        List<String> differences = new ArrayList<>();
        FileStorage storage = FileStorage.instance();
        try {
            if (!decoder.hasStarted()) {
                LogFiles.start(storage, file);
                differences.add(file.getFileName() + ": the engine finds a Begin");
                return differences;
            }
            GenerationStart start = LogFiles.start(storage, file);
            compare(differences, "generation", start.generation(), decoder.generation());
            compare(differences, "size", start.generationBytes(), decoder.generationBytes());
            compare(differences, "signature", start.signature(), decoder.signature());
            compare(differences, "closing offset before", start.previous().closingOffset(), decoder.previous()[1]);
            GenerationInfo info = LogFiles.verify(storage, file, start.signature(), start.generation(), decoder.end());
            compare(differences, "chain", info.chain(), decoder.chain());
            long[] records = {1};
            LogFiles.read(storage, file, start.signature(), info, (lsn, type, buffer, offset, length) -> records[0]++);
            compare(differences, "records", records[0], decoder.records());
        } catch (QuireException e) {
            if (decoder.hasStarted()) {
                differences.add("the engine refuses the generation: " + e.getMessage());
            }
        }
        return differences;
    }

    private static void compare(List<String> differences, String what, Object engine, Object second) {
        boolean numbers = engine instanceof Number && second instanceof Number;
        boolean same = numbers
                ? ((Number) engine).longValue() == ((Number) second).longValue()
                : Objects.equals(engine, second);
        if (!same) {
            differences.add(what + ": the engine says " + engine + ", the second reader " + second);
        }
    }
}

package dev.quire.cli;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** The second reader's view of a slot of the checkpoint file: knows the format from its document alone. */
final class CheckpointDecoder {

    static final int SLOT_BYTES = 16 << 10;
    static final int SLOTS = 2;
    static final int TIME = SLOT_BYTES - 12;

    private static final int MAGIC = 0x4b484351;
    private static final int SUM = SLOT_BYTES - 4;
    private static final int ATTACHMENTS = 64;
    private static final int ATTACHMENT_BYTES = 34;
    private static final int COUNT_MAX = 1024;

    private CheckpointDecoder() {}

    /** What is wrong with a slot, null if nothing is. */
    static String fault(RawBytes b) {
        if (b.length() < SLOT_BYTES) {
            return "cut off: " + b.length() + " of " + SLOT_BYTES + " bytes are there";
        }
        if (b.i32(0) != MAGIC) {
            return String.format("no magic of a checkpoint: %08x", b.i32(0));
        }
        if (b.i32(SUM) != b.crc(0, SUM)) {
            return String.format("checksum %08x, computed %08x", b.i32(SUM), b.crc(0, SUM));
        }
        return b.i32(4) == 1 ? null : "format version " + b.i32(4) + " is not known";
    }

    /** Which of two whole slots is newer. */
    static long sequence(RawBytes b) {
        return b.i64(8);
    }

    static Report report(int index, RawBytes b) {
        String fault = fault(b);
        Report report = new Report()
                .add("slot", index)
                .add("good", fault == null)
                .add("verdict", fault == null ? "verifies" : fault);
        if (b.length() < SLOT_BYTES) {
            return report;
        }
        int flags = b.i32(44);
        return report.add("formatVersion", b.i32(4))
                .add("sequence", b.i64(8))
                .hex("logSignature", b.i64(16))
                .position("redoStart", b.i64(24))
                .position("forced", b.i64(32))
                .add("highestGeneration", b.i32(40))
                .add("clean", (flags & 1) != 0)
                .add("unlogged", (flags & 2) != 0)
                .add("nextDatabaseId", b.i32(48))
                .bytes("generationBytes", b.i32(56))
                .time("commitTimeMs", b.i64(TIME))
                .table("attachments", attachments(b));
    }

    /** Those that fit; what is damaged may say anything. */
    private static List<Report> attachments(RawBytes b) {
        List<Report> attachments = new ArrayList<>();
        int at = ATTACHMENTS;
        for (int i = 0; i < Math.min(COUNT_MAX, b.i32(52)) && at + ATTACHMENT_BYTES <= TIME; i++) {
            int length = b.u16(at + 32);
            if (at + ATTACHMENT_BYTES + length > TIME) {
                break;
            }
            attachments.add(new Report()
                    .add("id", b.i32(at))
                    .add("name", new String(b.copy(at + ATTACHMENT_BYTES, length), StandardCharsets.UTF_8))
                    .hex("signature", b.i64(at + 8))
                    .add("pageBytes", b.i32(at + 4))
                    .position("from", b.i64(at + 16)));
            at += ATTACHMENT_BYTES + length;
        }
        return attachments;
    }
}

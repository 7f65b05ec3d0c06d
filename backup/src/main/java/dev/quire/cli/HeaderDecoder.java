package dev.quire.cli;

import java.util.ArrayList;
import java.util.List;

/**
 * The second reader's view of a database header: page 0 and, as its shadow, page 1. Knows the format from its document
 * alone. Fields are shown also where the checksum says that they cannot be believed.
 */
final class HeaderDecoder {

    static final int BLOCK_BYTES = 4096;

    private static final long MAGIC = 0x42442E4552495551L;
    private static final int SUM = BLOCK_BYTES - 4;
    private static final int PAGE_BYTES_MIN = 4096;
    private static final int PAGE_BYTES_MAX = 65536;
    private static final String[] STATES = {"?", "CLEAN", "DIRTY", "UNLOGGED", "BACKUP"};
    private static final String[] STAMPS = {
        "lastFull", "lastIncremental", "lastCopy", "lastDifferential", "partOfFull",
    };
    private static final int STAMPS_FROM = 160;
    private static final int STAMP_BYTES = 32;

    /**
     * One copy.
     *
     * @param number 0 for the header, 1 for the shadow
     * @param position where it was looked for
     * @param block its bytes
     * @param faults what is wrong with it, empty if nothing is
     */
    record Copy(int number, long position, RawBytes block, List<String> faults) {

        boolean isGood() {
            return faults.isEmpty();
        }

        int pageBytes() {
            return block.i32(44);
        }

        long signature() {
            return block.i64(48);
        }

        long pages() {
            return block.i64(88);
        }

        long sequence() {
            return block.i64(152);
        }
    }

    private HeaderDecoder() {}

    /** Both copies; the shadow is looked for behind a page of every size if the header does not tell. */
    static List<Copy> read(FileBytes file) {
        List<Copy> copies = new ArrayList<>();
        Copy header = copy(file, 0, 0);
        copies.add(header);
        if (header.isGood()) {
            copies.add(copy(file, 1, header.pageBytes()));
            return copies;
        }
        for (int position = PAGE_BYTES_MIN; position <= PAGE_BYTES_MAX; position *= 2) {
            Copy shadow = copy(file, 1, position);
            if (shadow.isGood()) {
                copies.add(shadow);
                return copies;
            }
        }
        copies.add(copy(file, 1, PAGE_BYTES_MIN));
        return copies;
    }

    /** The copy to believe, null if none is good. */
    static Copy best(List<Copy> copies) {
        Copy best = null;
        for (Copy copy : copies) {
            best = copy.isGood() && (best == null || copy.sequence() > best.sequence()) ? copy : best;
        }
        return best;
    }

    private static Copy copy(FileBytes file, int number, long position) {
        RawBytes block = file.read(position, BLOCK_BYTES);
        List<String> faults = new ArrayList<>();
        Copy copy = new Copy(number, position, block, faults);
        if (block.length() < BLOCK_BYTES) {
            faults.add("the file ends inside of it");
        } else if (block.i64(32) != MAGIC) {
            faults.add(String.format("no magic of a database: %016x", block.i64(32)));
        } else if (block.i32(SUM) != block.crc(4, SUM - 4)) {
            faults.add(String.format("checksum %08x, computed %08x", block.i32(SUM), block.crc(4, SUM - 4)));
        } else {
            fields(file, copy);
        }
        return copy;
    }

    private static void fields(FileBytes file, Copy copy) {
        List<String> faults = copy.faults();
        int pageBytes = copy.pageBytes();
        if (copy.block().i32(40) != 1) {
            faults.add("format version " + copy.block().i32(40) + " is not known");
        } else if (pageBytes < PAGE_BYTES_MIN || pageBytes > PAGE_BYTES_MAX || Integer.bitCount(pageBytes) != 1) {
            faults.add("pages of " + pageBytes + " bytes");
        } else if (copy.number() == 1 && pageBytes != copy.position()) {
            faults.add("stands at " + copy.position() + ", pages have " + pageBytes + " bytes");
        } else if (copy.block().i64(16) != copy.number()) {
            faults.add("calls itself page " + copy.block().i64(16));
        } else if (copy.pages() < 2) {
            faults.add("page count " + copy.pages());
        } else {
            String page = PageDecoder.fault(
                    file.read(copy.position(), pageBytes), pageBytes, copy.signature(), copy.number());
            if (page != null) {
                faults.add(page);
            }
        }
        if (faults.isEmpty() && copy.pages() > file.size() / pageBytes) {
            faults.add("the file is cut off: " + copy.pages() + " pages of " + pageBytes + " bytes do not fit "
                    + file.size());
        }
    }

    /** The fields of a copy, as far as they are there. */
    static Report report(Copy copy) {
        RawBytes b = copy.block();
        Report report = new Report()
                .add("copy", copy.number() == 0 ? "header" : "shadow")
                .add("position", copy.position())
                .add("good", copy.isGood())
                .lines("faults", copy.faults());
        if (b.length() < BLOCK_BYTES) {
            return report;
        }
        int state = b.i32(64);
        report.add("formatVersion", b.i32(40))
                .add("pageBytes", b.i32(44))
                .hex("signature", b.i64(48))
                .time("createdMs", b.i64(56))
                .add("state", state > 0 && state < STATES.length ? STATES[state] : "? " + state)
                .add("databaseId", b.i32(68))
                .hex("logSignature", b.i64(72))
                .add("dbtimeBound", b.i64(80))
                .add("pageCount", b.i64(88))
                .position("requiredFrom", b.i64(96))
                .position("requiredUpTo", b.i64(104))
                .position("committedUpTo", b.i64(112))
                .position("attached", b.i64(120))
                .time("attachedMs", b.i64(128))
                .position("detached", b.i64(136))
                .time("detachedMs", b.i64(144))
                .add("sequence", b.i64(152));
        for (int i = 0; i < STAMPS.length; i++) {
            stamp(report, STAMPS[i], b, STAMPS_FROM + i * STAMP_BYTES);
        }
        return report;
    }

    private static void stamp(Report report, String name, RawBytes b, int at) {
        if (b.i64(at) != 0) {
            report.part(
                    name,
                    new Report()
                            .position("mark", b.i64(at))
                            .time("timeMs", b.i64(at + 8))
                            .add("generationLow", b.i32(at + 16))
                            .add("generationHigh", b.i32(at + 20)));
        }
    }
}

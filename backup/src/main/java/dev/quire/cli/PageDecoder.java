package dev.quire.cli;

/** The second reader's view of a page: knows the format from its document alone. */
final class PageDecoder {

    static final int HEADER_BYTES = 32;

    private static final String[] TYPES = {
        "?", "header", "roots", "allocation map", "raw", "tree leaf", "tree branch", "extent",
    };
    private static final int ROOTS = 2;
    private static final int ALLOCATION = 3;
    private static final int LEAF = 5;
    private static final int BRANCH = 6;
    private static final int MAP_FROM = 64;
    private static final int SLOT_BYTES = 40;
    private static final int SLOTS = 100;
    private static final int CELL_STEP = 64;

    private PageDecoder() {}

    /** What is wrong with the page or extent in {@code bytes}, null if nothing is. */
    static String fault(RawBytes bytes, int length, long signature, long page) {
        if (bytes.length() < length) {
            return "cut off: " + bytes.length() + " of " + length + " bytes are there";
        }
        if (bytes.i64(16) != page) {
            return "calls itself page " + bytes.i64(16);
        }
        int computed = bytes.crc(4, length - 4) ^ Salt.of(signature, page);
        return bytes.i32(0) == computed ? null : String.format("checksum %08x, computed %08x", bytes.i32(0), computed);
    }

    static String type(int type) {
        return type < TYPES.length ? TYPES[type] : "? " + type;
    }

    /** Bytes of the page and what belongs to it, by its own word; one page if that cannot be. */
    static int span(RawBytes page, int pageBytes) {
        int pages = page.length() < HEADER_BYTES ? 1 : page.u16(6);
        return pages < 1 || (long) pages * pageBytes > 1 << 20 ? pageBytes : pages * pageBytes;
    }

    /** The header of a page. */
    static Report report(RawBytes page, String fault) {
        Report report = new Report().add("good", fault == null).add("verdict", fault == null ? "verifies" : fault);
        if (page.length() < HEADER_BYTES) {
            return report;
        }
        report.add("crc", String.format("%08x", page.i32(0)))
                .add("type", type(page.u8(4)))
                .add("flags", page.u8(5))
                .add("pages", page.u16(6))
                .add("dbtime", page.i64(8))
                .add("number", page.i64(16))
                .hex("reserved", page.i64(24));
        boolean node = page.u8(4) == LEAF || page.u8(4) == BRANCH;
        return node && page.length() >= CELL_STEP ? report.part("node", node(page)) : report;
    }

    private static Report node(RawBytes page) {
        return new Report()
                .add("cells", page.u16(32))
                .add("level", page.u8(34))
                .add("flags", page.u8(35))
                .add("prefixBytes", page.u16(36))
                .add("lowFenceBytes", page.u16(38))
                .add("highFenceBytes", page.u16(40))
                .add("cellsFrom", page.i32(44))
                .add("deadBytes", page.i32(48));
    }

    /** The bytes, field by field. */
    static String draw(RawBytes page, long position) {
        Drawing drawing = new Drawing(page, position)
                .field(4, "crc")
                .field(1, "type")
                .field(1, "flags")
                .field(2, "pages")
                .field(8, "dbtime")
                .field(8, "number")
                .field(8, "reserved");
        int type = page.length() > 4 ? page.u8(4) : 0;
        if (type == LEAF || type == BRANCH) {
            node(drawing, page);
        } else if (type == ROOTS) {
            drawing.field(4, "regions")
                    .field(4, "reserved")
                    .field(8, "catalog root")
                    .field(16, "reserved");
            drawing.field(SLOTS * SLOT_BYTES, "root slots");
        } else if (type == ALLOCATION) {
            drawing.field(MAP_FROM - HEADER_BYTES, "reserved").field(page.length() / 2, "two bits a page");
        }
        return drawing.upTo(page.length(), "rest").toString();
    }

    private static void node(Drawing drawing, RawBytes page) {
        int count = page.length() < CELL_STEP ? 0 : page.u16(32);
        int slotBytes = (2 * count + CELL_STEP - 1) / CELL_STEP * CELL_STEP;
        int cells = page.length() < CELL_STEP ? 0 : page.i32(44);
        drawing.field(2, "cells")
                .field(1, "level")
                .field(1, "flags")
                .field(2, "prefix bytes")
                .field(2, "low fence bytes")
                .field(2, "high fence bytes")
                .field(2, "zero")
                .field(4, "cells from")
                .field(4, "dead bytes")
                .field(12, "zero")
                .field(slotBytes, "slots")
                .field(8 * count, "heads");
        if (cells > CELL_STEP && cells <= page.length()) {
            drawing.upTo(cells, "free").upTo(page.length(), "cells and fences");
        }
    }

    /** What the map in {@code map} says of its {@code index}-th page: 0 free, 1 page, 2 head of an extent, 3 inside. */
    static int use(RawBytes map, int index) {
        return map.u8(MAP_FROM + index / 4) >> index % 4 * 2 & 3;
    }

    static boolean isMap(RawBytes page) {
        return page.u8(4) == ALLOCATION;
    }
}

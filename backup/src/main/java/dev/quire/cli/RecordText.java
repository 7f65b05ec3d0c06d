package dev.quire.cli;

/** The second reader's view of a record: what it does, in one line or a few fields. */
final class RecordText {

    private static final String[] TYPES = {
        "?", "PAGE_DELTA", "PAGE_IMAGE", "COMMIT", "CREATE", "ATTACH", "DETACH", "DROP", "CLOSE", "MARK",
    };
    private static final int PAGE_DELTA = 1;
    private static final int PAGE_IMAGE = 2;
    private static final int COMMIT = 3;
    private static final int CREATE = 4;
    private static final int ATTACH = 5;
    private static final int DETACH = 6;
    private static final int DROP = 7;
    private static final int MARK = 9;
    private static final int BEGIN = 0xFF;
    private static final int RANGES = 32;
    private static final int COMMIT_BYTES = 24;
    private static final int ATTACH_BYTES = 36;
    private static final int MARK_BYTES_MAX = 200;

    private RecordText() {}

    static String type(int type) {
        return type == BEGIN ? "BEGIN" : type < TYPES.length ? TYPES[type] : "? " + type;
    }

    /** Its fields, as far as its length has them. */
    static Report of(long lsn, int type, RawBytes b, int at, int length) {
        Report report =
                new Report().position("lsn", lsn).add("type", type(type)).add("length", length);
        if ((type == PAGE_DELTA || type == PAGE_IMAGE) && length >= RANGES) {
            report.add("database", b.i32(at)).add("page", b.i64(at + 8));
            if (type == PAGE_DELTA) {
                report.add("dbtimeBefore", b.i64(at + 16));
            } else {
                report.add("pageType", PageDecoder.type(b.u16(at + 4)))
                        .add("pages", b.u16(at + 6))
                        .add("piece", b.i32(at + 16));
            }
            report.add("dbtime", b.i64(at + 24)).add("ranges", ranges(b, at, length));
        } else if (type == COMMIT && length >= COMMIT_BYTES) {
            report.add("records", b.i32(at)).time("timeMs", b.i64(at + 8)).position("first", b.i64(at + 16));
            if (length > COMMIT_BYTES) {
                report.add("restorePoint", text(b, at + COMMIT_BYTES, length - COMMIT_BYTES));
            }
        } else if ((type == CREATE || type == ATTACH) && length >= ATTACH_BYTES) {
            report.add("database", b.i32(at))
                    .add("pageBytes", b.i32(at + 4))
                    .hex("signature", b.i64(at + 8))
                    .add("dbtime", b.i64(at + 16))
                    .add("name", text(b, at + ATTACH_BYTES, length - ATTACH_BYTES));
        } else if ((type == DETACH || type == DROP) && length >= Integer.BYTES) {
            report.add("database", b.i32(at));
        } else if (type == MARK) {
            report.add("text", text(b, at, Math.min(length, MARK_BYTES_MAX)));
        }
        return report;
    }

    /** The same in one line. */
    static String line(Report record) {
        StringBuilder line = new StringBuilder("  ");
        for (int i = 0; i < record.items().size(); i++) {
            Report.Item item = record.items().get(i);
            line.append(i < 2 ? "" : item.name() + '=').append(item.text()).append(' ');
        }
        return Escapes.line(line.toString().stripTrailing()) + '\n';
    }

    private static int ranges(RawBytes b, int at, int length) {
        int count = 0;
        int next = RANGES;
        while (next + Integer.BYTES <= length) {
            next += Integer.BYTES + b.u16(at + next + 2);
            count++;
        }
        return count;
    }

    private static String text(RawBytes b, int at, int length) {
        return Escapes.text(b.copy(at, length)).replace("\\x00", "");
    }
}

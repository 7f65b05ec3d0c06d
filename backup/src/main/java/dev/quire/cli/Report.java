package dev.quire.cli;

import dev.quire.io.log.Lsn;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What a command has to say: named values in order, each for machines and for people. Names are those of the JSON
 * fields,
 * in camel case; people see their words. Names and meanings stay; new ones may come.
 */
final class Report {

    /**
     * One value.
     *
     * @param name of the field
     * @param value a String, Long, Integer, Double or Boolean, a Report, or a List of Strings or of Reports
     * @param text the same for people
     */
    record Item(String name, Object value, String text) {

        /** The name as words; people see a moment, not its milliseconds. */
        String label() {
            return name.replaceAll("Ms$", "").replaceAll("([A-Z])", " $1").toLowerCase(Locale.ROOT);
        }
    }

    private final List<Item> items = new ArrayList<>();

    List<Item> items() {
        return items;
    }

    Report add(String name, long value) {
        return item(name, value, Long.toString(value));
    }

    Report add(String name, String value) {
        return item(name, value, value);
    }

    Report add(String name, boolean value) {
        return item(name, value, value ? "yes" : "no");
    }

    Report add(String name, double value) {
        return item(name, value, String.format(Locale.ROOT, value < 100 ? "%.3f" : "%.1f", value));
    }

    Report bytes(String name, long bytes) {
        return item(name, bytes, Amounts.bytes(bytes));
    }

    /** A place in the log. */
    Report position(String name, long lsn) {
        return item(name, Lsn.toString(lsn), Lsn.toString(lsn));
    }

    /** A place in the log; no field where there is none. */
    Report positionIfAny(String name, long lsn) {
        return lsn == 0 ? this : position(name, lsn);
    }

    /** A signature or another number that is only ever compared. */
    Report hex(String name, long value) {
        String text = String.format("%016x", value);
        return item(name, text, text);
    }

    Report time(String name, long ms) {
        return item(name, ms, Amounts.time(ms));
    }

    /** How long it took, and what that comes to. */
    Report took(long bytes, long nanos) {
        return add("seconds", Amounts.seconds(nanos))
                .add("megabytesPerSecond", Amounts.megabytesPerSecond(bytes, nanos));
    }

    Report lines(String name, List<String> lines) {
        return item(name, List.copyOf(lines), null);
    }

    /** Rows that have the same fields. */
    Report table(String name, List<Report> rows) {
        return item(name, List.copyOf(rows), null);
    }

    Report part(String name, Report part) {
        return item(name, part, null);
    }

    private Report item(String name, Object value, String text) {
        items.add(new Item(name, value, text));
        return this;
    }
}

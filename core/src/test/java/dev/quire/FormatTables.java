package dev.quire;

import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The tables of a format document that stand below a line naming a class:
 *
 * <pre>
 *   Layout `dev.quire.SomeLayout`, prefix `PART_`, 24 bytes, `PART_BYTES`.      prefix and total may be missing
 *   Constants of `dev.quire.SomeLayout`.
 * </pre>
 *
 * In a layout the rows follow one another without a gap, and a field in code font stands where the constant of its name
 * says, with or without {@code _OFFSET} behind it. The size … is up to the end.
 */
final class FormatTables {

    private static final Pattern LAYOUT =
            Pattern.compile("Layout `([\\w.]+)`(?:, prefix `(\\w+)`)?(?:, (\\d+) bytes, `(\\w+)`)?\\.");
    private static final Pattern CONSTANTS = Pattern.compile("Constants of `([\\w.]+)`\\.");
    private static final String OPEN = "…";

    private final List<String> lines;
    private final List<String> faults = new ArrayList<>();
    private final Set<String> classes = new TreeSet<>();
    private final List<Integer> rows = new ArrayList<>();

    FormatTables(List<String> lines) {
        this.lines = lines;
        for (int i = 0; i < lines.size(); i++) {
            Matcher layout = LAYOUT.matcher(lines.get(i));
            Matcher constants = CONSTANTS.matcher(lines.get(i));
            if (layout.matches()) {
                layout(layout, table(i));
            } else if (constants.matches()) {
                constants(constants.group(1), table(i));
            } else if (lines.get(i).startsWith("Layout `") || lines.get(i).startsWith("Constants of `")) {
                faults.add("not understood: " + lines.get(i));
            }
        }
    }

    /** What does not agree, in words. */
    List<String> faults() {
        return faults;
    }

    /** The classes that were compared. */
    Set<String> classes() {
        return classes;
    }

    /** Indexes of the lines that were compared. */
    List<Integer> rows() {
        return rows;
    }

    /** The cells of the rows of the table below a line. */
    private List<String[]> table(int line) {
        List<String[]> table = new ArrayList<>();
        for (int i = line + 4; i < lines.size() && lines.get(i).startsWith("|"); i++) {
            table.add(lines.get(i).substring(1).trim().split("\\s*\\|\\s*"));
            rows.add(i);
        }
        if (table.isEmpty()) {
            faults.add("no table below: " + lines.get(line));
        }
        return table;
    }

    private void layout(Matcher head, List<String[]> table) {
        String type = head.group(1);
        String prefix = head.group(2) == null ? "" : head.group(2);
        classes.add(type);
        long next = 0;
        for (String[] row : table) {
            String what = type + ' ' + row[2];
            expect(what + " offset", next, row[0]);
            if (row[2].startsWith("`")) {
                expect(what + " constant", offset(type, prefix, name(row[2])), row[0]);
            }
            next = OPEN.equals(row[1]) ? -1 : Long.parseLong(row[0]) + Long.parseLong(row[1]);
        }
        if (head.group(3) != null) {
            expect(type + " total", next, head.group(3));
            expect(type + " total", constant(type, head.group(4)), head.group(3));
        } else if (next >= 0 && !OPEN.equals(table.get(table.size() - 1)[1])) {
            faults.add(type + " has neither a total nor an open end");
        }
    }

    private void constants(String type, List<String[]> table) {
        classes.add(type);
        for (String[] row : table) {
            expect(type + ' ' + row[0], constant(type, name(row[0])), row[1]);
        }
    }

    private long offset(String type, String prefix, String field) {
        String constant = prefix + field.toUpperCase(Locale.ROOT).replace(' ', '_');
        OptionalLong offset = find(type, constant + "_OFFSET");
        return offset.isPresent() ? offset.getAsLong() : constant(type, constant);
    }

    private long constant(String type, String name) {
        OptionalLong value = find(type, name);
        if (value.isEmpty()) {
            faults.add(type + " has no constant " + name);
        }
        return value.orElse(Long.MIN_VALUE);
    }

    private OptionalLong find(String type, String name) {
        try {
            Field field = Class.forName(type).getDeclaredField(name);
            field.setAccessible(true);
            return OptionalLong.of(((Number) field.get(null)).longValue());
        } catch (NoSuchFieldException e) {
            return OptionalLong.empty();
        } catch (ReflectiveOperationException e) {
            throw new AssertionError(type, e);
        }
    }

    private void expect(String what, long expected, String found) {
        if (!found.matches("0x[0-9A-Fa-f]+|\\d+") || Long.decode(found) != expected) {
            faults.add(what + ": the document says " + found + ", expected " + expected);
        }
    }

    private static String name(String cell) {
        return cell.replace("`", "");
    }
}

package dev.quire.cli;

import java.util.ArrayList;
import java.util.List;

/** A report for people: a line a value, parts and rows set in. */
final class TextReport {

    private static final String INDENT = "  ";

    private final StringBuilder out = new StringBuilder();

    static String of(Report report) {
        TextReport text = new TextReport();
        text.items(report, "");
        return text.out.toString();
    }

    private void items(Report report, String indent) {
        int width = 0;
        for (Report.Item item : report.items()) {
            width = item.text() == null ? width : Math.max(width, item.label().length());
        }
        for (Report.Item item : report.items()) {
            item(item, indent, width);
        }
    }

    private void item(Report.Item item, String indent, int width) {
        if (item.text() != null) {
            out.append(indent).append(item.label());
            out.append(" ".repeat(width - item.label().length() + 2));
            out.append(Escapes.line(item.text())).append('\n');
        } else if (item.value() instanceof Report part) {
            out.append(indent).append(item.label()).append('\n');
            items(part, indent + INDENT);
        } else if (item.value() instanceof List<?> list && !list.isEmpty()) {
            out.append(indent).append(item.label()).append('\n');
            list(list, indent + INDENT);
        }
    }

    private void list(List<?> list, String indent) {
        List<Report> rows = new ArrayList<>();
        for (Object each : list) {
            if (each instanceof Report row) {
                rows.add(row);
            } else {
                out.append(indent).append(Escapes.line(String.valueOf(each))).append('\n');
            }
        }
        if (!rows.isEmpty() && isTable(rows)) {
            table(rows, indent);
        } else {
            for (Report row : rows) {
                items(row, indent);
                out.append('\n');
            }
        }
    }

    /** Whether every row has the same plain values. */
    private static boolean isTable(List<Report> rows) {
        List<String> names = rows.get(0).items().stream().map(Report.Item::name).toList();
        return rows.stream()
                .allMatch(row -> row.items().stream().allMatch(item -> item.text() != null)
                        && row.items().stream().map(Report.Item::name).toList().equals(names));
    }

    private void table(List<Report> rows, String indent) {
        List<List<String>> cells = new ArrayList<>();
        cells.add(rows.get(0).items().stream().map(Report.Item::label).toList());
        for (Report row : rows) {
            cells.add(
                    row.items().stream().map(item -> Escapes.line(item.text())).toList());
        }
        int[] widths = new int[cells.get(0).size()];
        for (List<String> line : cells) {
            for (int i = 0; i < widths.length; i++) {
                widths[i] = Math.max(widths[i], line.get(i).length());
            }
        }
        for (List<String> line : cells) {
            StringBuilder text = new StringBuilder(indent);
            for (int i = 0; i < widths.length; i++) {
                boolean number = rows.get(0).items().get(i).value() instanceof Number;
                String gap = " ".repeat(widths[i] - line.get(i).length());
                text.append(number ? gap : "")
                        .append(line.get(i))
                        .append(number ? "" : gap)
                        .append(INDENT);
            }
            out.append(text.toString().stripTrailing()).append('\n');
        }
    }
}

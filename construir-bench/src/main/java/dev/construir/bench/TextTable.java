package dev.construir.bench;

import java.util.ArrayList;
import java.util.List;

/** A table in plain text: the first column is aligned left, all others right, each as wide as its widest cell. */
final class TextTable {
    private final List<List<String>> rows = new ArrayList<>();

    TextTable(String... headings) {
        rows.add(List.of(headings));
    }

    /** Adds a row, which may have fewer cells than there are headings. */
    void add(String... cells) {
        rows.add(List.of(cells));
    }

    /** Returns its lines, the headings first. */
    List<String> lines() {
        int[] widths = new int[rows.get(0).size()];
        for (List<String> row : rows) {
            for (int i = 0; i < row.size(); i++) {
                widths[i] = Math.max(widths[i], row.get(i).length());
            }
        }
        return rows.stream().map(row -> line(row, widths)).toList();
    }

    private static String line(List<String> row, int[] widths) {
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < row.size(); i++) {
            String room = " ".repeat(widths[i] - row.get(i).length());
            line.append(i == 0 ? "" : "  ").append(i == 0 ? row.get(i) + room : room + row.get(i));
        }
        return line.toString().stripTrailing();
    }
}

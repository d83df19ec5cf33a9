package dev.construir.terminal;

import java.io.IOException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The size of a terminal's window.
 *
 * @param rows its rows
 * @param columns its columns
 */
record WindowSize(int rows, int columns) {
    /** What terminals have that say nothing of it. */
    static final WindowSize USUAL = new WindowSize(24, 80);

    private static final Pattern SIZE = Pattern.compile("(\\d{1,5}) (\\d{1,5})");
    private static final int MOST = 65_535;

    /** Returns the size of this process's terminal. */
    static WindowSize of(String stty) throws IOException {
        return parse(RawTerminal.run(stty, "size"));
    }

    /** Returns what {@code stty size} has printed. */
    static WindowSize parse(String said) {
        Matcher matcher = SIZE.matcher(said);
        if (!matcher.matches()) {
            return USUAL;
        }
        int rows = Integer.parseInt(matcher.group(1));
        int columns = Integer.parseInt(matcher.group(2));
        return rows < 1 || columns < 1 || rows > MOST || columns > MOST ? USUAL : new WindowSize(rows, columns);
    }
}

package dev.construir.machine;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The end of what a guest or a hypervisor said, made fit to stand in a message: at most 20 lines of at most 200 characters, without
 * blank lines, terminal sequences (ECMA-48), control characters, and those that reorder or hide text. Immutable.
 *
 * <p>Lines keep their indentation, so that a compiler's mark stays below what it points at.
 *
 * <p>A guest chooses its words, and people read messages on terminals: what is quoted can neither command a terminal nor be taken for
 * a line of the message itself.
 */
public final class TerminalSafeExcerpt {
    private static final int LINES = 20;
    private static final int LENGTH = 200;
    private static final int END = 60; // of a line that is too long: its last characters may tell most
    private static final int TAB = 8; // columns
    private static final String GAP = " ... ";
    private static final char ESCAPE = 0x1b;
    private static final char BELL = 0x07;
    private static final char SEQUENCE = 0x9b; // ESC [ in one character

    private final List<String> lines;

    private TerminalSafeExcerpt(List<String> lines) {
        this.lines = lines;
    }

    /**
     * Quotes the end of a text.
     *
     * @param text what was said
     * @return its last lines
     */
    public static TerminalSafeExcerpt of(String text) {
        Deque<String> last = new ArrayDeque<>();
        for (String line : plain(text).split("\n", -1)) {
            if (!line.isBlank()) {
                last.add(shortened(line.stripTrailing()));
                if (last.size() > LINES) {
                    last.remove();
                }
            }
        }
        return new TerminalSafeExcerpt(List.copyOf(last));
    }

    /**
     * Tells whether nothing was said.
     *
     * @return whether there are no lines
     */
    public boolean isEmpty() {
        return lines.isEmpty();
    }

    /**
     * Returns the lines.
     *
     * @return at most 20 lines, none of them blank
     */
    public List<String> lines() {
        return lines;
    }

    /**
     * Returns the lines as a block of their own, each marked as quoted.
     *
     * @return the lines, each after {@code "  | "} and with a line break between them
     */
    public String block() {
        return lines.stream().map(line -> "  | " + line).collect(Collectors.joining("\n"));
    }

    /** Returns the lines in one, without their indentation, for the middle of a sentence. */
    @Override
    public String toString() {
        return lines.stream().map(String::strip).collect(Collectors.joining("; "));
    }

    private static String shortened(String line) {
        int length = line.codePointCount(0, line.length());
        if (length <= LENGTH) {
            return line;
        }
        int begin = line.offsetByCodePoints(0, LENGTH - END - GAP.length());
        int end = line.offsetByCodePoints(line.length(), -END);
        return line.substring(0, begin) + GAP + line.substring(end);
    }

    private static String plain(String text) {
        StringBuilder plain = new StringBuilder(text.length());
        int at = 0;
        while (at < text.length()) {
            int c = text.codePointAt(at);
            at += Character.charCount(c);
            if (c == ESCAPE) {
                at = afterEscape(text, at);
            } else if (c == SEQUENCE) {
                at = afterSequence(text, at);
            } else if (c == '\n' || c == '\r') { // a carriage return alone would overwrite the line
                plain.append('\n');
            } else if (c == '\t') {
                appendTab(plain);
            } else if (isShown(c)) {
                plain.appendCodePoint(c);
            }
        }
        return plain.toString();
    }

    // Up to the next stop, if every character is one column wide; of those that are not, no two terminals think alike.
    private static void appendTab(StringBuilder plain) {
        int begin = plain.lastIndexOf("\n") + 1;
        int column = plain.codePointCount(begin, plain.length());
        plain.append(" ".repeat(TAB - column % TAB));
    }

    private static int afterEscape(String text, int from) {
        if (from == text.length()) {
            return from;
        }
        char c = text.charAt(from);
        return switch (c) {
            case '[' -> afterSequence(text, from + 1);
            case ']', 'P', 'X', '^', '_' -> afterString(text, from + 1);
            default -> {
                int at = skip(text, from, ' ', '/');
                yield at < text.length() && isIn(text.charAt(at), '0', '~') ? at + 1 : at;
            }
        };
    }

    private static int afterSequence(String text, int from) {
        int at = skip(text, from, ' ', '?');
        return at < text.length() && isIn(text.charAt(at), '@', '~') ? at + 1 : at;
    }

    // A control string, such as a window's title. It ends with its line, so that a guest cannot hide more than that.
    private static int afterString(String text, int from) {
        int at = from;
        while (at < text.length() && text.charAt(at) != '\n' && text.charAt(at) != '\r') {
            char c = text.charAt(at);
            if (c == ESCAPE) {
                return at; // of ESC \, or of the next sequence
            }
            at++;
            if (c == BELL) {
                return at;
            }
        }
        return at;
    }

    private static int skip(String text, int from, char first, char last) {
        int at = from;
        while (at < text.length() && isIn(text.charAt(at), first, last)) {
            at++;
        }
        return at;
    }

    private static boolean isIn(char c, char first, char last) {
        return c >= first && c <= last;
    }

    private static boolean isShown(int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.PRIVATE_USE,
                    Character.UNASSIGNED,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR -> false;
            default -> true;
        };
    }
}

package dev.construir.text;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The end of what a guest or a hypervisor said, made fit to stand in a message: at most 20 lines of at most 200
 * characters, without blank lines, terminal sequences (ECMA-48), control characters, and those that reorder or hide
 * text. Immutable.
 *
 * <p>Lines keep their indentation, so that a compiler's mark stays below what it points at.
 *
 * <p>A guest chooses its words, and people read messages on terminals: what is quoted can neither command a terminal
 * nor be taken for a line of the message itself.
 */
public final class TerminalSafeExcerpt {
    private static final int LINES = 20;
    private static final int LENGTH = 200;
    private static final int END = 60; // of a line that is too long: its last characters may tell most
    private static final int TAB = 8; // columns
    private static final String GAP = " ... ";
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
     * Returns whether nothing was said.
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
        EscapeSequences sequences = new EscapeSequences();
        text.codePoints().forEach(c -> {
            if (sequences.take(c)) {
                return;
            }
            if (c == SEQUENCE) {
                sequences.beginSequence();
            } else if (c == '\n' || c == '\r') { // a carriage return alone would overwrite the line
                plain.append('\n');
            } else if (c == '\t') {
                appendTab(plain);
            } else if (isShown(c)) {
                plain.appendCodePoint(c);
            }
        });
        return plain.toString();
    }

    // Up to the next stop, if every character is one column wide: terminals differ on the width of the others.
    private static void appendTab(StringBuilder plain) {
        int begin = plain.lastIndexOf("\n") + 1;
        int column = plain.codePointCount(begin, plain.length());
        plain.append(" ".repeat(TAB - column % TAB));
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

package dev.construir.text;

/**
 * Makes control characters visible. Names of files and texts of guests may hold any, and terminals obey some. A control
 * character is one of Unicode's category Cc: U+0000 to U+001F and U+007F to U+009F.
 */
public final class ControlCharacters {
    private ControlCharacters() {}

    /**
     * Writes every control character but the line feed as an escape such as {@code \x1b}.
     *
     * @param text any text
     * @return a text that is safe to show; it may have several lines
     */
    public static String escape(String text) {
        return escape(text, "\n");
    }

    /**
     * Writes every control character as an escape such as {@code \x1b}.
     *
     * @param text any text
     * @param lineFeed the text that takes the place of each line feed, such as {@code \n}
     * @return a text that is safe to show
     */
    public static String escape(String text, String lineFeed) {
        if (text.chars().noneMatch(Character::isISOControl)) {
            return text;
        }
        StringBuilder shown = new StringBuilder(text.length() + 16);
        text.codePoints().forEach(c -> {
            if (c == '\n') {
                shown.append(lineFeed);
            } else if (Character.isISOControl(c)) {
                shown.append(String.format("\\x%02x", c));
            } else {
                shown.appendCodePoint(c);
            }
        });
        return shown.toString();
    }

    /**
     * Replaces every control character by a question mark.
     *
     * @param text any text
     * @return a text of the same length in one line
     */
    public static String mask(String text) {
        StringBuilder shown = new StringBuilder(text.length());
        text.chars().forEach(c -> shown.append(Character.isISOControl(c) ? '?' : (char) c));
        return shown.toString();
    }
}

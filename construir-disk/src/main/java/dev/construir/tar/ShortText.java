package dev.construir.tar;

import dev.construir.text.ControlCharacters;

/** Text of an archive, shortened and made printable for a message: the archive is untrusted. */
public final class ShortText {
    private static final String GAP = " ... ";

    private ShortText() {}

    /**
     * Shortens a text.
     *
     * @param text the text
     * @param most how many characters are left of it at most, 20 or more
     * @return its beginning and its end, with question marks for control characters
     */
    public static String of(String text, int most) {
        if (text.length() <= most) {
            return printable(text);
        }
        int end = most / 4;
        return printable(text.substring(0, most - end - GAP.length()))
                + GAP
                + printable(text.substring(text.length() - end));
    }

    private static String printable(String text) {
        return ControlCharacters.mask(text);
    }
}

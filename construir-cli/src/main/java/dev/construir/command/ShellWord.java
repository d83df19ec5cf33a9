package dev.construir.command;

import java.util.regex.Pattern;

/** Writes words as a shell reads them. */
final class ShellWord {
    private static final Pattern PLAIN = Pattern.compile("[\\w./=:@%+,-]+");

    private ShellWord() {}

    /** Returns a word, between single quotes where a shell would not take it as it is. */
    static String quote(String word) {
        return PLAIN.matcher(word).matches() ? word : "'" + word.replace("'", "'\\''") + "'";
    }
}

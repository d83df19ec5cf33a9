package dev.construir.run;

import java.util.List;
import java.util.regex.Pattern;

/** Writes commands for a POSIX shell (XCU 2.2), which takes each word as it is, whatever it holds. */
final class ShellScript {
    private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9%+,./:=@_-]+");

    private ShellScript() {}

    /** Returns a command; every option starts a line. */
    static String command(List<String> words) {
        StringBuilder command = new StringBuilder();
        for (String word : words) {
            if (command.length() > 0) {
                command.append(word.startsWith("-") ? " \\\n    " : " ");
            }
            command.append(quote(word));
        }
        return command.toString();
    }

    private static String quote(String word) {
        return PLAIN.matcher(word).matches() ? word : "'" + word.replace("'", "'\\''") + "'";
    }
}

package dev.construir.command;

import java.util.regex.Pattern;

/** Shortens what libraries and other programs say of their failures to what a person can use. */
final class FailureSummary {
    private static final int LONGEST = 240;
    /** A line of a Java stack trace, or the place of a failed assertion in a program's C source. */
    private static final Pattern TRACE =
            Pattern.compile("\\n\\s*(at [\\w.$/<>]+\\(.*\\)|\\.\\.\\. \\d+ (more|common frames omitted)|Caused by: .*)"
                    + "|\\s*(\\S+: )?\\S+\\.(c|cc|cpp|h):\\d+: \\w+: Assertion [`'\"].*?' failed\\.?");

    private FailureSummary() {}

    /**
     * Returns a text without stack traces and places in source files, in one line, cut at a word if it is still long.
     *
     * @param text what a library said
     */
    static String of(String text) {
        String said = TRACE.matcher(text).replaceAll("").strip().replaceAll("\\s*\\n\\s*", "; ");
        if (said.length() <= LONGEST) {
            return said;
        }
        int space = said.lastIndexOf(' ', LONGEST);
        return said.substring(0, space > 0 ? space : LONGEST) + " ...";
    }
}

package dev.construir.run;

import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.OptionalInt;
import java.util.Set;

/**
 * Finds Windows line ends in a shell script, where a shell takes the carriage return as a part of a word. In here-documents, quotes and
 * comments they are data, or nothing. It knows the shell's quoting (POSIX XCU 2.2, 2.3, 2.7.4) and no more of its grammar: where it is
 * mistaken, the script is left to the guest's shell.
 */
final class ShellText {
    private static final Set<String> SHELLS =
            Set.of("sh", "ash", "dash", "bash", "ksh", "mksh", "zsh", "busybox", "rbash", "posh", "yash");
    private static final int MAX_DOCUMENTS = 100;

    private final String text;
    private final Deque<Document> documents = new ArrayDeque<>();
    private int at;
    private int line = 1;

    /** A here-document whose text begins with the next line. */
    private record Document(String end, boolean tabs) {}

    private ShellText(String text) {
        this.text = text;
    }

    /** Returns whether a shell runs what has this first line. */
    static boolean isForShell(String firstLine) {
        if (!firstLine.startsWith("#!")) {
            return true;
        }
        String[] words = firstLine.substring(2).strip().split("[ \t\r]+");
        if (words[0].isEmpty()) {
            return true;
        }
        int program = name(words[0]).equals("env") ? 1 : 0;
        if (program == 1 && words.length > 2 && words[1].equals("-S")) {
            program = 2;
        }
        return program < words.length && SHELLS.contains(name(words[program]));
    }

    private static String name(String program) {
        return program.substring(program.lastIndexOf('/') + 1);
    }

    /**
     * Returns the first line, from 1, that ends in a carriage return which is part of a command.
     *
     * @param script the script's bytes, or the first of them; what is behind a NUL is a payload
     */
    static OptionalInt carriageReturn(byte[] script) {
        String text = new String(script, StandardCharsets.ISO_8859_1);
        int nul = text.indexOf('\0');
        return new ShellText(nul < 0 ? text : text.substring(0, text.lastIndexOf('\n', nul) + 1)).find();
    }

    private OptionalInt find() {
        int first = text.indexOf('\n');
        if (text.startsWith("#!") && first > 0 && text.charAt(first - 1) == '\r') { // a part of an option, no comment
            return OptionalInt.of(line);
        }
        boolean wordBegins = true;
        while (at < text.length()) {
            char c = text.charAt(at++);
            switch (c) {
                case '\r' -> {
                    if (at < text.length() && text.charAt(at) == '\n') {
                        // A line of other control characters belongs to a payload, as that of a self-extracting script.
                        return isPrintable(text.lastIndexOf('\n', at - 1) + 1, at - 1)
                                ? OptionalInt.of(line)
                                : OptionalInt.empty();
                    }
                }
                case '\n' -> {
                    line++;
                    skipDocuments();
                    if (isEnd()) {
                        return OptionalInt.empty();
                    }
                }
                case '\\' -> {
                    if (text.startsWith("\r\n", at)) {
                        return OptionalInt.of(line);
                    }
                    skip(1);
                }
                case '\'' -> skipTo('\'', at >= 2 && text.charAt(at - 2) == '$');
                case '"', '`' -> skipTo(c, true);
                case '#' -> {
                    if (wordBegins) {
                        int end = text.indexOf('\n', at);
                        at = end < 0 ? text.length() : end;
                    }
                }
                case '(' -> skipArithmetic();
                case '<' -> noteDocument();
                default -> {}
            }
            wordBegins = " \t\n;&|()".indexOf(c) >= 0;
        }
        return OptionalInt.empty();
    }

    private boolean isPrintable(int from, int to) {
        return text.substring(from, to).chars().allMatch(c -> c >= ' ' || c == '\t');
    }

    /** Returns whether the script ends with the line that begins here, so that data may follow. */
    private boolean isEnd() {
        if (!text.startsWith("exit", at)) {
            return false;
        }
        int end = text.indexOf('\n', at);
        return end >= 0 && text.substring(at, end).matches("exit *[0-9]*");
    }

    private void skip(int characters) {
        for (int i = 0; i < characters && at < text.length(); i++) {
            line += text.charAt(at++) == '\n' ? 1 : 0;
        }
    }

    private void skipTo(char quote, boolean escapes) {
        while (at < text.length()) {
            char c = text.charAt(at);
            skip(1);
            if (c == quote) {
                return;
            } else if (c == '\\' && escapes) {
                skip(1);
            }
        }
    }

    /** Skips {@code ((...))} on one line, where {@code <<} is a shift. */
    private void skipArithmetic() {
        if (at >= text.length() || text.charAt(at) != '(') {
            return;
        }
        int end = text.indexOf("))", at);
        int lineEnd = text.indexOf('\n', at);
        if (end >= 0 && (lineEnd < 0 || end < lineEnd)) {
            at = end + 2;
        }
    }

    private void noteDocument() {
        if (!text.startsWith("<", at)) {
            return;
        }
        at++;
        if (text.startsWith("<", at)) { // <<< takes a word
            at++;
            return;
        }
        boolean tabs = text.startsWith("-", at);
        at += tabs ? 1 : 0;
        while (at < text.length() && (text.charAt(at) == ' ' || text.charAt(at) == '\t')) {
            at++;
        }
        StringBuilder end = new StringBuilder();
        while (at < text.length() && " \t\r\n;&|()<>".indexOf(text.charAt(at)) < 0) {
            char c = text.charAt(at++);
            if (c == '\'' || c == '"') {
                int close = text.indexOf(c, at);
                if (close < 0) {
                    return;
                }
                end.append(text, at, close);
                at = close + 1;
            } else if (c != '\\') {
                end.append(c);
            }
        }
        if (end.length() > 0 && documents.size() < MAX_DOCUMENTS) {
            documents.add(new Document(end.toString(), tabs));
        }
    }

    private void skipDocuments() {
        while (!documents.isEmpty()) {
            Document document = documents.remove();
            boolean ended = false;
            while (!ended && at < text.length()) {
                int end = text.indexOf('\n', at);
                String content = text.substring(at, end < 0 ? text.length() : end);
                ended = document.end().equals(document.tabs() ? content.replaceFirst("^\t+", "") : content);
                at = end < 0 ? text.length() : end + 1;
                line++;
            }
        }
    }
}

package dev.construir.run;

import java.nio.channels.ClosedByInterruptException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.Set;

/**
 * Finds line ends and byte-order marks in a shell script that a shell takes as a part of a word. In here-documents,
 * quotes and comments they are data, or nothing. It knows the shell's quoting (POSIX XCU 2.2, 2.3, 2.6, 2.7.4) and no
 * more of its grammar: where it is in doubt, the script is left to the guest's shell. The time it takes grows as the
 * script does.
 */
final class ShellText {
    static final String BYTE_ORDER_MARK = "\u00ef\u00bb\u00bf"; // in UTF-8, read as Latin-1

    private static final Set<String> SHELLS =
            Set.of("sh", "ash", "dash", "bash", "ksh", "mksh", "zsh", "busybox", "rbash", "posh", "yash");
    private static final int MAX_DOCUMENTS = 100;
    private static final int MAX_DEPTH = 100;

    private final String text;
    private final boolean whole;
    private final boolean oneLine;
    private final Next lineEnd = new Next("\n");
    private final Next arithmeticEnd = new Next("))");
    private final Next singleQuote = new Next("'");
    private final Next doubleQuote = new Next("\"");

    private final Deque<Document> documents = new ArrayDeque<>();
    private final Deque<Character> open = new ArrayDeque<>(); // strings, and the commands whose output is put into them
    private int at;
    private int line = 1;
    private int returns;
    private boolean wordBegins = true;
    private boolean doubt;

    /** What a shell takes as a part of a word. */
    enum Fault {
        /** A line end of Windows. */
        CR_LF,
        /** A carriage return that ends the script. */
        LAST_CR,
        /** Carriage returns in a script without any line feed. */
        CR_ONLY,
        /** A byte-order mark that begins a line. */
        BYTE_ORDER_MARK
    }

    /** A fault, and the line that it is in, from 1. */
    record FaultyLine(Fault fault, int line) {}

    /** A here-document whose text begins with the next line. */
    private record Document(String end, boolean tabs) {}

    /** The next place of something: the text is searched once, however often that is asked for. */
    private final class Next {
        private final String wanted;
        private int found = -1;

        Next(String wanted) {
            this.wanted = wanted;
        }

        int from(int place) {
            if (found < place) {
                int next = text.indexOf(wanted, place);
                found = next < 0 ? text.length() : next;
            }
            return found;
        }
    }

    private ShellText(String text, boolean whole) {
        this.text = text;
        this.whole = whole;
        this.oneLine = whole && text.indexOf('\n') < 0;
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
     * Returns the first fault.
     *
     * @param script the script's bytes, or the first of them; what is behind a NUL is a payload
     * @param whole whether these are all of them
     * @throws ClosedByInterruptException if the thread is interrupted; it stays so
     */
    static Optional<FaultyLine> find(byte[] script, boolean whole) throws ClosedByInterruptException {
        String text = new String(script, StandardCharsets.ISO_8859_1);
        int nul = text.indexOf('\0');
        return nul < 0
                ? new ShellText(text, whole).find()
                : new ShellText(text.substring(0, text.lastIndexOf('\n', nul) + 1), false).find();
    }

    private Optional<FaultyLine> find() throws ClosedByInterruptException {
        int first = lineEnd.from(0);
        int firstReturn = text.indexOf('\r');
        if (oneLine && text.startsWith("#") && firstReturn >= 0 && firstReturn < first - 1) { // all of it is a comment
            return Optional.of(new FaultyLine(Fault.CR_ONLY, line));
        }
        if (text.startsWith("#!") && endsLine(first - 1)) { // a part of an option, no comment
            return found(first - 1);
        }
        while (at < text.length() && !doubt) {
            if (Thread.currentThread().isInterrupted()) {
                throw new ClosedByInterruptException();
            }
            if (!open.isEmpty() && open.peek() == '"') {
                skipString();
                continue;
            }
            int here = at++;
            char c = text.charAt(here);
            if (endsLine(here)) {
                return found(here);
            } else if (c == '\\' && endsLine(at)) {
                return found(at);
            } else if (c == '\r' && oneLine && ++returns > 1) {
                return Optional.of(new FaultyLine(Fault.CR_ONLY, line));
            } else if (c == '\n') {
                line++;
                skipDocuments();
                if (isEnd()) {
                    return Optional.empty();
                } else if (isMarked()) {
                    return Optional.of(new FaultyLine(Fault.BYTE_ORDER_MARK, line));
                }
            }
            pass(c);
            wordBegins = " \t\n;&|()".indexOf(c) >= 0;
        }
        return Optional.empty();
    }

    private void pass(char c) {
        boolean nested = !open.isEmpty();
        switch (c) {
            case '\\' -> skip(1);
            case '\'' -> skipLiteral(at >= 2 && text.charAt(at - 2) == '$');
            case '"' -> push('"');
            case '`' -> skipTo(c, true);
            case '#' -> at = wordBegins ? lineEnd.from(at) : at;
            case '(' -> {
                if (!skipArithmetic() && nested) {
                    push('(');
                }
            }
            case ')' -> {
                if (nested) {
                    open.pop();
                }
            }
            case 'c' -> doubt |= nested && wordBegins && text.startsWith("ase", at); // has single parentheses
            case '<' -> noteDocument();
            default -> {}
        }
    }

    /** Returns whether a carriage return is there which a shell takes as a part of a line's last word. */
    private boolean endsLine(int place) {
        return place >= 0
                && place < text.length()
                && text.charAt(place) == '\r'
                && (place + 1 == text.length() ? whole : text.charAt(place + 1) == '\n');
    }

    /** A line of other control characters belongs to a payload, as that of a self-extracting script. */
    private Optional<FaultyLine> found(int place) {
        int from = text.lastIndexOf('\n', place) + 1;
        boolean printable = text.substring(from, place).chars().allMatch(c -> c >= ' ' || c == '\t' || c == '\r');
        boolean last = place + 1 == text.length();
        Fault fault = !last ? Fault.CR_LF : returns > 0 ? Fault.CR_ONLY : Fault.LAST_CR;
        return printable ? Optional.of(new FaultyLine(fault, line)) : Optional.empty();
    }

    /** Returns whether the script ends with the line that begins here, so that data may follow. */
    private boolean isEnd() {
        return text.startsWith("exit", at)
                && lineEnd.from(at) < text.length()
                && text.substring(at, lineEnd.from(at)).matches("exit *[0-9]*");
    }

    /**
     * Returns whether the line that begins here has a byte-order mark in its command. It may be a pattern of {@code
     * case}.
     */
    private boolean isMarked() {
        return text.startsWith(BYTE_ORDER_MARK, at)
                && !text.substring(at, lineEnd.from(at)).contains(")");
    }

    private void push(char opening) {
        doubt |= open.size() == MAX_DEPTH;
        open.push(opening);
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

    /** Skips text in single quotes. Behind a dollar some shells know escapes in it, and others do not. */
    private void skipLiteral(boolean dollar) {
        skipTo('\'', false);
        int backslashes = 0;
        while (dollar && at - 2 - backslashes >= 0 && text.charAt(at - 2 - backslashes) == '\\') {
            backslashes++;
        }
        doubt |= backslashes % 2 == 1;
    }

    /**
     * Skips a string to its end, or to a command whose output is put into it: that has quotes and here-documents of its
     * own.
     */
    private void skipString() {
        while (at < text.length()) {
            char c = text.charAt(at);
            skip(1);
            if (c == '"') {
                open.pop();
                return;
            } else if (c == '\\') {
                skip(1);
            } else if (c == '`') {
                skipTo(c, true);
            } else if (c == '$' && text.startsWith("(", at)) {
                at++;
                if (!skipArithmetic()) {
                    push('(');
                    wordBegins = true;
                    return;
                }
            }
        }
    }

    /** Skips {@code ((...))} on one line, where {@code <<} is a shift; returns whether it did. */
    private boolean skipArithmetic() {
        int end = arithmeticEnd.from(at);
        boolean plain = end < lineEnd.from(at) && end < singleQuote.from(at) && end < doubleQuote.from(at);
        if (!plain || !text.startsWith("(", at)) {
            return false;
        }
        at = end + 2;
        return true;
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
                int close = (c == '"' ? doubleQuote : singleQuote).from(at);
                if (close > lineEnd.from(at)) {
                    doubt = true;
                    return;
                }
                end.append(text, at, close);
                at = close + 1;
            } else if (c != '\\') {
                end.append(c);
            }
        }
        doubt |= end.isEmpty() || documents.size() == MAX_DOCUMENTS;
        documents.add(new Document(end.toString(), tabs));
    }

    private void skipDocuments() {
        while (!documents.isEmpty()) {
            Document document = documents.remove();
            boolean ended = false;
            while (!ended && at < text.length()) {
                int end = lineEnd.from(at);
                String content = text.substring(at, end);
                ended = document.end().equals(document.tabs() ? content.replaceFirst("^\t+", "") : content);
                at = Math.min(end + 1, text.length());
                line++;
            }
        }
    }
}

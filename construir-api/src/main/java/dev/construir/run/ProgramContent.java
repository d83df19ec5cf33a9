package dev.construir.run;

import dev.construir.machine.Architecture;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.ClosedByInterruptException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;

/**
 * What a job's program holds: whether the guest's kernel, or a shell there, can run it, as far as its first bytes say.
 */
final class ProgramContent {
    private static final int FIRST_LINE = 256; // Linux: execve(2)
    /** As much of a script as is searched. */
    private static final int SCRIPT = 256 << 10;

    private static final String WHITE_SPACE = " \t\n\u000b\f\r";

    private final byte[] content;
    private final byte[] head;
    private final String start;
    private final String path;

    private ProgramContent(byte[] content, String path) {
        this.content = content;
        this.head = Arrays.copyOf(content, Math.min(content.length, ForeignProgram.HEAD));
        this.start = new String(head, StandardCharsets.ISO_8859_1);
        this.path = path;
    }

    /**
     * Why a program cannot run.
     *
     * @param isNotFound whether its interpreter is missing, and not the program itself wrong
     * @param what what it is or has, and what to do, to be said after its name
     */
    record Flaw(boolean isNotFound, String what) {
        private static Optional<Flaw> notFound(String what) {
            return Optional.of(new Flaw(true, what));
        }

        private static Optional<Flaw> notExecutable(String what) {
            return Optional.of(new Flaw(false, what));
        }
    }

    /**
     * Reads a program.
     *
     * @param in the program
     * @param path its name, for a command that mends it
     */
    static ProgramContent read(InputStream in, String path) throws IOException {
        return new ProgramContent(in.readNBytes(SCRIPT), path);
    }

    /**
     * Returns what is wrong with it, if anything is.
     *
     * @param kernel what the image's kernel executes; nothing where the system behind it may execute anything
     * @throws ClosedByInterruptException if the thread is interrupted; it stays so
     */
    Optional<Flaw> flaw(Optional<Architecture> kernel) throws ClosedByInterruptException {
        if (content.length == 0) {
            return Flaw.notExecutable("is empty; put a program or a script there");
        } else if (isWhole() && isBlank()) {
            return Flaw.notExecutable("holds nothing but white space; put a program or a script there");
        }
        Optional<Flaw> encoding = encoding();
        if (encoding.isPresent()) {
            return encoding;
        }
        int end = start.indexOf('\n');
        String firstLine = end < 0 ? start : start.substring(0, end);
        if (firstLine.startsWith("#!")) {
            Optional<Flaw> interpreter = interpreter(firstLine);
            if (interpreter.isPresent()) {
                return interpreter;
            }
        } else {
            Optional<String> foreign = kernel.flatMap(image -> ForeignProgram.describe(head, image));
            if (foreign.isPresent()) {
                return Flaw.notExecutable(foreign.get());
            }
        }
        return ShellText.isForShell(firstLine)
                ? ShellText.find(content, isWhole()).flatMap(this::describe)
                : Optional.empty();
    }

    private boolean isWhole() {
        return content.length < SCRIPT;
    }

    private boolean isBlank() {
        for (byte b : content) {
            if (WHITE_SPACE.indexOf(b) < 0) {
                return false;
            }
        }
        return true;
    }

    /** Finds what no kernel and no shell takes for a script, although an editor shows it as one. */
    private Optional<Flaw> encoding() {
        if (start.startsWith("\u00ff\u00fe")
                || start.startsWith("\u00fe\u00ff")
                || start.startsWith("#\0!\0")
                || start.startsWith("\0#\0!")) {
            boolean wide = start.startsWith("\u00ff\u00fe\0\0");
            String encoding = wide ? "UTF-32" : "UTF-16";
            return Flaw.notExecutable("is text in " + encoding + ", and scripts have to be in UTF-8; run: iconv -f "
                    + encoding + " -t UTF-8 " + path + ", and save what it prints");
        }
        int second = start.startsWith("#!") ? start.indexOf('\n') + 1 : 0;
        return start.startsWith(ShellText.BYTE_ORDER_MARK, second)
                ? byteOrderMark(second == 0 ? 1 : 2)
                : Optional.empty();
    }

    /** Finds names of interpreters that are none, in the first line as Linux reads it. */
    private Optional<Flaw> interpreter(String firstLine) {
        String line = firstLine.substring(2, Math.min(FIRST_LINE, firstLine.length()));
        String[] words = line.replace('\t', ' ').replaceFirst("^ +", "").split(" +");
        if (words.length == 0 || words[0].isEmpty()) {
            return firstLine.length() < FIRST_LINE
                    ? Flaw.notExecutable("names no interpreter behind #!; name one there, for example #!/bin/sh")
                    : Optional.empty();
        }
        // Behind other programs it is an option's last character, which some of them take.
        boolean inName = words[0].contains("\r")
                || (words[0].endsWith("/env") && words.length > 1 && words[1].contains("\r"))
                || words[words.length - 1].equals("\r");
        return inName
                ? Flaw.notFound("has " + (hasReturnsOnly() ? "line ends of a CR alone" : "Windows line ends (CR LF)")
                        + ", and no image has an interpreter whose name has a CR; " + repair(hasReturnsOnly()))
                : Optional.empty();
    }

    /** Returns whether it is one line to Linux and several to who wrote it. */
    private boolean hasReturnsOnly() {
        String text = new String(content, StandardCharsets.ISO_8859_1).stripTrailing();
        return isWhole() && text.indexOf('\n') < 0 && text.indexOf('\r') >= 0;
    }

    private Optional<Flaw> describe(ShellText.FaultyLine finding) {
        String line = " in line " + finding.line();
        String taken = ", and a shell takes the CR as a part of the command; ";
        return switch (finding.fault()) {
            case BYTE_ORDER_MARK -> byteOrderMark(finding.line());
            case CR_LF -> Flaw.notExecutable("has a Windows line end (CR LF)" + line + taken + repair(false));
            case LAST_CR -> Flaw.notExecutable("has a Windows line end (CR)" + line + taken + repair(false));
            case CR_ONLY ->
                Flaw.notExecutable(
                        "has line ends of a CR alone, and a shell takes all of it as one line; " + repair(true));
        };
    }

    private String repair(boolean returnsOnly) {
        return (returnsOnly ? "run: sed -i 's/\\r/\\n/g' " : "run: sed -i 's/\\r$//' ") + path;
    }

    private Optional<Flaw> byteOrderMark(int line) {
        return Flaw.notExecutable("has a byte-order mark (BOM) at the beginning of line " + line
                + ", which makes another command of it; run: sed -i 's/^\\xEF\\xBB\\xBF//' " + path);
    }
}

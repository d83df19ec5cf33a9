package dev.construir.terminal;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/**
 * Where the command writes and reads.
 *
 * @param out takes results and nothing else
 * @param err takes everything else
 * @param outIsTerminal whether a person's terminal shows {@code out}
 * @param errIsTerminal whether a person's terminal shows {@code err}
 * @param keyboard what is typed at the command
 */
public record Streams(
        OutputStream out, PrintStream err, boolean outIsTerminal, boolean errIsTerminal, Keyboard keyboard) {
    /** The streams of a command that reads nothing. */
    public Streams(OutputStream out, PrintStream err, boolean outIsTerminal, boolean errIsTerminal) {
        this(out, err, outIsTerminal, errIsTerminal, Keyboard.NONE);
    }

    /**
     * Returns the streams of this process. Java does not recognise a terminal: the launcher reports it by system
     * properties.
     */
    public static Streams ofProcess() {
        return new Streams(
                InheritedDescriptors.stdout(),
                new PrintStream(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8),
                isTerminal("construir.stdout"),
                isTerminal("construir.stderr"),
                Keyboard.ofProcess());
    }

    // Untold, and since JDK 22, it takes everything for a terminal: then too much is filtered, which is the safe side.
    @SuppressWarnings("SystemConsoleNull")
    private static boolean isTerminal(String property) {
        String value = System.getProperty(property);
        return value == null ? System.console() != null : value.equals("terminal");
    }
}

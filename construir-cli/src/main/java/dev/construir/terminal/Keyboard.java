package dev.construir.terminal;

import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.InputStream;

/**
 * What is typed at the command.
 *
 * @param in the bytes, as they come
 * @param isTerminal whether a person types them
 * @param stty the program that sets the terminal's modes
 */
public record Keyboard(InputStream in, boolean isTerminal, String stty) {
    /** Nobody types. */
    static final Keyboard NONE = new Keyboard(InputStream.nullInputStream(), false, "stty");

    /** Returns this process's stdin, which is no terminal unless the launcher says that it is one. */
    static Keyboard ofProcess() {
        return new Keyboard(
                new FileInputStream(FileDescriptor.in),
                System.getProperty("construir.stdin", "").equals("terminal"),
                "stty");
    }
}
